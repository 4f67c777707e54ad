import type { Backlog } from '../app/backlog.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { WorkQueue } from '../ports/work-queue.ts';

/** How often the queue is asked once it was full, so that room is seen soon. */
const WHEN_FULL_MS = 5_000;

interface Deps {
  queue: Pick<WorkQueue, 'depth'>;
  clock: Clock;
  logger: Logger;
  limit: number;
  /** How long a measurement is good for, in milliseconds; each is a request that is paid for. */
  everyMs: number;
}

/** The backlog as a function finds it that nothing measures for: by asking the queue itself, and not each time. */
export function createMeasuredBacklog({ queue, clock, logger, limit, everyMs }: Deps): Backlog {
  let measured = { at: Number.NEGATIVE_INFINITY, full: false };

  async function waiting(): Promise<number> {
    return (await queue.depth()).waiting;
  }

  return {
    limit,
    waiting,
    /** A queue that cannot be asked sheds nobody. */
    async admit() {
      const now = clock.now();
      const goodForMs = measured.full ? Math.min(WHEN_FULL_MS, everyMs) : everyMs;
      if (now - measured.at < goodForMs) return !measured.full;
      try {
        measured = { at: now, full: (await waiting()) >= limit };
      } catch (error) {
        logger.warn({ error: String(error) }, 'the backlog could not be measured');
        measured = { at: now, full: false };
      }
      return !measured.full;
    },
  };
}
