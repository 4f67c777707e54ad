import type { Timers } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { WorkQueue } from '../ports/work-queue.ts';
import type { Backlog } from './backlog.ts';
import { type Loop, startLoop } from './loop.ts';

/** How often the queue is asked: each question is a request that is paid for, and the limit is far from a second's work. */
const SAMPLE_EVERY_MS = 5_000;

/** A backlog that is measured beside the requests, never by one of them: asking the queue is a call over the network. */
export interface SampledBacklog extends Backlog {
  start(): Loop;
}

interface Deps {
  queue: Pick<WorkQueue, 'depth'>;
  timers: Timers;
  logger: Logger;
  limit: number;
}

export function createSampledBacklog({ queue, timers, logger, limit }: Deps): SampledBacklog {
  let sampled = 0;

  async function waiting(): Promise<number> {
    sampled = (await queue.depth()).waiting;
    return sampled;
  }

  return {
    limit,
    admit: async () => sampled < limit,
    waiting,
    start: () =>
      startLoop({
        step: async () => {
          await waiting();
          return false;
        },
        idleMs: SAMPLE_EVERY_MS,
        timers,
        onError: (error) => logger.warn({ error: String(error) }, 'the queue could not be measured'),
      }),
  };
}
