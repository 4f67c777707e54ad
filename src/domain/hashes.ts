import { hash } from 'node:crypto';
import type { Partition, PaymentRef } from './payment.ts';

/** What a request body may hold once parsed: JSON. */
export type Json =
  | null
  | boolean
  | number
  | string
  | readonly Json[]
  | { readonly [name: string]: Json | undefined };

/**
 * JSON with object keys sorted by UTF-16 code units and numbers and strings as ECMAScript writes them
 * (RFC 8785, JSON Canonicalization Scheme). Members that are null or undefined are left out: null is absent.
 */
export function canonicalJson(value: Json): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const object = value as { readonly [name: string]: Json | undefined };
  let members = '';
  for (const name of Object.keys(object).sort()) {
    const member = object[name];
    if (member === null || member === undefined) continue;
    const text = typeof member === 'string' ? quoted(member) : canonicalJson(member);
    members += `${members === '' ? '' : ','}${quoted(name)}:${text}`;
  }
  return `{${members}}`;
}

/** Printable ASCII without quotes and backslashes: JSON writes it as it is. */
const PLAIN = /^[ !#-[\]-~]*$/;

/** A string as JSON; the plain ones, which most are, without asking for it. */
function quoted(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

/** The version of the rules by which requests are compared; stored in front of each hash. */
const REQUEST_HASH_VERSION = '1';

/**
 * What makes two requests the same: the fields as sent, so that a changed default never turns an honest retry into
 * a mismatch. Currency in lower case; null is absent; defaults are not applied; no Unicode normalisation.
 * @param key the Idempotency-Key header, where it is part of the request because the body names the resource
 */
export function requestHash(fields: { readonly [name: string]: Json | undefined }, key?: string): string {
  const currency = fields.currency;
  const same = typeof currency === 'string' ? { ...fields, currency: currency.toLowerCase() } : fields;
  const text = canonicalJson(key === undefined ? { body: same } : { body: same, key });
  return `${REQUEST_HASH_VERSION}:${hash('sha256', text, 'base64url')}`;
}

/** Joins so that no two lists give the same text: each part is preceded by its length. */
function joined(parts: readonly string[]): string {
  return parts.map((part) => `${part.length}:${part}`).join('');
}

function mode(partition: Partition): string {
  return partition.livemode ? 'live' : 'test';
}

/** The stored form of an Idempotency-Key, in the scope of (mode, merchant, route, payment). */
export function keyHash(ref: PaymentRef, route: string, key: string): string {
  return hash('sha256', joined([mode(ref), ref.merchant_id, route, ref.payment_id, key]), 'base64url');
}

/** The id that a payment made with only an Idempotency-Key gets: the same key always names the same payment. */
export function derivedPaymentId(partition: Partition, key: string): string {
  return `pay_${hash('sha256', joined([mode(partition), partition.merchant_id, key]), 'hex').slice(0, 40)}`;
}

/** The id of a refund made with only an Idempotency-Key. */
export function derivedRefundId(ref: PaymentRef, key: string): string {
  const parts = [mode(ref), ref.merchant_id, ref.payment_id, key];
  return `re_${hash('sha256', joined(parts), 'hex').slice(0, 40)}`;
}

/**
 * The idempotency key that the PSP sees for an operation: the same on every attempt, and different for two
 * merchants who both have an `order-1` (design §2.4).
 */
export function pspIdempotencyKey(ref: PaymentRef, operationId: string): string {
  return hash('sha256', joined([mode(ref), ref.merchant_id, ref.payment_id, operationId]), 'hex');
}
