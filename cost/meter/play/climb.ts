import type { Meter } from '../invocation.ts';
import { batchesOf } from '../steps.ts';
import type { Sample } from './play-round.ts';

/** Small batches are many, and soon say all that they have to say. */
const SMALL = 10;

export interface Rung {
  readonly size: number;
  readonly counted: readonly Sample[];
  /** Nothing if processor time is not asked for. */
  readonly timed: readonly Sample[];
}

interface Ladder<T> {
  sizes: readonly number[];
  /** All of them, in the order of the stream. */
  records: readonly T[];
  /** So many of the first ones are a whole round of the mix. */
  inRound: number;
  /** What has to be done before, and is not metered. */
  before?: (batch: readonly T[]) => Promise<void>;
  invoke: (batch: T[]) => Promise<unknown>;
  counting: Meter;
  timing: Meter | null;
}

/** Batches whose time is taken, at least and at most. */
const LEAST_TIMED = 5;
const MOST_TIMED = 60;

/** Runs a function with batches of one size after the other, cut from the same records. */
export async function climb<T>({
  sizes,
  records,
  inRound,
  before,
  invoke,
  counting,
  timing,
}: Ladder<T>): Promise<Rung[]> {
  const run = async (meter: Meter, batch: T[]): Promise<Sample> => {
    await before?.(batch);
    const { units } = await meter.invoke(() => invoke(batch));
    return { size: batch.length, units };
  };
  const rungs: Rung[] = [];
  for (const size of sizes) {
    const batches = batchesOf(size <= SMALL ? records.slice(0, inRound) : records, size);
    const counted: Sample[] = [];
    for (const batch of batches) counted.push(await run(counting, batch));
    const timed: Sample[] = [];
    if (timing) {
      const count = Math.min(MOST_TIMED, Math.max(LEAST_TIMED, batches.length));
      for (let at = 0; at < count; at += 1)
        timed.push(await run(timing, batches[at % batches.length] as T[]));
    }
    rungs.push({ size, counted, timed });
  }
  return rungs;
}
