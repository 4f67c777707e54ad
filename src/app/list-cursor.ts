import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ListPlace, ListQuery } from '../ports/payment-store.ts';

/** What a cursor is bound to: it goes on in the list that it was made for, and in no other. */
export type ListFilter = Omit<ListQuery, 'limit' | 'after'>;

/** A place with its longest payment id makes 190 characters; nothing longer is looked at. */
const MAX_CURSOR_LENGTH = 512;
const MAC_BYTES = 32;
/** Signed with the rest, so that no other use of the same keys, and no other form of cursor, is taken for one. */
const PURPOSE = 'list cursor 1';

/**
 * A letter after every 12 characters: base64url has digits and dashes, and 13 digits together could look like a
 * card number, which the edge refuses wherever it stands. With the letters there are never 13.
 */
const CHUNK = 12;
const CHUNKS = new RegExp(`.{${CHUNK}}`, 'g');
const CHUNKS_WITH_LETTER = new RegExp(`(.{${CHUNK}})x`, 'g');

function toText(bytes: Buffer): string {
  return bytes.toString('base64url').replace(CHUNKS, '$&x');
}

function toBytes(text: string): Buffer {
  return Buffer.from(text.replace(CHUNKS_WITH_LETTER, '$1'), 'base64url');
}

function mac(key: string, filter: ListFilter, place: string): Buffer {
  const { merchant_id, livemode, status, created_after, created_before } = filter;
  const bound = [merchant_id, livemode, status ?? null, created_after ?? null, created_before ?? null];
  return createHmac('sha256', key)
    .update(JSON.stringify([PURPOSE, ...bound, place]))
    .digest();
}

/**
 * The place as an opaque text that only this service can make: HMAC-SHA256 over place and filter, then the place.
 * @param keys newest first; the first signs
 */
export function encodeCursor(keys: readonly string[], filter: ListFilter, place: ListPlace): string {
  const [key] = keys;
  if (key === undefined) throw new Error('list cursor: there is no key to sign with');
  const payload = JSON.stringify([place.created_at, place.payment_id]);
  return toText(Buffer.concat([mac(key, filter, payload), Buffer.from(payload)]));
}

/**
 * The place, or null for anything but a cursor that `encodeCursor` made with one of the keys for this filter.
 * Every key is tried; whoever holds none learns nothing from the time that takes.
 */
export function decodeCursor(keys: readonly string[], filter: ListFilter, text: string): ListPlace | null {
  if (text.length > MAX_CURSOR_LENGTH) return null;
  const bytes = toBytes(text);
  // One text for each place: base64 is lenient, and an edited cursor must not pass because the bytes are the same.
  if (bytes.length <= MAC_BYTES || toText(bytes) !== text) return null;
  const signature = bytes.subarray(0, MAC_BYTES);
  const payload = bytes.toString('utf8', MAC_BYTES);
  if (!keys.some((key) => timingSafeEqual(mac(key, filter, payload), signature))) return null;
  const [created_at, payment_id] = JSON.parse(payload) as [string, string];
  return { created_at, payment_id };
}
