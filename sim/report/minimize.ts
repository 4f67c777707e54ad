import { runChecked } from '../run-checked.ts';
import type { LifeFailure, LifeOptions, RuntimeName } from '../run-life.ts';
import { FAULT_KINDS, type FaultRates } from '../world/faults.ts';

/** What of a life is left out, so that the same invariant still breaks. */
export interface Smallest {
  without: number[];
  off: string[];
  failure: LifeFailure;
  reruns: number;
}

/** More reruns than this make no trace shorter that anybody still waits for. */
const MAX_RERUNS = 150;
/** Payments of a life are numbered from 0; none has as many. */
const MAX_PAYMENTS = 16;

/** Switches off payments and kinds of fault, one at a time, for as long as the same invariant breaks. */
export async function minimize(seed: bigint, runtime: RuntimeName, failure: LifeFailure): Promise<Smallest> {
  const smallest: Smallest = { without: [], off: [], failure, reruns: 0 };

  async function stillBreaks(without: number[], off: string[]): Promise<boolean> {
    if (smallest.reruns >= MAX_RERUNS) return false;
    smallest.reruns += 1;
    const life = await runChecked(seed, runtime, optionsOf({ without, off }));
    if (life.failure?.invariant !== failure.invariant) return false;
    Object.assign(smallest, { without, off, failure: life.failure });
    return true;
  }

  for (let share = MAX_PAYMENTS / 2; share >= 1; share = Math.floor(share / 2)) {
    for (let first = 0; first < MAX_PAYMENTS; first += share) {
      const some = Array.from({ length: share }, (_, n) => first + n).filter(
        (n) => !smallest.without.includes(n),
      );
      if (some.length > 0) await stillBreaks([...smallest.without, ...some], smallest.off);
    }
  }
  for (const kind of FAULT_KINDS) await stillBreaks(smallest.without, [...smallest.off, kind]);
  return smallest;
}

export function optionsOf({ without, off }: Pick<Smallest, 'without' | 'off'>): Omit<LifeOptions, 'runtime'> {
  return { without, faults: Object.fromEntries(off.map((kind) => [kind, 0])) as Partial<FaultRates> };
}
