import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { AlarmDefinition } from './alarm-definition.ts';
import { firewallMetric, queueMetric, sumOf } from './metrics.ts';

/** Blocked requests in 5 minutes that are no longer the internet's usual noise. */
const BLOCKED_SPIKE = 1_000;

export function securityAlarms(
  aclMetricName: string,
  region: string | undefined,
  undelivered: readonly IQueue[],
): AlarmDefinition[] {
  return [
    {
      name: 'waf-blocked-spike',
      says: `The firewall blocked more than ${BLOCKED_SPIKE} requests in 5 minutes: an attack, or a bad rule.`,
      metric: firewallMetric(aclMetricName, region, 'BlockedRequests'),
      threshold: BLOCKED_SPIKE,
      to: 'security',
    },
    {
      name: 'alerts-undelivered',
      says: 'Findings, events or mails did not reach anybody; they lie in a dead-letter queue of alerts.',
      metric: sumOf(
        undelivered.map((queue) => queueMetric(queue, 'ApproximateNumberOfMessagesVisible', 'Maximum')),
        'Undelivered alerts',
      ),
      threshold: 0,
    },
  ];
}
