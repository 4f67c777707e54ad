import type { ChangeFeed } from '../ports/change-feed.ts';
import type { Clock } from '../ports/clock.ts';
import type { WorkQueue } from '../ports/work-queue.ts';
import { RELAY } from './relay.ts';

export interface Backlog {
  /** Whether one more payment may be accepted now; if so it is counted. */
  admit(): Promise<boolean>;
  /** Work waiting: changes that the relay has not seen, and messages ready in the queue. */
  waiting(): Promise<number>;
  readonly limit: number;
}

/** How old a measurement may be; and how old when it said that the limit is reached, so that room is seen soon. */
const SAMPLE_MS = 100;
const SAMPLE_WHEN_FULL_MS = 5;

/**
 * Load shedding: past the limit new payments are refused at the door instead of promised and kept waiting. What was
 * accepted since the last measurement counts too, so a burst between two of them does not slip in. What is admitted but
 * not yet committed at a measurement is missed until the next: the limit holds within what is on its way.
 */
export function createBacklog({
  feed,
  queue,
  clock,
  limit,
}: {
  feed: ChangeFeed;
  queue: WorkQueue;
  clock: Clock;
  limit: number;
}): Backlog {
  let sampled = 0;
  let sampledAt = Number.NEGATIVE_INFINITY;
  let admittedSince = 0;
  let sampling: Promise<number> | null = null;

  async function measure(): Promise<number> {
    sampledAt = clock.now();
    sampled = feed.lag(RELAY) + (await queue.depth()).waiting;
    admittedSince = 0;
    return sampled;
  }

  /** Whoever asks while a measurement is being taken waits for it, and does not go by the one before. */
  function sample(): Promise<number> {
    sampling ??= measure().finally(() => {
      sampling = null;
    });
    return sampling;
  }

  return {
    limit,
    async admit() {
      const full = sampled + admittedSince >= limit;
      const ageMs = clock.now() - sampledAt;
      if (sampling || ageMs >= (full ? SAMPLE_WHEN_FULL_MS : SAMPLE_MS) || ageMs < 0) await sample();
      if (sampled + admittedSince >= limit) return false;
      admittedSince++;
      return true;
    },
    waiting: sample,
  };
}
