/** A value as this adapter writes it, in DynamoDB's own JSON. */
export type Attribute =
  | { S: string }
  | { N: string }
  | { BOOL: boolean }
  | { B: Uint8Array }
  | { NULL: true }
  | { M: Item }
  | { L: Attribute[] };

export interface Item {
  [name: string]: Attribute;
}

/** A value as the SDK, or a stream record as Lambda passes it, gives it back. */
export interface StoredAttribute {
  S?: string | undefined;
  N?: string | undefined;
  BOOL?: boolean | undefined;
  /** Bytes; a stream record has them as text in base64. */
  B?: Uint8Array | string | undefined;
  NULL?: boolean | undefined;
  M?: StoredItem | undefined;
  L?: readonly StoredAttribute[] | undefined;
}

export type StoredItem = Readonly<Record<string, StoredAttribute>>;

/**
 * Text is made well-formed: half of a surrogate pair has no bytes in UTF-8, and the request that holds it would be
 * refused each time it is tried. Whole numbers only, since money is never a float.
 */
export function toAttribute(value: unknown): Attribute {
  if (typeof value === 'string') return { S: value.toWellFormed() };
  if (Number.isSafeInteger(value)) return { N: String(value) };
  if (typeof value === 'boolean') return { BOOL: value };
  if (Array.isArray(value)) return { L: value.map(toAttribute) };
  if (value === null) return { NULL: true };
  if (value instanceof Uint8Array) return { B: value };
  if (typeof value === 'object') return { M: toItem(value) };
  throw new TypeError(`A value of type ${typeof value} cannot be stored.`);
}

export function toItem(record: object): Item {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [name.toWellFormed(), toAttribute(value)]),
  );
}

export function fromAttribute(attribute: StoredAttribute): unknown {
  if (attribute.S !== undefined) return attribute.S;
  if (attribute.N !== undefined) return Number(attribute.N);
  if (attribute.BOOL !== undefined) return attribute.BOOL;
  if (attribute.NULL) return null;
  if (attribute.B !== undefined) return bytesOf(attribute.B);
  if (attribute.L !== undefined) return attribute.L.map(fromAttribute);
  if (attribute.M !== undefined) return fromItem(attribute.M);
  throw new TypeError(`An attribute of type ${Object.keys(attribute).join()} was never written here.`);
}

/** Of a binary attribute, however it came. */
export function bytesOf(stored: Uint8Array | string): Buffer {
  return typeof stored === 'string' ? Buffer.from(stored, 'base64') : Buffer.from(stored);
}

export function fromItem(item: StoredItem): Record<string, unknown> {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, fromAttribute(value)]));
}
