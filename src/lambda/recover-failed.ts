import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import type { FailedEvents } from '../ports/failed-events.ts';
import type { Logger } from '../ports/logger.ts';

type BatchHandler = (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse>;

interface Deps {
  failedEvents: FailedEvents;
  /** By the beginning of the function's name. */
  readers: Readonly<Record<string, BatchHandler>>;
  logger: Logger;
}

/** Batches looked at in one pass: many, so that some which fail again and again do not hide the others. */
const RECOVER_MOST = 100;

/**
 * Gives what a reader of the stream gave up to the same reader again: whatever broke it may be mended by now. What
 * fails again stays, and is counted: an alarm stands on the count.
 */
export function createRecoverFailed({ failedEvents, readers, logger }: Deps) {
  async function recover(id: string): Promise<void> {
    const { reader, event } = await failedEvents.read(id);
    const name = Object.keys(readers).find((prefix) => reader.startsWith(prefix));
    const handle = name === undefined ? undefined : readers[name];
    if (!handle) {
      logger.error({ batch: id, reader }, 'a failed batch has no reader here');
      return;
    }
    const { batchItemFailures } = await handle(event as DynamoDBStreamEvent);
    if (batchItemFailures.length > 0) return;
    await failedEvents.remove(id);
    logger.warn({ batch: id, reader }, 'a failed batch was recovered');
  }

  /** @returns how many are left */
  return async (hasTime: () => boolean): Promise<number> => {
    for (const id of await failedEvents.list(RECOVER_MOST)) {
      if (!hasTime()) break;
      try {
        await recover(id);
      } catch (error) {
        logger.error({ batch: id, error: String(error) }, 'a failed batch cannot be recovered');
      }
    }
    return failedEvents.count();
  };
}
