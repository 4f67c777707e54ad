import * as z from 'zod';
import type { Usage } from '../bill/usage.ts';

/** Units for one payment, by line of the bill: `database: write units: payments`. */
export type PerPayment = Readonly<Record<string, number>>;

export interface Excess {
  /** The line of the bill that grew. */
  readonly line: string;
  readonly perPayment: number;
  /** Null: nobody has set one. */
  readonly ceiling: number | null;
}

export const CeilingsSchema = z.strictObject({
  note: z.string(),
  /** At which the units are taken: batches, and so requests, depend on it. */
  paymentsPerMonth: z.number().int().positive(),
  perPayment: z.record(z.string(), z.number().nonnegative()),
});
export type Ceilings = z.infer<typeof CeilingsSchema>;

/** What was metered, for one payment. What the template or the mix fixes is not for a change of code to answer for. */
export function perPayment(usages: readonly Usage[], paymentsPerMonth: number): PerPayment {
  const units: Record<string, number> = {};
  for (const { component, what, quantity, basis } of usages) {
    if (basis !== 'metered') continue;
    const line = `${component}: ${what}`;
    units[line] = (units[line] ?? 0) + quantity / paymentsPerMonth;
  }
  return units;
}

/** Lines above their ceiling, and lines that have none; the furthest above first. */
export function excesses(units: PerPayment, { perPayment: ceilings }: Ceilings): Excess[] {
  const found = Object.entries(units).flatMap(([line, value]): Excess[] => {
    const ceiling = ceilings[line] ?? null;
    return ceiling !== null && value <= ceiling ? [] : [{ line, perPayment: value, ceiling }];
  });
  const factor = ({ perPayment: value, ceiling }: Excess) =>
    ceiling === null || ceiling === 0 ? Number.POSITIVE_INFINITY : value / ceiling;
  return found.toSorted((a, b) => factor(b) - factor(a) || a.line.localeCompare(b.line));
}

/** Ceilings of lines that are not on the bill any more: each must go, or it would let a later one pass. */
export function unused(units: PerPayment, { perPayment: ceilings }: Ceilings): string[] {
  return Object.keys(ceilings).filter((line) => units[line] === undefined);
}
