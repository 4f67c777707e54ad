import { type Bill, bill } from '../bill/bill.ts';
import type { Measured } from '../meter/measured.ts';
import type { Mix } from '../mix/mix.ts';
import { usagesOf } from '../model/usages.ts';
import type { PriceList } from '../prices/price.ts';
import { usagesAsWritten } from '../reference/as-written.ts';
import { usagesBefore } from '../reference/before.ts';
import { keptAsWritten } from '../reference/design.ts';
import type { TemplateReading } from '../template/facts.ts';
import { type TracedSystem, tracedOf } from './stated-tracing.ts';

/** All that a bill is worked out from, but the deployment; an assumption is another value in here. */
export interface Inputs {
  readonly mix: Mix;
  readonly measured: Measured;
  readonly list: PriceList;
}

/** Something with a monthly bill. */
export interface System {
  /** For a column's head. */
  readonly name: string;
  /** @param paymentsPerMonth payments created in a month, more than 0 */
  billAt(paymentsPerMonth: number, inputs: Inputs): Bill;
}

/** Tollgate as a template deploys it. */
export type Deployed = System & TracedSystem;

export function deployed(name: string, reading: TemplateReading): Deployed {
  return {
    name,
    traced: tracedOf(reading.facts),
    billAt(paymentsPerMonth, { mix, measured, list }) {
      return bill(usagesOf({ reading, measured, mix, paymentsPerMonth }), reading.unknown, list);
    },
  };
}

export const REFERENCE: System = {
  name: 'reference',
  billAt: (paymentsPerMonth, { mix, list }) => bill(usagesAsWritten(paymentsPerMonth, mix), [], list),
};

/** The reference to the letter: of a payment its code stores four attributes, by which nobody can be answered. */
export const REFERENCE_OF_FOUR: System = {
  name: 'reference, four attributes',
  billAt(paymentsPerMonth, { mix, list }) {
    return bill(usagesAsWritten(paymentsPerMonth, mix, keptAsWritten(mix)), [], list);
  },
};

export const BEFORE: System = {
  name: 'before',
  billAt: (paymentsPerMonth, { mix, list }) => bill(usagesBefore(paymentsPerMonth, mix), [], list),
};

export function perMillionUsd({ totalUsd }: Bill, paymentsPerMonth: number): number {
  return (totalUsd / paymentsPerMonth) * 1_000_000;
}
