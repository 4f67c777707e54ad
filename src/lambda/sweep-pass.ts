import type { Sweep } from '../app/sweep.ts';
import type { Logger } from '../ports/logger.ts';
import type { Measurements } from '../ports/measurements.ts';
import type { WorkQueue } from '../ports/work-queue.ts';

interface Deps {
  sweep: Sweep;
  queue: Pick<WorkQueue, 'depth' | 'deadLetterCount'>;
  /** Gives failed batches to their readers again, while there is time; answers how many are left. */
  recoverFailed: (hasTime: () => boolean) => Promise<number>;
  /** Sends what the PSP simulator has to tell; answers how much. */
  deliverCallbacks: (() => Promise<number>) | null;
  measurements: Measurements;
  logger: Logger;
}

/** Time of an invocation that each part leaves to those after it. */
const KEEP_MS = { payments: 30_000, failedBatches: 20_000, callbacks: 10_000 };

/** Steps in one pass: 100 payments each. What is left is found by the next pass. */
const MAX_STEPS = 1_000;

/** One pass of everything that is done every few minutes. Each part is tried whatever became of the others. */
export function createSweepPass(deps: Deps) {
  const { sweep, queue, recoverFailed, deliverCallbacks, measurements, logger } = deps;

  /** @param remainingMs how much time the invocation has left */
  return async (remainingMs: () => number): Promise<void> => {
    const faults: unknown[] = [];
    const attempt = async (part: string, work: () => Promise<void>) => {
      try {
        await work();
      } catch (error) {
        logger.error(
          { part, error: String(error) },
          'a part of the sweep failed; the next pass tries it again',
        );
        faults.push(error);
      }
    };

    await attempt('payments', async () => {
      for (let steps = 0; steps < MAX_STEPS && remainingMs() > KEEP_MS.payments; steps++) {
        if (!(await sweep.step())) return;
      }
      logger.warn({}, 'more is due than one pass can see to; the next goes on');
    });
    await attempt('failed batches', async () => {
      measurements.figure('FailedEvents', await recoverFailed(() => remainingMs() > KEEP_MS.failedBatches));
    });
    if (deliverCallbacks) {
      await attempt('call-backs', async () => {
        while (remainingMs() > KEEP_MS.callbacks && (await deliverCallbacks()) > 0);
      });
    }
    await attempt('figures', async () => {
      measurements.figure('Backlog', (await queue.depth()).waiting);
      measurements.figure('DeadLetters', await queue.deadLetterCount());
    });
    // Counted as an error of the function, on which an alarm stands.
    if (faults.length > 0) throw new AggregateError(faults, `${faults.length} parts of the sweep failed`);
  };
}
