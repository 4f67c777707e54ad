import type { Usage } from '../bill/usage.ts';
import { HOURS_PER_MONTH } from '../model/stated.ts';
import { declared } from './declared.ts';

/** What stands there whether payments come or not. */
export function standing(natGateways: number): readonly Usage[] {
  const zones =
    natGateways === 1 ? '`nat_gateways=1`' : `one in each of ${natGateways} zones, CDK's default for its VPC`;
  return [
    declared('network', 'hours of NAT gateways', 'nat.hour', natGateways * HOURS_PER_MONTH, zones),
    declared(
      'network',
      'hours of public addresses',
      'ipv4',
      natGateways * HOURS_PER_MONTH,
      'one for each NAT gateway',
    ),
    declared(
      'fleet',
      'hours of t3.small',
      'ec2.t3.small',
      2 * HOURS_PER_MONTH,
      '`desired_capacity=2`; they run no work',
    ),
    declared('fleet', 'disks, GB-months', 'ebs.gp3', 2 * 8, '8 GB each, counted as gp3, the cheapest'),
    declared('firewall', 'web ACL', 'waf.acl', 1, 'one, regional'),
    declared(
      'firewall',
      'rules and rule groups',
      'waf.rule',
      3,
      'rate limit, SQLi group, known-bad-inputs group',
    ),
    declared('security', 'secrets', 'secrets.secret', 1, '`payment-db-credentials`, which nothing reads'),
    declared(
      'monitoring',
      'alarms',
      'cw.alarm',
      8,
      'five of its own, two of target tracking, one of the memory steps',
    ),
    declared('monitoring', 'dashboards', 'cw.dashboard', 3, 'costs, security, operations'),
    declared(
      'monitoring',
      'detailed metrics of the API',
      'cw.metric',
      15,
      '`metrics_enabled=True`: 3 methods, each Count, Latency, IntegrationLatency, 4XXError, 5XXError',
    ),
  ];
}
