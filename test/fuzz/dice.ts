import { createSeededIds } from '../../src/adapters/memory/seeded-ids.ts';

/** A seed and a number share the 53 bits that a whole number has. */
export const MAX_SEED = 2 ** 29 - 1;
export const MAX_NUMBER = 2 ** 24 - 1;

/** Chance that is the same for the same seed and number, whatever was drawn for others. */
export interface Dice {
  below(limit: number): number;
  /** Both ends included. */
  between(least: number, most: number): number;
  /** @param share from 0 to 1 */
  chance(share: number): boolean;
  oneOf<T>(items: readonly T[]): T;
}

export function createDice(seed: number, number: number): Dice {
  const { random } = createSeededIds(seed * (MAX_NUMBER + 1) + number);
  const below = (limit: number) => Math.floor(random() * limit);
  return {
    below,
    between: (least, most) => least + below(most - least + 1),
    chance: (share) => random() < share,
    oneOf(items) {
      if (items.length === 0) throw new Error('There is nothing to choose from');
      return items[below(items.length)] as (typeof items)[number];
    },
  };
}
