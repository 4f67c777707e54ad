import type { Usage } from '../bill/usage.ts';
import type { DeploymentFacts } from '../template/facts.ts';
import type { Load } from './load.ts';
import { AGENT_REQUESTS_PER_MINUTE, HOURS_PER_MONTH } from './stated.ts';

/** Instances beyond those that the template has always, and what the agent of each asks of CloudWatch. */
export function fleetUsages({ facts, load }: { facts: DeploymentFacts; load: Load }): Usage[] {
  if (!facts.fleet || !load.fleet) return [];
  const more = load.fleet.instances - facts.fleet.instances;
  const { instanceType, spot } = facts.fleet;
  const usages: Usage[] = [
    {
      component: 'fleet',
      what: "metrics sent by the instances' agents",
      price: 'cw.putmetric',
      quantity: load.fleet.instances * AGENT_REQUESTS_PER_MINUTE * HOURS_PER_MONTH * 60,
      basis: 'assumed',
      derivation: `${AGENT_REQUESTS_PER_MINUTE} request a minute from each`,
    },
  ];
  if (more > 0) {
    usages.push({
      component: 'fleet',
      what: `${more} instances more`,
      price: spot ? `ec2.spot.${instanceType}` : `ec2.${instanceType}`,
      quantity: more * HOURS_PER_MONTH,
      basis: 'metered',
      derivation: 'as many as the work needs on the share of a core that they may use for ever',
    });
  }
  return usages;
}
