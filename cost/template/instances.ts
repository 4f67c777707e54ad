import type { Resource, TemplateModel } from '../../infra/checks/template-model.ts';
import { physicalName } from '../../infra/checks/template-model.ts';
import { at, flatText, items, numberOf } from '../../infra/nag/template-values.ts';
import { workerTakesWork } from './sources.ts';

/** Name of the Auto Scaling group of workers, without its suffix. */
export const FLEET = 'payment-asg';
export const NAT = 'payment-nat';

/** Servers that are there all month: of an Auto Scaling group as many as its least size. */
export interface Instances {
  readonly logicalId: string;
  readonly name: string;
  readonly count: number;
  /** How many of them are spot instances. */
  readonly spot: number;
  readonly type: string;
  /** A launch template's data, or an instance's properties with the same names; undefined: not in the template. */
  readonly machine: unknown;
  /** Whether its subnets give out public addresses. */
  readonly inPublicSubnets: boolean;
}

export function instancesOf(template: TemplateModel): Instances[] {
  return [
    ...template.ofType('AWS::AutoScaling::AutoScalingGroup').map((group) => ofGroup(group, template)),
    ...template.ofType('AWS::EC2::Instance').map((instance) => ({
      logicalId: instance.id,
      name: instance.id,
      count: 1,
      spot: 0,
      type: flatText(at(instance.properties, 'InstanceType')),
      machine: instance.properties,
      inPublicSubnets: givesAddresses(at(instance.properties, 'SubnetId'), template),
    })),
  ];
}

function ofGroup(group: Resource, template: TemplateModel): Instances {
  const { id, properties } = group;
  const name = physicalName(group);
  const mixed = at(properties, 'MixedInstancesPolicy');
  const launch = at(mixed, 'LaunchTemplate') ?? at(properties, 'LaunchTemplate');
  const specification = at(mixed, 'LaunchTemplate', 'LaunchTemplateSpecification') ?? launch;
  const [launchTemplate] = template.referred(specification, 'AWS::EC2::LaunchTemplate');
  const machine = at(launchTemplate?.properties, 'LaunchTemplateData');
  const size = at(properties, 'DesiredCapacity') ?? at(properties, 'MinSize');
  const least = numberOf(size, `the size of ${id}`);
  // Where nobody else takes work from the queue, the group does not stay at nothing.
  const count = name.startsWith(`${FLEET}-`) && !workerTakesWork(template) ? Math.max(1, least) : least;
  const [override] = items(at(launch, 'Overrides'));
  return {
    logicalId: id,
    name,
    count,
    spot: count - onDemand(count, at(mixed, 'InstancesDistribution'), mixed !== undefined),
    type: flatText(at(override, 'InstanceType')) || flatText(at(machine, 'InstanceType')),
    machine,
    inPublicSubnets: givesAddresses(at(properties, 'VPCZoneIdentifier'), template),
  };
}

function onDemand(count: number, distribution: unknown, isMixed: boolean): number {
  if (!isMixed) return count;
  const value = (name: string, fallback: number) => numberOf(at(distribution, name) ?? fallback, name);
  const base = Math.min(count, value('OnDemandBaseCapacity', 0));
  return base + Math.ceil(((count - base) * value('OnDemandPercentageAboveBaseCapacity', 100)) / 100);
}

function givesAddresses(subnets: unknown, template: TemplateModel): boolean {
  return template
    .referred(subnets, 'AWS::EC2::Subnet')
    .some(({ properties }) => at(properties, 'MapPublicIpOnLaunch') === true);
}
