import type { Resource, TemplateModel } from '../../infra/checks/template-model.ts';
import { at, flatText, items, numberOf } from '../../infra/nag/template-values.ts';
import type { Component } from '../bill/usage.ts';
import { agentMetrics } from './agent-metrics.ts';
import { type Instances, instancesOf, NAT } from './instances.ts';
import { free, type Part, type Registry } from './reader.ts';
import { byTheHour, byTheMonth } from './standing.ts';

/** Metrics of an instance with detailed monitoring, in AWS's example of what it costs (CloudWatch's pricing page). */
const DETAILED_METRICS = 7;
/** Root volume of Amazon Linux, where a template names none. */
const IMAGE_DISK_GB = 8;
/** What a gp3 volume does for its price by size. */
const GP3_OPERATIONS = 3_000;
const GP3_MB_PER_SECOND = 125;

export const COMPUTE: Registry = {
  'AWS::AutoScaling::AutoScalingGroup': { fixed: running },
  'AWS::EC2::Instance': { fixed: running },
  ...free('an instance is paid for with its group', 'AWS::EC2::LaunchTemplate'),
  ...free('hooks cost nothing', 'AWS::AutoScaling::LifecycleHook'),
};

function running(found: readonly Resource[], template: TemplateModel): Part[] {
  const ids = new Set(found.map(({ id }) => id));
  return instancesOf(template)
    .filter(({ logicalId, count }) => ids.has(logicalId) && count > 0)
    .flatMap(costOf);
}

function costOf(group: Instances): Part[] {
  const { logicalId, name, count, spot, type, machine } = group;
  if (machine === undefined || type === '') {
    return [{ logicalId, why: 'its launch template or its instance type cannot be read' }];
  }
  const component: Component = name.startsWith(`${NAT}-`) ? 'network' : 'fleet';
  const whose = component === 'network' ? 'NAT instance' : 'fleet';
  const note = `${type}, within its CPU credits`;
  const each = { component, note } as const;
  return [
    ...byTheHour({ ...each, what: `${whose}: instances`, price: `ec2.${type}`, count: count - spot }),
    ...byTheHour({ ...each, what: `${whose}: spot instances`, price: `ec2.spot.${type}`, count: spot }),
    ...disks(group, component, whose),
    ...byTheHour({
      component,
      what: `${whose}: public addresses of instances`,
      price: 'ipv4',
      count: hasPublicAddress(group) ? count : 0,
    }),
    ...byTheMonth({
      component: 'monitoring',
      what: `${whose}: detailed monitoring`,
      price: 'cw.metric',
      count: isMonitored(machine) ? count * DETAILED_METRICS : 0,
      note: `${DETAILED_METRICS} metrics of each instance, as in AWS's example`,
      basis: 'assumed',
    }),
    ...agentMetrics(group, whose),
  ];
}

function disks({ logicalId, machine, count }: Instances, component: Component, whose: string): Part[] {
  const volumes = items(at(machine, 'BlockDeviceMappings'))
    .map((mapping) => at(mapping, 'Ebs'))
    .filter((volume) => volume !== undefined);
  const common = { component, what: `${whose}: disks`, price: 'ebs.gp3' } as const;
  if (volumes.length === 0) {
    const note = `${count} × ${IMAGE_DISK_GB} GB, as the image has it`;
    return byTheMonth({ ...common, count: count * IMAGE_DISK_GB, note, basis: 'assumed' });
  }
  const odd = volumes.filter((volume) => !isPlainGp3(volume));
  if (odd.length > 0) return [{ logicalId, why: `a volume that is not a plain gp3: ${JSON.stringify(odd)}` }];
  const sizes = volumes.map((volume) => numberOf(at(volume, 'VolumeSize'), `the disk of ${logicalId}`));
  const gb = sizes.reduce((sum, size) => sum + size, 0);
  return byTheMonth({ ...common, count: count * gb, note: `${count} × ${gb} GB` });
}

function isPlainGp3(volume: unknown): boolean {
  const within = (name: string, most: number) => numberOf(at(volume, name) ?? most, name) <= most;
  return (
    flatText(at(volume, 'VolumeType')) === 'gp3' &&
    within('Iops', GP3_OPERATIONS) &&
    within('Throughput', GP3_MB_PER_SECOND)
  );
}

/** An interface that is there already has whatever address it has by itself. */
function hasPublicAddress({ machine, inPublicSubnets }: Instances): boolean {
  const interfaces = items(at(machine, 'NetworkInterfaces'));
  if (interfaces.length === 0) return inPublicSubnets;
  return interfaces.some((each) => at(each, 'AssociatePublicIpAddress') === true);
}

/** Said as `Monitoring: { Enabled }` by launch templates, and as `Monitoring` by instances. */
function isMonitored(machine: unknown): boolean {
  const monitoring = at(machine, 'Monitoring');
  return monitoring === true || at(monitoring, 'Enabled') === true;
}
