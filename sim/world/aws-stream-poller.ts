import type { AttributeValue, DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { DynamoStream, StreamRecord } from '../models/dynamo-stream.ts';
import type { World } from './world.ts';

type Handled = DynamoDBBatchResponse | 'failed';

export interface StreamPollerDeps {
  /** Of the function that reads. */
  reader: string;
  stream: DynamoStream;
  shard: number;
  /** What the event source's filter lets through. */
  filter: (record: StreamRecord) => boolean;
  batchSize: number;
  /** It waits at most so long for a batch to fill. */
  windowMs: number;
  invoke: (event: DynamoDBStreamEvent) => Promise<Handled>;
  /** Told of each record that is lost on the way to the reader. */
  onLost: () => void;
  /** Puts aside what was failed on too often. */
  giveUp: (event: DynamoDBStreamEvent) => void;
}

/** Lambda's reader of one shard for one function: in order, again after a failure, in halves, and at last aside. */
export interface StreamPoller {
  /** There may be something new. */
  wake(): void;
  /** Records that were not dealt with. */
  readonly lag: number;
}

/** As in the stack. */
const MAX_RETRIES = 10;
const MAX_RECORD_AGE_MS = 12 * 3_600_000;
/** Longest pause after the first failure; doubled each time, up to a minute. */
const PAUSE_MS = 500;
const MAX_PAUSE_MS = 60_000;
const PULL = 1_000;

export function createStreamPoller(world: World, deps: StreamPollerDeps): StreamPoller {
  const { reader, stream, shard, filter, batchSize, windowMs, invoke, onLost, giveUp } = deps;
  const { engine, faults } = world;
  const name = `${reader} of shard ${shard}`;
  const chance = world.random.fork(name);
  let place = 0;
  const waiting: StreamRecord[] = [];
  let isAtWork = false;

  function pull(): void {
    const { records, next } = stream.read(shard, place, PULL);
    place = next;
    for (const record of records.filter(filter)) {
      if (faults.strikes('streamRecordLost')) onLost();
      else waiting.push(record);
    }
  }

  function pause(afterMs: number): Promise<void> {
    return new Promise((resolve) => {
      engine.plan(afterMs, name, 'goes on', () => {
        resolve();
        return undefined;
      });
    });
  }

  /** Until all of it is dealt with or put aside. */
  async function see(given: readonly StreamRecord[], before: number): Promise<void> {
    let records = given;
    for (let attempts = before + 1; ; attempts += 1) {
      const handled = await invoke(eventOf(records));
      const left = handled === 'failed' ? records : leftOf(records, handled);
      // The position was not kept, so the whole comes again.
      if (left.length === 0 && !faults.strikes('feedFails')) return;
      if (left.length > 0 && left.length < records.length) {
        records = left;
        attempts = 0;
        continue;
      }
      const ageMs = engine.nowMs() - (records[0]?.atMs ?? 0);
      if (attempts > MAX_RETRIES || ageMs > MAX_RECORD_AGE_MS) {
        world.count('batchGivenUp');
        giveUp(eventOf(records));
        return;
      }
      await pause(chance.int(Math.min(MAX_PAUSE_MS, PAUSE_MS * 2 ** attempts)));
      if (handled === 'failed' && records.length > 1) {
        const half = Math.ceil(records.length / 2);
        await see(records.slice(0, half), attempts);
        await see(records.slice(half), attempts);
        return;
      }
    }
  }

  async function work(): Promise<void> {
    for (;;) {
      await pause(chance.int(windowMs));
      pull();
      const batch = waiting.slice(0, batchSize);
      if (batch.length === 0) return;
      await see(batch, 0);
      waiting.splice(0, batch.length);
    }
  }

  return {
    wake() {
      if (isAtWork) return;
      isAtWork = true;
      work()
        .catch(world.fail)
        .finally(() => {
          isAtWork = false;
        });
    },
    get lag() {
      pull();
      return waiting.length;
    },
  };
}

function eventOf(records: readonly StreamRecord[]): DynamoDBStreamEvent {
  return { Records: records.map(recordOf) };
}

function recordOf({ sequence, eventName, before, after }: StreamRecord): DynamoDBRecord {
  return {
    eventName,
    eventSource: 'aws:dynamodb',
    dynamodb: {
      SequenceNumber: sequence,
      ...(after && { NewImage: after as Record<string, AttributeValue> }),
      ...(before && { OldImage: before as Record<string, AttributeValue> }),
    },
  };
}

/** From the first record that was not dealt with on; a sequence number that is unknown fails all of them. */
function leftOf(
  records: readonly StreamRecord[],
  { batchItemFailures }: DynamoDBBatchResponse,
): readonly StreamRecord[] {
  const [failed] = batchItemFailures;
  if (!failed) return [];
  const at = records.findIndex(({ sequence }) => sequence === failed.itemIdentifier);
  return records.slice(Math.max(0, at));
}
