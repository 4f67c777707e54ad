import type { Worker } from '../app/work.ts';
import type { Timers } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';

export interface WorkLoop {
  /** Takes no more work, and resolves when what is in hand is finished. */
  drain(): Promise<void>;
  /** Whether it is taking work and the last attempt to do so went well. */
  healthy(): boolean;
  readonly inHand: number;
}

interface Deps {
  worker: Worker;
  timers: Timers;
  logger: Logger;
  /** Operations asked of PSPs at once. */
  concurrency: number;
}

/** Messages asked for at once: what SQS gives in one answer. */
const RECEIVE_LIMIT = 10;
/** Pause after a queue that could not be asked. */
const FAULT_PAUSE_MS = 1_000;
/** So many faults in a row, and the instance tells its group that it is not well. */
const UNHEALTHY_AFTER = 5;

/**
 * Takes work as long as it is told to. A `receive` that is waiting when the loop is told to stop is waited for: its
 * messages would be hidden from others for as long as a worker may take.
 */
export function startWorkLoop({ worker, timers, logger, concurrency }: Deps): WorkLoop {
  const inHand = new Set<Promise<void>>();
  let draining = false;
  let faults = 0;

  async function handle(delivery: Parameters<Worker['handle']>[0]): Promise<void> {
    try {
      await worker.handle(delivery);
    } catch (error) {
      logger.warn({ error: String(error) }, 'work will be tried again');
    }
  }

  async function run(): Promise<void> {
    while (!draining) {
      try {
        const free = concurrency - inHand.size;
        if (free <= 0) {
          await Promise.race(inHand);
          continue;
        }
        for (const delivery of await worker.receive(Math.min(free, RECEIVE_LIMIT))) {
          const handled = handle(delivery).finally(() => inHand.delete(handled));
          inHand.add(handled);
        }
        faults = 0;
      } catch (error) {
        faults += 1;
        logger.error({ error: String(error) }, 'no work could be taken; it is tried again');
        await timers.sleep(FAULT_PAUSE_MS);
      }
    }
  }

  const running = run();
  return {
    healthy: () => !draining && faults < UNHEALTHY_AFTER,
    get inHand() {
      return inHand.size;
    },
    async drain() {
      draining = true;
      await running;
      await Promise.all(inHand);
    },
  };
}
