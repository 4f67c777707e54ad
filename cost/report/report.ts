import type { Bill } from '../bill/bill.ts';
import type { Price } from '../prices/price.ts';
import { type ChoiceResult, choiceResults } from './choices.ts';
import type { BillColumn } from './component-table.ts';
import type { Gathered, Refused } from './gather.ts';
import { pricesNotSeen, unknownOf } from './not-seen.ts';
import { type Effect, sensitivity } from './sensitivity.ts';
import type { TracedSystem } from './stated-tracing.ts';
import { BEFORE, type Inputs, REFERENCE, type System } from './systems.ts';

/** Bills of one volume beside each other. */
export interface Comparison {
  readonly paymentsPerMonth: number;
  readonly ours: readonly BillColumn[];
  readonly reference: BillColumn;
  readonly before: BillColumn;
}

export interface Report {
  readonly region: string;
  readonly inputs: Inputs;
  /** What is traced in each profile: like the mix, what the bills hold for. */
  readonly tracing: readonly TracedSystem[];
  readonly comparisons: readonly Comparison[];
  /** Of each volume. */
  readonly choices: readonly (readonly ChoiceResult[])[];
  readonly sensitivity: {
    readonly system: string;
    readonly paymentsPerMonth: number;
    readonly effects: readonly Effect[];
  };
  readonly refused: readonly Refused[];
  readonly notSeen: readonly Price[];
  readonly unknown: readonly string[];
}

/** All that is printed, as values. */
export function createReport(
  { inputs, profiles, choices, refused }: Gathered,
  volumes: readonly number[],
): Report {
  const comparisons = volumes.map((paymentsPerMonth): Comparison => {
    const column = (system: System): BillColumn => ({
      name: system.name,
      bill: system.billAt(paymentsPerMonth, inputs),
    });
    return {
      paymentsPerMonth,
      ours: profiles.map(column),
      reference: column(REFERENCE),
      before: column(BEFORE),
    };
  });
  const bills: readonly Bill[] = comparisons.flatMap(({ ours, reference, before }) =>
    [...ours, reference, before].map(({ bill }) => bill),
  );
  const ofChoices = choices.flatMap(({ system }) => volumes.map((volume) => system.billAt(volume, inputs)));
  // What is in production if it was asked for, in the middle of the volumes.
  const judged = profiles.at(-1);
  const middle = volumes[Math.floor(volumes.length / 2)];
  if (!judged || middle === undefined) throw new Error('A report needs a profile and a volume.');
  return {
    region: inputs.list.region,
    inputs,
    tracing: profiles.map(({ name, traced }) => ({ name, traced })),
    comparisons,
    choices: choices.length === 0 ? [] : volumes.map((volume) => choiceResults(choices, inputs, volume)),
    sensitivity: {
      system: judged.name,
      paymentsPerMonth: middle,
      effects: sensitivity(judged, inputs, middle),
    },
    refused,
    notSeen: pricesNotSeen([...bills, ...ofChoices], inputs.list),
    unknown: unknownOf([...bills, ...ofChoices]),
  };
}
