import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
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
  /** Of batches that stay, the records to be given again: the others are not to be audited anew with each pass. */
  const leftOf = new Map<string, ReadonlySet<string>>();

  async function recover(id: string, hasTime: () => boolean): Promise<void> {
    const { reader, event } = await failedEvents.read(id);
    const name = Object.keys(readers).find((prefix) => reader.startsWith(prefix));
    const handle = name === undefined ? undefined : readers[name];
    if (!handle) {
      logger.error({ batch: id, reader }, 'a failed batch has no reader here');
      return;
    }
    const known = leftOf.get(id);
    const records = (event as DynamoDBStreamEvent).Records.filter(
      (record) => known?.has(placeOf(record)) ?? true,
    );
    const left = await give(handle, records, hasTime);
    if (left.length > 0) {
      leftOf.set(id, new Set(left.map(placeOf)));
      return;
    }
    await failedEvents.remove(id);
    leftOf.delete(id);
    logger.warn({ batch: id, reader }, 'a failed batch was recovered');
  }

  /** @returns how many are left */
  return async (hasTime: () => boolean): Promise<number> => {
    const ids = await failedEvents.list(RECOVER_MOST);
    for (const id of leftOf.keys()) if (!ids.includes(id)) leftOf.delete(id);
    for (const id of ids) {
      if (!hasTime()) break;
      try {
        await recover(id, hasTime);
      } catch (error) {
        logger.error({ batch: id, error: String(error) }, 'a failed batch cannot be recovered');
      }
    }
    return failedEvents.count();
  };
}

/** As the event source does: goes on behind what was dealt with, and splits what throws. Answers what is left. */
async function give(
  handle: BatchHandler,
  records: readonly DynamoDBRecord[],
  hasTime: () => boolean,
): Promise<readonly DynamoDBRecord[]> {
  if (!hasTime()) return records;
  let failed: string | undefined;
  try {
    failed = (await handle({ Records: [...records] })).batchItemFailures[0]?.itemIdentifier;
  } catch (error) {
    if (records.length < 2) throw error;
    const half = Math.ceil(records.length / 2);
    const left = await give(handle, records.slice(0, half), hasTime);
    return [...left, ...(await give(handle, records.slice(half), hasTime))];
  }
  if (failed === undefined) return [];
  const at = records.findIndex((record) => placeOf(record) === failed);
  // Failed from its first record on: nothing of it was dealt with, and nothing else would come of it now.
  return at > 0 ? give(handle, records.slice(at), hasTime) : records;
}

function placeOf({ dynamodb }: DynamoDBRecord): string {
  return dynamodb?.SequenceNumber ?? '';
}
