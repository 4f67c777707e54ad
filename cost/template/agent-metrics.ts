import { at, flatText, items } from '../../infra/nag/template-values.ts';
import type { Instances } from './instances.ts';
import type { Part } from './reader.ts';
import { byTheMonth } from './standing.ts';

/**
 * The metrics that the CloudWatch agent of a group's instances sends: each measurement once for each set of dimensions.
 * A set without the instance in it is one metric for the whole group.
 */
export function agentMetrics({ logicalId, machine, count }: Instances, whose: string): Part[] {
  const script = flatText(at(machine, 'UserData', 'Fn::Base64') ?? at(machine, 'UserData'));
  if (!script.includes('amazon-cloudwatch-agent')) return [];
  const agent = configuration(script);
  if (agent === undefined) {
    return [{ logicalId, why: 'its CloudWatch agent sends metrics that cannot be read in its user data' }];
  }
  let shared = 0;
  let perInstance = 0;
  for (const [plugin, collected] of Object.entries(at(agent, 'metrics', 'metrics_collected') ?? {})) {
    const resources = items(at(collected, 'resources'));
    if (resources.includes('*')) {
      return [
        {
          logicalId,
          why: `its CloudWatch agent measures ${plugin} of each resource, however many there are`,
        },
      ];
    }
    const measured = items(at(collected, 'measurement')).length * Math.max(1, resources.length);
    shared += measured * groupSets(agent, collected).size;
    perInstance += measured * (namesInstance(agent) ? 1 : 0);
  }
  return byTheMonth({
    component: 'monitoring',
    what: `${whose}: metrics of the CloudWatch agent`,
    price: 'cw.metric',
    count: shared + perInstance * count,
    note: `${shared} of the group, ${perInstance} of each instance`,
  });
}

/** The agent's configuration, from the file that the script writes; undefined: there is none in it. */
function configuration(script: string): unknown {
  const files = [...script.matchAll(/<<-?\s*['"]?(\w+)['"]?\n([\s\S]*?)\n\1(?:\n|$)/g)];
  const found = files.map(([, , text]) => text ?? '').find((text) => text.includes('"metrics_collected"'));
  return found === undefined ? undefined : JSON.parse(found);
}

/** Sets of dimensions that all instances have in common, each once. */
function groupSets(agent: unknown, collected: unknown): Set<string> {
  const nameOf = (keys: readonly unknown[]) => keys.map(String).toSorted().join();
  const sets = new Set(
    items(at(agent, 'metrics', 'aggregation_dimensions')).map((keys) => nameOf(items(keys))),
  );
  if (!namesInstance(agent)) sets.add(nameOf(Object.keys(at(collected, 'append_dimensions') ?? {})));
  return sets;
}

/** By itself the agent adds the host's name. */
function namesInstance(agent: unknown): boolean {
  return (
    at(agent, 'metrics', 'append_dimensions', 'InstanceId') !== undefined ||
    at(agent, 'agent', 'omit_hostname') !== true
  );
}
