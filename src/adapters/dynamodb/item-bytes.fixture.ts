import { type Attribute, bytesOf, type Item } from './attributes.ts';

/** Bytes of an item as DynamoDB's documentation counts them: names and values, and what lists and maps need. */
export function itemBytes(item: Item): number {
  const named = Object.entries(item).map(([name, value]) => Buffer.byteLength(name) + valueBytes(value));
  return named.reduce((sum, bytes) => sum + bytes, 0);
}

function valueBytes(value: Attribute): number {
  if ('S' in value) return Buffer.byteLength(value.S);
  if ('B' in value) return bytesOf(value.B).length;
  if ('N' in value) return Math.ceil(value.N.length / 2) + 1;
  if ('L' in value) return value.L.reduce((sum, one) => sum + valueBytes(one) + 1, 3);
  if ('M' in value) return itemBytes(value.M) + Object.keys(value.M).length + 3;
  return 1;
}
