import type { Backlog } from '../app/backlog.ts';
import { type Loop, startLoop } from '../app/loop.ts';
import type { Timers } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';

/** Places in the shared memory. */
const WAITING = 0;
const ADMITTED_SINCE = 1;
const PLACES = 2;

/** How often it is measured; and how often while the limit is reached, so that room is seen soon. */
const MEASURE_EVERY_MS = 100;
const MEASURE_WHEN_FULL_MS = 5;

export function sharedBacklogMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(PLACES * Int32Array.BYTES_PER_ELEMENT);
}

/** Measures the backlog for all threads that accept payments. */
export function publishBacklog(
  memory: SharedArrayBuffer,
  {
    backlog,
    timers,
    logger,
  }: { backlog: Pick<Backlog, 'limit' | 'waiting'>; timers: Timers; logger: Logger },
): Loop {
  const places = new Int32Array(memory);
  async function measure(): Promise<boolean> {
    const waiting = await backlog.waiting();
    Atomics.store(places, WAITING, waiting);
    Atomics.store(places, ADMITTED_SINCE, 0);
    return false;
  }
  const full = () => Atomics.load(places, WAITING) + Atomics.load(places, ADMITTED_SINCE) >= backlog.limit;
  return startLoop({
    step: measure,
    idleMs: () => (full() ? MEASURE_WHEN_FULL_MS : MEASURE_EVERY_MS),
    timers,
    onError: (error) => logger.warn({ error: String(error) }, 'the backlog could not be measured'),
  });
}

/**
 * The backlog as every thread sees it: the last measurement, and what all threads have admitted since. Threads that
 * ask at the same instant may each take the last place, and what was admitted just before a measurement but not yet
 * committed is in neither, so that the limit holds within what is on its way at that instant.
 */
export function readSharedBacklog(
  memory: SharedArrayBuffer,
  limit: number,
): Pick<Backlog, 'admit' | 'limit'> {
  const places = new Int32Array(memory);
  return {
    limit,
    async admit() {
      if (Atomics.load(places, WAITING) + Atomics.load(places, ADMITTED_SINCE) >= limit) return false;
      Atomics.add(places, ADMITTED_SINCE, 1);
      return true;
    },
  };
}
