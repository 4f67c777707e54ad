import type { Item } from '../../src/adapters/dynamodb/attributes.ts';
import { itemBytes } from '../../src/adapters/dynamodb/item-bytes.fixture.ts';
import { PAYMENTS_TABLE } from '../../src/adapters/dynamodb/table-schema.ts';
import type { Measured } from './measured.ts';
import type { Change } from './play/sources.ts';

const { partitionKey, index } = PAYMENTS_TABLE;
/** Keys of both, and what is projected. */
const IN_INDEX: readonly string[] = [partitionKey, index.partitionKey, index.sortKey, ...index.include];

/** What settled payments take in the table and in its index, in the mean: their last images are what is stored. */
export function storedBytes(changes: readonly Change[]): Measured['stored'] {
  const last = new Map<string, Item>();
  for (const { record, payment } of changes) last.set(payment.payment_id, record.dynamodb?.NewImage as Item);
  const items = [...last.values()];
  const mean = (bytesOf: (item: Item) => number) =>
    Math.round(items.reduce((sum, item) => sum + bytesOf(item), 0) / items.length);
  return { itemBytes: mean(itemBytes), indexBytes: mean((item) => itemBytes(projected(item))) };
}

function projected(item: Item): Item {
  return Object.fromEntries(Object.entries(item).filter(([name]) => IN_INDEX.includes(name)));
}
