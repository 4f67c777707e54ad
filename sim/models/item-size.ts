import { bytesOf, type StoredAttribute, type StoredItem } from '../../src/adapters/dynamodb/attributes.ts';
import { serviceError } from './service-call.ts';

/** What DynamoDB takes as one item, names included. */
export const MAX_ITEM_BYTES = 400 * 1024;

/** A list or a map costs so much by itself, and one byte more for each member. */
const CONTAINER_BYTES = 3;

/**
 * Size of an item as DynamoDB counts it.
 * @see https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function itemBytes(item: StoredItem): number {
  let bytes = 0;
  for (const name in item) {
    if (name === '') throw serviceError('ValidationException', 'Empty attribute name', 400);
    bytes += Buffer.byteLength(name) + attributeBytes(item[name] as StoredAttribute);
  }
  return bytes;
}

function attributeBytes({ S, N, B, M, L }: StoredAttribute): number {
  if (S !== undefined) return Buffer.byteLength(S);
  if (B !== undefined) return bytesOf(B).length;
  // Two digits in a byte, and one byte for sign and exponent.
  if (N !== undefined) return Math.ceil(N.length / 2) + 1;
  if (M !== undefined) return CONTAINER_BYTES + Object.keys(M).length + itemBytes(M);
  if (L === undefined) return 1;
  let bytes = CONTAINER_BYTES + L.length;
  for (const member of L) bytes += attributeBytes(member);
  return bytes;
}
