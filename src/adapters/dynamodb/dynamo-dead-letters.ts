import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DeleteItemCommandInput,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { timestamp } from '../../domain/payment.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DeadLetterList, ListedLetter } from '../../ports/dead-letter-list.ts';
import { UnavailableError } from '../../ports/faults.ts';
import type { DeadLetter, WorkItem } from '../../ports/work-queue.ts';
import { fromItem, type StoredItem, toItem } from './attributes.ts';
import { conditionalPut, IS_FREE } from './conditional-put.ts';
import { asked, attemptsOf, toFault } from './dynamo-fault.ts';
import { CONTROL_TABLE } from './table-schema.ts';

/** One partition: there are few, or somebody is at work on them. */
const DEAD = 'dead';

/** DynamoDB's limit on a sort key; a longer one names nothing. */
const MAX_ID_BYTES = 1_024;

/** A page is 1 MB, some 3,000 letters. */
const MAX_PAGES = 1_000;

const { partitionKey, sortKey } = CONTROL_TABLE;

interface Options {
  client: DynamoDBClient;
  /** The control table. */
  tableName: string;
  clock: Clock;
}

/** An operation's name, which is its letter's id. `#` occurs in none of the parts. */
function letterId({ livemode, merchant_id, payment_id, operation_id }: WorkItem): string {
  return [livemode ? 'live' : 'test', merchant_id, payment_id, operation_id].join('#');
}

function keyOf(id: string) {
  return { [partitionKey]: { S: DEAD }, [sortKey]: { S: id } };
}

function canBeId(id: string): boolean {
  return id !== '' && Buffer.byteLength(id) <= MAX_ID_BYTES;
}

type LetterRecord = WorkItem & { reason: string; at: string; sk: string; puts: number };

function toLetter(stored: StoredItem): DeadLetter {
  const { merchant_id, livemode, payment_id, operation_id, attempt, reason, at, sk } = fromItem(
    stored,
  ) as unknown as LetterRecord;
  return { id: sk, item: { merchant_id, livemode, payment_id, operation_id, attempt }, reason, at };
}

function toListed(stored: StoredItem): ListedLetter {
  return { ...toLetter(stored), puts: (fromItem(stored) as unknown as LetterRecord).puts };
}

/** Operations that a person must see to, in the control table; by merchant and payment. */
export function createDynamoDeadLetters({ client, tableName, clock }: Options): DeadLetterList {
  async function* pages(more: Pick<QueryCommandInput, 'Limit' | 'Select'>, doing: string) {
    let start: QueryCommandInput['ExclusiveStartKey'];
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const command = new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: '#pk = :dead',
        ExpressionAttributeNames: { '#pk': partitionKey },
        ExpressionAttributeValues: { ':dead': { S: DEAD } },
        ConsistentRead: true,
        ExclusiveStartKey: start,
        ...more,
      });
      const answer = await asked(doing, client.send(command));
      yield answer;
      start = answer.LastEvaluatedKey;
      if (!start) return;
    }
    throw new UnavailableError(`DynamoDB: ${doing} failed: they fill more than ${MAX_PAGES} pages`);
  }

  /** @param unless holds if the letter may go; without it, it goes */
  async function remove(id: string, unless: Partial<DeleteItemCommandInput> = {}): Promise<boolean> {
    if (!canBeId(id)) return false;
    const command = new DeleteItemCommand({
      TableName: tableName,
      Key: keyOf(id),
      ReturnValues: 'ALL_OLD',
      ...unless,
    });
    try {
      const { Attributes, $metadata } = await client.send(command);
      // Sent more than once, the first time may have taken it off, and only the answer was lost.
      return Attributes !== undefined || ($metadata.attempts ?? 1) > 1;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return attemptsOf(error) > 1 && !error.Item;
      throw toFault(error, 'removing a dead letter');
    }
  }

  /** A redrive that read the letter before this must not take it off any more. */
  async function count(id: string): Promise<void> {
    const command = new UpdateItemCommand({
      TableName: tableName,
      Key: keyOf(id),
      UpdateExpression: 'ADD puts :one',
      ConditionExpression: 'attribute_exists(#pk)',
      ExpressionAttributeNames: { '#pk': partitionKey },
      ExpressionAttributeValues: { ':one': { N: '1' } },
    });
    await asked('putting a dead letter on the list', client.send(command));
  }

  return {
    async put(item, reason) {
      const { merchant_id, livemode, payment_id, operation_id, attempt } = item;
      const at = timestamp(clock.now());
      const id = letterId(item);
      const { written } = await conditionalPut({
        client,
        tableName,
        item: {
          ...keyOf(id),
          ...toItem({ merchant_id, livemode, payment_id, operation_id, attempt, reason, at, puts: 1 }),
        },
        condition: IS_FREE,
        doing: 'putting a dead letter on the list',
      });
      // Taken off between the two, it fails, and whoever puts it there does so again.
      if (!written) await count(id);
    },

    async list(limit) {
      const letters: DeadLetter[] = [];
      for await (const { Items } of pages({ Limit: limit }, 'listing dead letters')) {
        letters.push(...(Items ?? []).map(toLetter));
        if (letters.length >= limit) break;
      }
      return letters.slice(0, limit);
    },

    async get(id) {
      if (!canBeId(id)) return null;
      const command = new GetItemCommand({ TableName: tableName, Key: keyOf(id), ConsistentRead: true });
      const { Item } = await asked('reading a dead letter', client.send(command));
      return Item ? toListed(Item) : null;
    },

    remove: ({ id, puts }) =>
      remove(id, {
        ConditionExpression: 'puts = :seen',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
        ExpressionAttributeValues: { ':seen': { N: String(puts) } },
      }),

    async drop(item) {
      await remove(letterId(item));
    },

    async count() {
      let count = 0;
      for await (const { Count } of pages({ Select: 'COUNT' }, 'counting dead letters')) count += Count ?? 0;
      return count;
    },
  };
}
