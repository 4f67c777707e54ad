import { hash } from 'node:crypto';
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  DynamoDBServiceException,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { Timers } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { SimulatorStorage } from './simulator-storage.ts';
import { type DueMark, type SimulatorTable, TableFault } from './simulator-table.ts';
import { createTableStorage } from './table-storage.ts';

/**
 * Items that hold the marks. One would be enough to find what is due; a write costs as much as its item is long, and
 * more than one writer a millisecond at one item is throttled.
 */
const MARK_ITEMS = 16;
const GROUP_PREFIX = 'psp#';
const MARK_PREFIX = 'g#';

const IS_NEW = 'attribute_not_exists(pk)';
const IS_VERSION = 'version = :before';
const IS_MARK = '#mark = :read';
const IS_GROUP = 'begins_with(pk, :prefix)';

export interface DynamoStorageDeps {
  /** With its time-outs. It may repeat requests by itself. */
  client: DynamoDBClient;
  /** Its partition key is `pk`. */
  tableName: string;
  timers: Pick<Timers, 'sleep'>;
  ids: Ids;
}

/**
 * The simulator's memory in a DynamoDB table, for deployments whose PSP it is. All of one payment is one item, `psp#`
 * and the key of the charge or authorize that it began with. An operation costs one read unit and a write unit for
 * each KB of the item; a search for call-backs reads sixteen items and the payments that they name, and never the
 * table; only the report scans it, at one read unit for each 4 KB, and its order is the order of execution within
 * each payment only.
 */
export function createDynamoStorage({ client, tableName, timers, ids }: DynamoStorageDeps): SimulatorStorage {
  return createTableStorage({ table: createDynamoTable(client, tableName), timers, ids });
}

type Item = Record<string, AttributeValue>;

const text = (value: string): AttributeValue => ({ S: value });
const number = (value: number): AttributeValue => ({ N: String(value) });
const groupKey = (group: string): Item => ({ pk: text(GROUP_PREFIX + group) });
const challengeKey = (token: string): Item => ({ pk: text(`challenge#${token}`) });
const markKey = (n: number): Item => ({ pk: text(`due#${n}`) });

function markItemOf(group: string): number {
  return Number.parseInt(hash('sha256', group, 'hex').slice(0, 8), 16) % MARK_ITEMS;
}

function createDynamoTable(client: DynamoDBClient, TableName: string): SimulatorTable {
  async function getItem(Key: Item): Promise<Item | undefined> {
    const command = new GetItemCommand({ TableName, Key, ConsistentRead: true });
    return (await asked('GetItem', client.send(command))).Item;
  }

  /** False if the condition does not hold. */
  async function put(Item: Item, condition?: string, values?: Item): Promise<boolean> {
    const ConditionExpression = condition;
    const command = new PutItemCommand({
      TableName,
      Item,
      ConditionExpression,
      ExpressionAttributeValues: values,
    });
    return held(asked('PutItem', client.send(command)));
  }

  async function updateMark(
    { group }: Pick<DueMark, 'group'>,
    change: string,
    condition: string | undefined,
    values: Item,
  ): Promise<void> {
    const command = new UpdateItemCommand({
      TableName,
      Key: markKey(markItemOf(group)),
      UpdateExpression: change,
      ConditionExpression: condition,
      ExpressionAttributeNames: { '#mark': MARK_PREFIX + group },
      ExpressionAttributeValues: values,
    });
    await held(asked('UpdateItem', client.send(command)));
  }

  async function marksOf(n: number): Promise<DueMark[]> {
    const item = (await getItem(markKey(n))) ?? {};
    return Object.entries(item)
      .filter(([name]) => name.startsWith(MARK_PREFIX))
      .map(([name, value]) => ({ group: name.slice(MARK_PREFIX.length), dueAtMs: Number(value.N) }));
  }

  return {
    async get(group) {
      const item = await getItem(groupKey(group));
      return item
        ? { version: Number(item.version?.N), stamp: String(item.stamp?.S), text: String(item.memory?.S) }
        : null;
    },
    put(group, { version, stamp, text: memory }) {
      const item = {
        ...groupKey(group),
        version: number(version),
        stamp: text(stamp),
        memory: text(memory),
      };
      return version === 1 ? put(item, IS_NEW) : put(item, IS_VERSION, { ':before': number(version - 1) });
    },
    getChallenge: async (token) => (await getItem(challengeKey(token)))?.group_key?.S,
    async putChallenge(token, group) {
      await put({ ...challengeKey(token), group_key: text(group) });
    },
    async marks() {
      const items = Array.from({ length: MARK_ITEMS }, (_, n) => marksOf(n));
      return (await Promise.all(items)).flat();
    },
    putMark: (mark) => updateMark(mark, 'SET #mark = :due', undefined, { ':due': number(mark.dueAtMs) }),
    replaceMark(mark, dueAtMs) {
      const read = { ':read': number(mark.dueAtMs) };
      if (dueAtMs === null) return updateMark(mark, 'REMOVE #mark', IS_MARK, read);
      return updateMark(mark, 'SET #mark = :due', IS_MARK, { ...read, ':due': number(dueAtMs) });
    },
    async *scan() {
      let ExclusiveStartKey: Item | undefined;
      do {
        const command = new ScanCommand({
          TableName,
          ConsistentRead: true,
          FilterExpression: IS_GROUP,
          ExpressionAttributeValues: { ':prefix': text(GROUP_PREFIX) },
          ExclusiveStartKey,
        });
        const page = await asked('Scan', client.send(command));
        yield (page.Items ?? []).map((item) => String(item.memory?.S));
        ExclusiveStartKey = page.LastEvaluatedKey;
      } while (ExclusiveStartKey);
    },
  };
}

async function held(written: Promise<unknown>): Promise<boolean> {
  try {
    await written;
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}

const THROTTLED = new Set([
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'ThrottlingException',
]);

/**
 * What DynamoDB itself has refused was not written. That holds for the last of the client's own attempts; of the ones
 * before it nobody told, so after more than one nothing is certain.
 */
async function asked<T>(what: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) throw error;
    const name = error instanceof Error ? error.name : String(error);
    const status = error instanceof DynamoDBServiceException ? error.$metadata.httpStatusCode : undefined;
    const isRefused = status !== undefined && status >= 400 && status < 500;
    const isFirst = error instanceof DynamoDBServiceException && (error.$metadata.attempts ?? 1) === 1;
    throw new TableFault(
      `DynamoDB did not answer ${what}: ${name}.`,
      !(isRefused && isFirst),
      !isRefused || THROTTLED.has(name),
      { cause: error },
    );
  }
}
