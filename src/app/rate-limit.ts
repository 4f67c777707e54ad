import type { Clock } from '../ports/clock.ts';

export type RateVerdict =
  /** Nothing is limited, and nothing is to be told to the client. */
  | { limited: false; allowed: true }
  | {
      limited: true;
      allowed: boolean;
      /** The most requests at once. */
      limit: number;
      /** In how many whole seconds an empty bucket fills. */
      windowSeconds: number;
      /** Requests that may still be made at once. */
      remaining: number;
      /** Whole seconds until there is room for one more than `remaining`. */
      resetSeconds: number;
      /** Whole seconds until it is worth asking again; 0 if allowed. */
      retryAfterSeconds: number;
    };

export interface RateLimiter {
  /** Takes one request out of the bucket of this partition, if it holds one. */
  take(partitionKey: string): RateVerdict;
}

/** The same, where the buckets are in another thread. */
export interface RemoteRateLimiter {
  take(partitionKey: string): RateVerdict | Promise<RateVerdict>;
}

export interface RateLimitOptions {
  clock: Clock;
  /** Requests per second and partition in the long run; 0 turns the limit off. */
  perSecond: number;
  /** Requests that a partition which has rested may make at once. */
  burst: number;
  /** @default MAX_TRACKED */
  maxTracked?: number;
}

/** Partitions that can be short of tokens at one time: about 10 MB. Those who come on top share one bucket. */
const MAX_TRACKED = 100_000;

/** The unit of `now`, times and capacities below. */
const PER_REQUEST = 1_000;

const OFF: RateVerdict = { limited: false, allowed: true };

/**
 * Token buckets, one for each partition, kept as the instant at which the bucket will be full again (the generic
 * cell rate algorithm): one number for each, nothing to refill. Time is counted in thousandths of a request, that
 * is milliseconds times the rate, so that whole numbers stay whole.
 *
 * A bucket that was not used for as long as an empty one takes to fill is full, and a full bucket is the same as
 * none: so buckets stand in two generations, and each such time the older one is dropped whole. Nothing else is
 * ever forgotten; who floods the limiter with partitions makes the newcomers share a bucket, and resets none.
 */
export function createRateLimiter(options: RateLimitOptions): RateLimiter {
  const { clock, perSecond, burst, maxTracked = MAX_TRACKED } = options;
  if (perSecond === 0) return { take: () => OFF };
  if (!(perSecond > 0 && burst >= 1)) {
    throw new RangeError(
      `rate limit: ${perSecond} per second with a burst of ${burst}; give at least 1, or 0 for off`,
    );
  }
  const capacity = burst * PER_REQUEST;
  const windowSeconds = Math.ceil(burst / perSecond);

  let recent = new Map<string, number>();
  let older = new Map<string, number>();
  let sharedFullAt = 0;
  let now = 0;
  let lastMs = clock.now();
  let turnAt = capacity;

  /** A clock that is set back stands still for one call and goes on from there; it never takes time away. */
  function moveOn(): void {
    const nowMs = clock.now();
    if (nowMs > lastMs) now += (nowMs - lastMs) * perSecond;
    lastMs = nowMs;
    if (now < turnAt) return;
    older = now < turnAt + capacity ? recent : new Map();
    recent = new Map();
    turnAt = now + capacity;
  }

  return {
    take(partitionKey) {
      moveOn();
      const own = recent.get(partitionKey) ?? older.get(partitionKey);
      const shares = own === undefined && recent.size + older.size >= maxTracked;
      const usedUntil = Math.max(now, (shares ? sharedFullAt : own) ?? 0);
      const allowed = usedUntil - now + PER_REQUEST <= capacity;
      const fullAt = allowed ? usedUntil + PER_REQUEST : usedUntil;
      if (shares) {
        sharedFullAt = fullAt;
      } else {
        recent.set(partitionKey, fullAt);
        older.delete(partitionKey);
      }
      const free = capacity - (fullAt - now);
      const remaining = Math.floor(free / PER_REQUEST);
      const missing = (remaining + 1) * PER_REQUEST - free;
      const resetSeconds = Math.ceil(missing / (perSecond * 1_000));
      const retryAfterSeconds = allowed ? 0 : resetSeconds;
      return {
        limited: true,
        allowed,
        limit: burst,
        windowSeconds,
        remaining,
        resetSeconds,
        retryAfterSeconds,
      };
    },
  };
}
