import { meanUsd } from '../prices/monthly-usd.ts';
import type { Confidence, Price, PriceList } from '../prices/price.ts';
import { COMPONENTS, type Component, type UnknownResource, type Usage } from './usage.ts';

export interface Line extends Usage {
  /** In a month, in US dollars. */
  readonly usd: number;
  readonly confidence: Confidence;
  readonly source: string;
}

export interface Bill {
  /** By component, in the order in which they are printed. */
  readonly lines: readonly Line[];
  /** Whatever is not in the total because nobody knows its price. */
  readonly unknown: readonly UnknownResource[];
  /** In a month, in US dollars. */
  readonly totalUsd: number;
  readonly byComponent: Readonly<Record<Component, number>>;
}

/** A usage that cannot be charged for: it names a price that is not in the list, or no quantity. */
export class BillError extends Error {
  override readonly name = 'BillError';
}

/**
 * What these usages cost together in an account that has nothing else: allowances and tiers hold for all lines with
 * one price, and an allowance of several prices for all of them.
 * @throws BillError
 */
export function bill(usages: readonly Usage[], unknown: readonly UnknownResource[], list: PriceList): Bill {
  const totals = new Map<Price, number>();
  const priced = usages.map((usage) => {
    const price = priceOf(usage, list);
    totals.set(price, (totals.get(price) ?? 0) + usage.quantity);
    return { usage, price };
  });
  const ofUnit = new Map(
    [...totals].map(([price, total]) => [price, meanUsd(price, total, share(price, totals))]),
  );
  const lines = priced
    .map(({ usage, price }): Line => {
      const { confidence, source } = price;
      return { ...usage, usd: usage.quantity * (ofUnit.get(price) as number), confidence, source };
    })
    .toSorted((a, b) => COMPONENTS.indexOf(a.component) - COMPONENTS.indexOf(b.component));
  const byComponent = Object.fromEntries(
    COMPONENTS.map((component) => [component, sumUsd(lines.filter((line) => line.component === component))]),
  ) as Record<Component, number>;
  return { lines, unknown, totalUsd: sumUsd(lines), byComponent };
}

function priceOf({ price, what, quantity }: Usage, { prices, region }: PriceList): Price {
  if (!Number.isFinite(quantity) || quantity < 0) {
    throw new BillError(`"${what}" has the quantity ${quantity}: give a number of units from 0.`);
  }
  const found = prices.get(price);
  if (found) return found;
  throw new BillError(
    `"${what}" is charged by "${price}", which the prices of ${region} do not have. ` +
      `Add it to cost/prices/${region}.json.`,
  );
}

/** What of its allowance a price may use: the whole, or of a group's as large a part as it has of what is used. */
function share({ freeGroup, freePerMonth, id }: Price, totals: ReadonlyMap<Price, number>): number {
  if (freeGroup === undefined) return freePerMonth;
  let own = 0;
  let all = 0;
  for (const [price, total] of totals) {
    if (price.freeGroup !== freeGroup) continue;
    all += total;
    if (price.id === id) own = total;
  }
  return all === 0 ? 0 : (freePerMonth * own) / all;
}

function sumUsd(lines: readonly Line[]): number {
  return lines.reduce((sum, { usd }) => sum + usd, 0);
}
