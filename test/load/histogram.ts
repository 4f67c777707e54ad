/** What is known of many durations: to 1 %, however many there are. */
export interface Summary {
  count: number;
  p50Ms: number;
  p99Ms: number;
  maxMs: number;
}

export interface Histogram {
  add(ms: number): void;
  /** The duration that this share of all does not exceed: 0.99 for p99. 0 if there is none. */
  quantile(share: number): number;
  summary(): Summary;
}

/** Each bucket ends 1 % above the one before: finer than a shared machine measures, and a soak needs no more memory. */
const GROWTH = 1.01;
const LEAST_MS = 0.01;
const MOST_MS = 1_000_000;
const BUCKETS = Math.ceil(Math.log(MOST_MS / LEAST_MS) / Math.log(GROWTH)) + 1;

export function createHistogram(): Histogram {
  const counts = new Uint32Array(BUCKETS);
  let count = 0;
  let maxMs = 0;

  function bucketOf(ms: number): number {
    if (ms <= LEAST_MS) return 0;
    return Math.min(BUCKETS - 1, Math.ceil(Math.log(ms / LEAST_MS) / Math.log(GROWTH)));
  }

  function quantile(share: number): number {
    let left = Math.ceil(share * count);
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= counts[bucket] as number;
      // The upper end of the bucket, so that no duration is made to look shorter than it was.
      if (left <= 0 && count > 0) return Math.min(maxMs, LEAST_MS * GROWTH ** bucket);
    }
    return 0;
  }

  return {
    add(ms) {
      if (!(ms >= 0)) throw new RangeError(`A duration of ${ms} ms; give 0 or more.`);
      const bucket = bucketOf(ms);
      counts[bucket] = (counts[bucket] as number) + 1;
      count++;
      maxMs = Math.max(maxMs, ms);
    },
    quantile,
    summary: () => ({ count, p50Ms: quantile(0.5), p99Ms: quantile(0.99), maxMs }),
  };
}

/** The one in the middle; of an even number the mean of the two. NaN if there is none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  if (sorted.length % 2 === 1) return sorted[Math.floor(middle)] as number;
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}
