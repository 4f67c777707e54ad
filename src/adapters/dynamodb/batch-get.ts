import { BatchGetItemCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Timers } from '../../ports/clock.ts';
import { UnavailableError } from '../../ports/faults.ts';
import type { StoredItem } from './attributes.ts';
import { asked } from './dynamo-fault.ts';
import { PAYMENTS_TABLE } from './table-schema.ts';

/** DynamoDB's own limit. */
const MAX_KEYS = 100;
/** Answers in a row that hold nothing of what was asked: then the table is throttled, and the client is told. */
const MAX_EMPTY_ANSWERS = 6;
/** Doubled after each empty answer: about 1.5 s in all. */
const PAUSE_MS = 50;

interface Deps {
  client: DynamoDBClient;
  tableName: string;
  timers: Timers;
}

/** Reads items by their key, strongly consistent, at most 100 in a request. Absent ones are left out. */
export function createBatchGet({ client, tableName, timers }: Deps) {
  const { partitionKey } = PAYMENTS_TABLE;

  async function readSome(keys: readonly string[], doing: string): Promise<StoredItem[]> {
    const items: StoredItem[] = [];
    let left = keys.map((key) => ({ [partitionKey]: { S: key } }));
    for (let empty = 0; left.length > 0; ) {
      const answer = await asked(
        doing,
        client.send(
          new BatchGetItemCommand({ RequestItems: { [tableName]: { Keys: left, ConsistentRead: true } } }),
        ),
      );
      const got = answer.Responses?.[tableName] ?? [];
      items.push(...got);
      const unprocessed = (answer.UnprocessedKeys?.[tableName]?.Keys ?? []) as typeof left;
      if (unprocessed.length === 0) return items;
      // Every answer that is not empty leaves fewer keys; without this, one that claims otherwise would go on for ever.
      empty = unprocessed.length < left.length ? 0 : empty + 1;
      left = unprocessed;
      if (empty === MAX_EMPTY_ANSWERS) {
        const share = `${left.length} of ${keys.length} items were not read`;
        throw new UnavailableError(`DynamoDB: ${doing} failed: ${share}, ${empty} times in a row`);
      }
      await timers.sleep(PAUSE_MS * 2 ** empty);
    }
    return items;
  }

  /** The items by their key. @param doing as in "listing payments" */
  return async (keys: readonly string[], doing: string): Promise<Map<string, StoredItem>> => {
    const batches = Array.from({ length: Math.ceil(keys.length / MAX_KEYS) }, (_, n) =>
      readSome(keys.slice(n * MAX_KEYS, (n + 1) * MAX_KEYS), doing),
    );
    const items = (await Promise.all(batches)).flat();
    return new Map(items.map((item) => [item[partitionKey]?.S as string, item]));
  };
}

export type BatchGet = ReturnType<typeof createBatchGet>;
