import { type AttributeValue, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createSeededIds } from '../../adapters/memory/seeded-ids.ts';
import { createDynamoStorage } from './dynamo-storage.ts';
import type { StorageOpener } from './simulator.fixture.ts';

type Item = Record<string, AttributeValue>;

/** What a command sends, as far as the simulator's storage uses it. */
export interface FakeRequest {
  name: 'GetItem' | 'PutItem' | 'UpdateItem' | 'Scan';
  /** The partition key; empty for a scan. */
  pk: string;
  Item?: Item;
  UpdateExpression?: string;
  ConditionExpression?: string;
  ExpressionAttributeNames?: Record<string, string>;
  ExpressionAttributeValues?: Item;
  ExclusiveStartKey?: Item;
}

/** Stands in a request's way: what `pass` answers is what DynamoDB would. To fail, throw, before or after. */
export type Meddle = (request: FakeRequest, pass: () => Answer) => Promise<Answer> | Answer;

interface Answer {
  statusCode: number;
  body: unknown;
}

/** Items on one page of a scan. */
const PAGE = 3;

/**
 * The few commands of DynamoDB that the storage uses, behind the real client: in this process, so that a test says
 * what comes between what. It knows the storage's own conditions and no others.
 */
export function createFakeDynamo() {
  const items = new Map<string, Item>();
  const requests: FakeRequest[] = [];
  let meddle: Meddle = (_request, pass) => pass();

  function conditionHolds(request: FakeRequest, item: Item | undefined): boolean {
    const { ConditionExpression: condition, ExpressionAttributeValues: values = {} } = request;
    const mark = String(request.ExpressionAttributeNames?.['#mark']);
    switch (condition) {
      case undefined:
        return true;
      case 'attribute_not_exists(pk)':
        return item === undefined;
      case 'version = :before':
        return item?.version !== undefined && item.version.N === values[':before']?.N;
      case '#mark = :read':
        return item?.[mark] !== undefined && item[mark].N === values[':read']?.N;
      default:
        throw new Error(`The fake does not know the condition ${condition}`);
    }
  }

  function write(request: FakeRequest): Answer {
    const { pk, Item, UpdateExpression: update } = request;
    const item = items.get(pk);
    if (!conditionHolds(request, item)) return refusal('ConditionalCheckFailedException');
    const mark = String(request.ExpressionAttributeNames?.['#mark']);
    const due = request.ExpressionAttributeValues?.[':due'];
    if (Item) items.set(pk, Item);
    else if (update === 'SET #mark = :due' && due) items.set(pk, { ...item, pk: { S: pk }, [mark]: due });
    else if (update === 'REMOVE #mark') items.set(pk, without(item, mark));
    else throw new Error(`The fake does not know the update ${update}`);
    return { statusCode: 200, body: {} };
  }

  function scan({ ExclusiveStartKey: after, ExpressionAttributeValues: values }: FakeRequest): Answer {
    const keys = [...items.keys()];
    const start = after ? keys.indexOf(String(after.pk?.S)) + 1 : 0;
    const page = keys.slice(start, start + PAGE);
    const Items = page
      .filter((pk) => pk.startsWith(String(values?.[':prefix']?.S)))
      .map((pk) => items.get(pk));
    const last = start + PAGE < keys.length ? { LastEvaluatedKey: { pk: { S: page.at(-1) } } } : {};
    return { statusCode: 200, body: { Items, ...last } };
  }

  function perform(request: FakeRequest): Answer {
    if (request.name === 'Scan') return scan(request);
    if (request.name !== 'GetItem') return write(request);
    return { statusCode: 200, body: { Item: items.get(request.pk) } };
  }

  async function handle({ headers, body }: { headers: Record<string, string>; body?: string | Uint8Array }) {
    const sent = JSON.parse(typeof body === 'string' ? body : new TextDecoder().decode(body));
    const name = String(headers['x-amz-target']).split('.')[1] as FakeRequest['name'];
    const request: FakeRequest = { ...sent, name, pk: String((sent.Item ?? sent.Key)?.pk?.S ?? '') };
    requests.push(request);
    const answer = await meddle(request, () => perform(request));
    const response = {
      statusCode: answer.statusCode,
      headers: { 'content-type': 'application/x-amz-json-1.0' },
      body: Buffer.from(JSON.stringify(answer.body)),
    };
    return { response };
  }

  /** @param maxAttempts of the client's own */
  function client(maxAttempts = 1): DynamoDBClient {
    return new DynamoDBClient({
      region: 'us-east-1',
      credentials: { accessKeyId: 'fake', secretAccessKey: 'fake' },
      maxAttempts,
      requestHandler: { handle },
    });
  }

  return {
    items,
    requests,
    client,
    /** From now on, until it is called again. */
    meddleWith(next: Meddle) {
      meddle = next;
    },
  };
}

export type FakeDynamo = ReturnType<typeof createFakeDynamo>;

function without(item: Item | undefined, name: string): Item {
  return Object.fromEntries(Object.entries(item ?? {}).filter(([key]) => key !== name));
}

/** An error as DynamoDB answers it. */
export function refusal(name: string, statusCode = 400): Answer {
  return { statusCode, body: { __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'no' } };
}

/** A request or an answer that was lost on its way. */
export function lost(): Error {
  return Object.assign(new Error('the connection timed out'), { name: 'TimeoutError' });
}

let opened = 0;

/** Every opening is a process of its own over one table; pauses take a turn of the event loop. */
export function dynamoOpener(client: DynamoDBClient, tableName: () => string): StorageOpener {
  const timers = { sleep: () => new Promise<void>((resolve) => setImmediate(resolve)) };
  return () => {
    opened += 1;
    return createDynamoStorage({ client, tableName: tableName(), timers, ids: createSeededIds(opened) });
  };
}
