import type { Timers } from '../ports/clock.ts';
import { UnavailableError } from '../ports/faults.ts';
import type { Delivery } from '../ports/work-queue.ts';
import type { Worker } from './work.ts';

/** Pause before another try, in ms: what failed is given time. */
export const RETRY_PAUSE_MS = 1_000;

/** Tries of one message in all: they end long before the queue shows it to others, which is after a minute or more. */
export const MAX_TRIES = 20;

export interface Patience {
  timers: Timers;
  /** Ends the trying; the queue then gives the message out again. */
  stopping: AbortSignal;
  /** Told of the first failure that is not the last. */
  onFault: (error: unknown) => void;
}

/**
 * Handles a message, and again if the store could not be reached or took nothing: a disk that was full for a moment
 * must not keep a payment waiting until the queue gives its message out anew. To the worker each further try is one of
 * a message received before, so the PSP is asked first what became of it. Rejects as the last try did.
 */
export async function handlePatiently(
  { handle }: Pick<Worker, 'handle'>,
  delivery: Delivery,
  { timers, stopping, onFault }: Patience,
): Promise<void> {
  for (let tried = 0; ; tried++) {
    try {
      return await handle({ ...delivery, receiveCount: delivery.receiveCount + tried });
    } catch (error) {
      if (!(error instanceof UnavailableError) || tried + 1 >= MAX_TRIES || stopping.aborted) throw error;
      if (tried === 0) onFault(error);
      await timers.sleep(RETRY_PAUSE_MS, stopping);
      if (stopping.aborted) throw error;
    }
  }
}
