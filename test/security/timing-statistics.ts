/** Chance for shuffles, from a seed: the same measurements give the same verdict. (mulberry32) */
export function seededChance(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function shuffle<T>(items: T[], chance: () => number): T[] {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = Math.floor(chance() * (last + 1));
    [items[last], items[other]] = [items[other] as T, items[last] as T];
  }
  return items;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/**
 * How often chance alone parts the medians of two samples as far as they are, were both of the same kind: the samples
 * are mixed and dealt out again, `rounds` times. Near 0: they differ. (Permutation test, two-sided.)
 */
export function permutationTest(
  one: readonly number[],
  other: readonly number[],
  rounds: number,
  chance: () => number,
): number {
  const apart = Math.abs(median(one) - median(other));
  const mixed = [...one, ...other];
  let asFar = 0;
  for (let round = 0; round < rounds; round += 1) {
    shuffle(mixed, chance);
    if (Math.abs(median(mixed.slice(0, one.length)) - median(mixed.slice(one.length))) >= apart) asFar += 1;
  }
  // The deal that was measured is one of those that chance could have made.
  return (asFar + 1) / (rounds + 1);
}
