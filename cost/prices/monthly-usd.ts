import type { Price } from './price.ts';

/**
 * US dollars for so many units in a month: what is free first, and the rest by its tiers.
 * @param quantity in the unit of the price
 * @param free units that cost nothing, if not the whole allowance
 */
export function monthlyUsd(price: Price, quantity: number, free = price.freePerMonth): number {
  if (!Number.isFinite(quantity) || quantity < 0) {
    throw new RangeError(`${price.id} was given ${quantity}: give a number of units from 0.`);
  }
  const paid = Math.max(0, quantity - free);
  let usd = 0;
  let from = 0;
  for (const tier of price.tiers) {
    const to = Math.min(paid, tier.upTo ?? paid);
    if (to <= from) break;
    usd += ((to - from) / price.per) * tier.usd;
    from = to;
  }
  return usd;
}

/**
 * US dollars of one unit among so many. Lines that share a price are each charged this: allowance and tiers hold for
 * their sum, and each line bears as large a part of it as it has of the quantity.
 */
export function meanUsd(price: Price, quantity: number, free = price.freePerMonth): number {
  return quantity === 0 ? 0 : monthlyUsd(price, quantity, free) / quantity;
}
