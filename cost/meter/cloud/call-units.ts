import type { Item } from '../../../src/adapters/dynamodb/attributes.ts';
import { itemBytes } from '../../../src/adapters/dynamodb/item-bytes.fixture.ts';
import type { Units } from '../measured.ts';

/** What a function waits for; the simulated PSP is told by its own table. */
export type Service = 'dynamodb' | 'sqs' | 's3' | 'secretsmanager' | 'psp';

/** One call of a service and its answer, as they were sent. */
export interface Exchange {
  /** Whose endpoint was asked. */
  readonly service: Exclude<Service, 'psp'>;
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly body: Buffer;
  readonly status: number;
  readonly answer: Buffer;
  /** Heads and bodies, both ways. */
  readonly wireBytes: number;
}

export interface Call {
  readonly service: Service;
  /** As the service names it: `PutItem`. */
  readonly operation: string;
  readonly units: Units;
}

const WRITE_UNIT_BYTES = 1_024;
const DYNAMODB_WRITES = new Set([
  'PutItem',
  'UpdateItem',
  'DeleteItem',
  'BatchWriteItem',
  'TransactWriteItems',
]);

/** Services that a function reaches by the NAT: the other two have gateway endpoints. */
const BY_NAT: readonly Service[] = ['sqs', 'secretsmanager'];

/** What a call is billed by. */
export function readCall(exchange: Exchange): Call {
  const { service } = exchange;
  if (service === 'dynamodb') return dynamoCall(exchange);
  const operation = service === 's3' ? s3Operation(exchange) : targetOperation(exchange);
  const isPut = operation === 'PutObject' && exchange.status < 300;
  return {
    service,
    operation,
    units: {
      [`${service}.${operation}`]: 1,
      ...(isPut ? { 's3.put_bytes': exchange.body.length } : {}),
      ...(BY_NAT.includes(service) ? { 'nat.bytes': exchange.wireBytes } : {}),
    },
  };
}

/** `DynamoDB_20120810.PutItem` → `PutItem`. */
export function targetOperation({ headers, method }: Pick<Exchange, 'headers' | 'method'>): string {
  return String(headers['x-amz-target'] ?? method)
    .split('.')
    .at(-1) as string;
}

/** S3 has no such header: the SDK names some operations in the query, and the others are known by their form. */
function s3Operation({ method, url }: Exchange): string {
  const { pathname, searchParams } = new URL(url, 'http://s3');
  const named = searchParams.get('x-id');
  if (named) return named;
  if (searchParams.has('list-type')) return 'ListObjectsV2';
  const hasKey = pathname.split('/').filter((part) => part !== '').length > 1;
  const verb = { GET: 'Get', PUT: 'Put', HEAD: 'Head', DELETE: 'Delete' }[method] ?? method;
  return `${verb}${hasKey ? 'Object' : 'Bucket'}`;
}

interface Capacity {
  TableName: string;
  Table?: { CapacityUnits: number };
  GlobalSecondaryIndexes?: Record<string, { CapacityUnits: number }>;
}

interface DynamoAnswer {
  ConsumedCapacity?: Capacity | Capacity[];
  /** Of a refusal. */
  __type?: string;
  Item?: Item;
}

interface DynamoRequest {
  TableName?: string;
  RequestItems?: Record<string, unknown>;
  Item?: Item;
}

function dynamoCall(exchange: Exchange): Call {
  const operation = targetOperation(exchange);
  const asked = JSON.parse(exchange.body.toString()) as DynamoRequest;
  const table = asked.TableName ?? Object.keys(asked.RequestItems ?? {})[0] ?? '';
  // Another company's table, which no real deployment has: what counts is that somebody waits for it.
  if (placeOf(table) === 'psp') return { service: 'psp', operation, units: {} };
  const kind = DYNAMODB_WRITES.has(operation) ? 'write' : 'read';
  const answer = JSON.parse(exchange.answer.toString() || '{}') as DynamoAnswer;
  const units: Record<string, number> = { [`calls.dynamodb.${operation}`]: 1 };
  const add = (place: string, count: number) => {
    const name = `dynamodb.${kind}.${place}`;
    units[name] = (units[name] ?? 0) + count;
  };
  for (const capacity of [answer.ConsumedCapacity ?? []].flat()) {
    const place = placeOf(capacity.TableName);
    if (capacity.Table) add(place, capacity.Table.CapacityUnits);
    for (const [index, { CapacityUnits }] of Object.entries(capacity.GlobalSecondaryIndexes ?? {}))
      add(`${place}/${index}`, CapacityUnits);
  }
  if (answer.__type?.endsWith('ConditionalCheckFailedException'))
    add(placeOf(table), refusedUnits(asked, answer));
  return { service: 'dynamodb', operation, units };
}

/**
 * A write that its condition refuses costs what it would have cost the table, by the larger of the two items, and
 * nothing of an index; the answer does not say so.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/WorkingWithItems.html
 */
function refusedUnits({ Item: given }: DynamoRequest, { Item: stored }: DynamoAnswer): number {
  const bytes = Math.max(given ? itemBytes(given) : 0, stored ? itemBytes(stored) : 0);
  return Math.max(1, Math.ceil(bytes / WRITE_UNIT_BYTES));
}

const PLACES: readonly (readonly [start: string, place: string])[] = [
  ['payments', 'payments'],
  ['payment-control', 'control'],
  ['payment-simulator', 'psp'],
];

/** The emulator's tables are numbered; one that is none of ours stands under its own name. */
function placeOf(table: string): string {
  return PLACES.find(([start]) => table.startsWith(start))?.[1] ?? table;
}
