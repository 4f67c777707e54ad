import { createSfc32, TWO_TO_32 } from '../../src/adapters/memory/sfc32.ts';

/** Chance that is the same for the same seed and name. */
export interface Random {
  /** Uniform in [0, 1), with 32 bits. */
  next(): number;
  /** Uniform in 0 … n-1. */
  int(n: number): number;
  /** Uniform in `from` … `to`, both included. */
  between(from: number, to: number): number;
  /** True with probability `p`; draws nothing for 0. */
  chance(p: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** A stream of its own: what is drawn from one does not move the other. */
  fork(name: string): Random;
}

const MASK_32 = 0xffff_ffffn;

export function createRandom(seed: bigint): Random {
  return randomOf(Number(seed & MASK_32), Number((seed >> 32n) & MASK_32), 0);
}

function randomOf(low: number, high: number, name: number): Random {
  const next32 = createSfc32(name, low, high);
  const random: Random = {
    next: () => next32() / TWO_TO_32,
    int: (n) => Math.floor((next32() / TWO_TO_32) * n),
    between: (from, to) => from + random.int(to - from + 1),
    chance: (p) => p > 0 && next32() / TWO_TO_32 < p,
    pick: (list) => list[random.int(list.length)] as (typeof list)[number],
    fork: (fork) => randomOf(low, high, hashName(fork, name)),
  };
  return random;
}

/** FNV-1a, begun with the name that this one is a part of. */
function hashName(name: string, within: number): number {
  let hash = (0x811c_9dc5 ^ within) | 0;
  for (let place = 0; place < name.length; place += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(place), 0x0100_0193);
  }
  return hash;
}
