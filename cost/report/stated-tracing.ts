import { TRACED_BY_DEFAULT } from '../model/stated.ts';
import type { DeploymentFacts, FunctionName } from '../template/facts.ts';
import { percent } from './amounts.ts';
import type { TextTable } from './text-table.ts';

/** What X-Ray records, as a template has it. */
export interface Traced {
  /** Share of the requests that the gateway takes; null where no gateway decides on it. */
  readonly requests: number | null;
  /** Functions that are traced by their own decision and not by the gateway's. */
  readonly functions: readonly FunctionName[];
}

export function tracedOf({ edge, functions }: DeploymentFacts): Traced {
  const requests = edge.kind === 'rest' ? edge.tracedShare : null;
  // What the gateway has decided on is counted with its requests.
  const follow: readonly FunctionName[] = requests === null ? [] : ['api', 'authorizer'];
  const names = Object.keys(functions) as FunctionName[];
  return {
    requests,
    functions: names.filter((name) => functions[name].traced && !follow.includes(name)),
  };
}

export interface TracedSystem {
  readonly name: string;
  readonly traced: Traced;
}

export function tracingLines(systems: readonly TracedSystem[]): string[] {
  return systems.map(({ name, traced }) => `traced in ${name}: ${tracingText(traced)}`);
}

export function tracingTable(systems: readonly TracedSystem[]): TextTable {
  return {
    head: ['traced by X-Ray', 'by its template'],
    rows: systems.map(({ name, traced }) => [`\`${name}\``, tracingText(traced)]),
  };
}

function tracingText({ requests, functions }: Traced): string {
  const parts = [
    ...(requests === null ? [] : [`${percent(requests)} of the requests`]),
    ...(functions.length === 0
      ? []
      : [
          `the first run in each second and ${percent(TRACED_BY_DEFAULT)} of the others of ${functions.join(', ')}`,
        ]),
  ];
  return parts.join('; ') || 'nothing';
}
