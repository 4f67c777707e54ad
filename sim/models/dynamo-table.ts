import type { StoredItem } from '../../src/adapters/dynamodb/attributes.ts';
import { createDynamoIndex, type IndexSchema } from './dynamo-index.ts';
import { compareText } from './expressions.ts';
import { itemBytes, MAX_ITEM_BYTES } from './item-size.ts';
import { serviceError } from './service-call.ts';

export interface TableSchema {
  partitionKey: string;
  sortKey?: string;
  index?: IndexSchema & { name: string };
}

export interface TableOptions {
  schema: TableSchema;
  nowMs: () => number;
  /** As of the index. @default none */
  indexLagMs?: () => number;
  /** Called within the write, for each that changes anything. */
  onWrite?: (before: StoredItem | undefined, after: StoredItem | undefined) => void;
}

const MAX_PARTITION_KEY_BYTES = 2_048;
const MAX_SORT_KEY_BYTES = 1_024;

/**
 * A table: items by their key. Every call is one indivisible step, as DynamoDB's operations on one item are. Items are
 * never changed in place, so they are handed out as they are kept.
 */
export function createDynamoTable({ schema, nowMs, indexLagMs = () => 0, onWrite }: TableOptions) {
  const items = new Map<string, StoredItem>();
  const index =
    schema.index &&
    createDynamoIndex({ schema: schema.index, tableKey: schema.partitionKey, nowMs, lagMs: indexLagMs });

  function keyOf(item: StoredItem): string {
    const partition = keyPart(item, schema.partitionKey, MAX_PARTITION_KEY_BYTES);
    if (schema.sortKey === undefined) return partition;
    return `${partition}\n${keyPart(item, schema.sortKey, MAX_SORT_KEY_BYTES)}`;
  }

  function write(key: string, after: StoredItem | undefined): void {
    const before = items.get(key);
    if (after) items.set(key, after);
    else items.delete(key);
    index?.changed(key, before, after);
    if (before || after) onWrite?.(before, after);
  }

  return {
    schema,

    get: (key: StoredItem): StoredItem | undefined => items.get(keyOf(key)),

    put(item: StoredItem): void {
      const bytes = itemBytes(item);
      if (bytes > MAX_ITEM_BYTES) {
        throw serviceError(
          'ValidationException',
          `Item size ${bytes} has exceeded the maximum allowed size`,
          400,
        );
      }
      if (schema.index) {
        const { partitionKey, sortKey } = schema.index;
        if (item[partitionKey]) keyPart(item, partitionKey, MAX_PARTITION_KEY_BYTES);
        if (item[sortKey]) keyPart(item, sortKey, MAX_SORT_KEY_BYTES);
      }
      write(keyOf(item), item);
    },

    remove: (key: StoredItem): void => write(keyOf(key), undefined),

    /** Items with this partition key, by their sort key; of the index, entries as they are seen now. */
    partition(value: string, indexName: string | undefined): StoredItem[] {
      if (indexName !== undefined) {
        if (!index || indexName !== schema.index?.name)
          throw serviceError('ValidationException', `The table does not have the index ${indexName}`, 400);
        return index.entries(value);
      }
      const { partitionKey, sortKey = partitionKey } = schema;
      return [...items.values()]
        .filter((item) => item[partitionKey]?.S === value)
        .sort((a, b) => compareText(a[sortKey]?.S ?? '', b[sortKey]?.S ?? ''));
    },

    /** All items, in no order that means anything. */
    all: (): StoredItem[] => [...items.values()],
  };
}

export type DynamoTable = ReturnType<typeof createDynamoTable>;

function keyPart(item: StoredItem, name: string, maxBytes: number): string {
  const value = item[name]?.S;
  if (value === undefined || value === '')
    throw serviceError('ValidationException', `The key attribute ${name} is missing, empty or no text`, 400);
  if (Buffer.byteLength(value) > maxBytes)
    throw serviceError(
      'ValidationException',
      `The key attribute ${name} is longer than ${maxBytes} bytes`,
      400,
    );
  return value;
}
