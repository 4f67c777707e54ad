import {
  type AttributeValue,
  BatchGetItemCommand,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { StoredItem } from '../../src/adapters/dynamodb/attributes.ts';
import type { DynamoTable } from './dynamo-table.ts';
import { meets, type Names, nameOf, type Values, valueFor } from './expressions.ts';
import { type ServiceCall, sendAsSdk, serviceError, type Wire } from './service-call.ts';

export interface ReadBehaviour {
  /** Entries that a page holds at most, of so many that were asked for: DynamoDB ends a page at 1 MB. */
  pageSize(asked: number): number;
  /** Of so many keys, how many a batch leaves unread now. */
  unread(keys: number): number;
}

export const WHOLE_READS: ReadBehaviour = { pageSize: (asked) => asked, unread: () => 0 };

interface Options {
  tables: ReadonlyMap<string, DynamoTable>;
  wire: Wire;
  behaviour?: ReadBehaviour;
  /** Told of each put that its condition refused. */
  onRefused?: (table: string, item: StoredItem, stored: StoredItem | undefined) => void;
}

const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/** The SDK's client over tables of the model: what it is told is done in one step, and answered as DynamoDB would. */
export function createModelDynamoClient({
  tables,
  wire,
  behaviour = WHOLE_READS,
  onRefused,
}: Options): DynamoDBClient {
  function tableOf(name: string | undefined): DynamoTable {
    const table = tables.get(name ?? '');
    if (!table) throw serviceError('ResourceNotFoundException', `There is no table ${name}`, 400);
    return table;
  }

  function put({ input }: PutItemCommand) {
    const table = tableOf(input.TableName);
    const item = given(input.Item);
    const stored = table.get(item);
    if (!holds(stored, input)) {
      onRefused?.(input.TableName ?? '', item, stored);
      throw conditionFailed(stored, input);
    }
    table.put(item);
    return {};
  }

  function remove({ input }: DeleteItemCommand) {
    const table = tableOf(input.TableName);
    const key = given(input.Key);
    const stored = table.get(key);
    if (!holds(stored, input)) throw conditionFailed(stored, input);
    table.remove(key);
    return input.ReturnValues === 'ALL_OLD' && stored ? { Attributes: stored } : {};
  }

  function update({ input }: UpdateItemCommand) {
    const table = tableOf(input.TableName);
    const key = given(input.Key);
    const stored = table.get(key);
    const { ExpressionAttributeNames: names, ExpressionAttributeValues: values } = input;
    if (!holds(stored, input)) throw conditionFailed(stored, input);
    const [, attribute, by] = /^ADD ([#\w]+) (:\w+)$/.exec(input.UpdateExpression ?? '') ?? [];
    if (attribute === undefined || by === undefined)
      throw serviceError('ValidationException', `The model does not know "${input.UpdateExpression}".`, 400);
    const name = nameOf(attribute, names);
    const sum = Number(stored?.[name]?.N ?? 0) + Number(valueFor(by, values as Values).N);
    table.put({ ...(stored ?? key), [name]: { N: String(sum) } });
    return {};
  }

  function batchGet({ input }: BatchGetItemCommand) {
    const Responses: Record<string, StoredItem[]> = {};
    const UnprocessedKeys: NonNullable<typeof input.RequestItems> = {};
    for (const [name, asked] of Object.entries(input.RequestItems ?? {})) {
      const table = tableOf(name);
      const keys = asked.Keys ?? [];
      const read = keys.length - behaviour.unread(keys.length);
      const found = keys.slice(0, read).map((key) => table.get(given(key)));
      Responses[name] = found.filter((item) => item !== undefined);
      if (read < keys.length) UnprocessedKeys[name] = { ...asked, Keys: keys.slice(read) };
    }
    return { Responses, UnprocessedKeys };
  }

  function query({ input }: QueryCommand) {
    const table = tableOf(input.TableName);
    const { ExpressionAttributeNames: names, ExpressionAttributeValues, KeyConditionExpression = '' } = input;
    const values = ExpressionAttributeValues as Values;
    const [, hash = '', value = '', rest] =
      /^([#\w]+) = (:\w+)(?: AND (.+))?$/.exec(KeyConditionExpression) ?? [];
    const schema = input.IndexName === undefined ? table.schema : table.schema.index;
    if (!schema || nameOf(hash, names) !== schema.partitionKey)
      throw serviceError(
        'ValidationException',
        `Query key condition not supported: ${KeyConditionExpression}`,
        400,
      );
    const sortKey = schema.sortKey ?? schema.partitionKey;
    const inOrder = table.partition(valueFor(value, values).S ?? '', input.IndexName);
    if (input.ScanIndexForward === false) inOrder.reverse();
    const all = inOrder.filter((item) => meets(rest, item, names, values));
    return page(all, input, (item, start) => {
      const place = item[sortKey]?.S ?? '';
      const after = start[sortKey]?.S ?? '';
      return input.ScanIndexForward === false ? place < after : place > after;
    });
  }

  function scan({ input }: ScanCommand) {
    const { partitionKey } = tableOf(input.TableName).schema;
    const byKey = tableOf(input.TableName)
      .all()
      .sort((a, b) => ((a[partitionKey]?.S ?? '') < (b[partitionKey]?.S ?? '') ? -1 : 1));
    return page(
      byKey,
      input,
      (item, start) => (item[partitionKey]?.S ?? '') > (start[partitionKey]?.S ?? ''),
    );
  }

  /** So many entries are looked at, and those that the filter leaves are answered. */
  function page(
    all: readonly StoredItem[],
    input: Pick<
      QueryCommandInput,
      | 'ExclusiveStartKey'
      | 'Limit'
      | 'FilterExpression'
      | 'ExpressionAttributeNames'
      | 'ExpressionAttributeValues'
      | 'Select'
    >,
    isAfter: (item: StoredItem, start: StoredItem) => boolean,
  ) {
    const start = input.ExclusiveStartKey && given(input.ExclusiveStartKey);
    const rest = start ? all.filter((item) => isAfter(item, start)) : all;
    const size = Math.max(1, behaviour.pageSize(Math.min(input.Limit ?? NO_LIMIT, rest.length)));
    const looked = rest.slice(0, size);
    const last = looked.at(-1);
    // Also where the page ends just where the partition does: DynamoDB has not looked whether there is more.
    const more = last !== undefined && (looked.length < rest.length || looked.length === input.Limit);
    const { FilterExpression, ExpressionAttributeNames: names, ExpressionAttributeValues: values } = input;
    const Items = looked.filter((item) => meets(FilterExpression, item, names as Names, values as Values));
    return {
      ...(input.Select !== 'COUNT' && { Items }),
      Count: Items.length,
      ...(more && { LastEvaluatedKey: last }),
      ConsumedCapacity: { CapacityUnits: looked.length },
    };
  }

  function callOf(command: unknown): Omit<ServiceCall<object>, 'service'> {
    if (command instanceof PutItemCommand) {
      const { Item } = command.input;
      const about = `${keyText(Item)}${Item?.version?.N === undefined ? '' : ` v${Item.version.N}`}`;
      return { operation: 'PutItem', about, writes: true, effect: () => put(command) };
    }
    if (command instanceof GetItemCommand) {
      const { TableName, Key } = command.input;
      const effect = () => ({ Item: tableOf(TableName).get(given(Key)) });
      return { operation: 'GetItem', about: keyText(Key), writes: false, effect };
    }
    if (command instanceof QueryCommand) {
      const about = String(Object.values(command.input.ExpressionAttributeValues ?? {})[0]?.S ?? '');
      return { operation: 'Query', about, writes: false, effect: () => query(command) };
    }
    if (command instanceof BatchGetItemCommand) {
      const asked = Object.values(command.input.RequestItems ?? {}).flatMap(({ Keys }) => Keys ?? []);
      const about = asked.map(keyText).join();
      return { operation: 'BatchGetItem', about, writes: false, effect: () => batchGet(command) };
    }
    if (command instanceof UpdateItemCommand) {
      const about = keyText(command.input.Key);
      return { operation: 'UpdateItem', about, writes: true, effect: () => update(command) };
    }
    if (command instanceof DeleteItemCommand) {
      const about = keyText(command.input.Key);
      return { operation: 'DeleteItem', about, writes: true, effect: () => remove(command) };
    }
    if (command instanceof ScanCommand)
      return { operation: 'Scan', about: '', writes: false, effect: () => scan(command) };
    throw new TypeError(`The model of DynamoDB does not know ${(command as object).constructor.name}.`);
  }

  const send = (command: unknown) => sendAsSdk(wire, { service: 'dynamodb', ...callOf(command) });
  return { send, destroy: () => undefined } as unknown as DynamoDBClient;
}

/** Every table of this project names its keys alike. */
function keyText(item: Record<string, AttributeValue> | undefined): string {
  return [item?.pk?.S, item?.sk?.S].filter((part) => part !== undefined).join(' ');
}

function given(item: Record<string, AttributeValue> | undefined): StoredItem {
  return (item ?? {}) as StoredItem;
}

interface Conditional {
  ConditionExpression?: string | undefined;
  ExpressionAttributeNames?: Record<string, string> | undefined;
  ExpressionAttributeValues?: Record<string, AttributeValue> | undefined;
  ReturnValuesOnConditionCheckFailure?: string | undefined;
}

function holds(stored: StoredItem | undefined, input: Conditional): boolean {
  const { ConditionExpression, ExpressionAttributeNames: names, ExpressionAttributeValues: values } = input;
  return meets(ConditionExpression, stored, names, values as Values);
}

function conditionFailed(stored: StoredItem | undefined, input: Conditional): Error {
  const answersOld = input.ReturnValuesOnConditionCheckFailure === 'ALL_OLD' && stored;
  return new ConditionalCheckFailedException({
    message: 'The conditional request failed',
    $metadata: { httpStatusCode: 400 },
    ...(answersOld && { Item: stored as Record<string, AttributeValue> }),
  });
}
