import { isOpen } from '../../domain/derive.ts';
import type { Partition, Payment, PaymentRef, PaymentStatus } from '../../domain/payment.ts';
import type { ListPlace } from '../../ports/payment-store.ts';

/**
 * The keys of payments in the table and in its index. `#` occurs in no mode, merchant, time or payment id, so that
 * parts never run together; and every key begins with mode and merchant, or is split by them.
 */

/**
 * What is unsettled, of all merchants, is spread over so many index partitions: each takes 1,000 writes a second,
 * and a payment writes there twice.
 */
export const OPEN_SHARDS = 8;

/** What is settled is spread by merchant and status already. */
const SETTLED_SHARDS = 2;

/** `$` is the character after `#`: no key that begins with `x#` sorts at or above `x$`, and all do above `x`. */
const AFTER_SEPARATOR = '$';

function partitionKey({ livemode, merchant_id }: Partition): string {
  return `${livemode ? 'live' : 'test'}#${merchant_id}`;
}

export function paymentKey(ref: PaymentRef): string {
  return `${partitionKey(ref)}#${ref.payment_id}`;
}

export function parsePaymentKey(key: string): PaymentRef {
  const [mode, merchant_id, payment_id] = key.split('#') as [string, string, string];
  return { merchant_id, livemode: mode === 'live', payment_id };
}

/** DynamoDB's limit on a partition key: whoever asks for a longer one is told that the request is wrong. */
const MAX_KEY_BYTES = 2_048;

/** Whether there can be such a payment: an id that comes from a path may be of any length. */
export function canBePaymentKey(key: string): boolean {
  return Buffer.byteLength(key) <= MAX_KEY_BYTES;
}

export function openPartition(shard: number): string {
  return `open#${shard}`;
}

function settledPartition(partition: Partition, status: PaymentStatus, shard: number): string {
  return `${partitionKey(partition)}#${status}#${shard}`;
}

/** FNV-1a: spreads keys that differ in a digit, and is the same in every process for ever. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let place = 0; place < text.length; place += 1) {
    value = Math.imul(value ^ text.charCodeAt(place), 0x01000193);
  }
  return (value ^ (value >>> 15)) >>> 0;
}

/** Whether anything about it may still happen by itself, or waits for a person. */
export function isUnsettled(payment: Payment, dueMs: number | null): boolean {
  return dueMs !== null || payment.operations.some((operation) => isOpen(payment, operation));
}

export function indexPartition(payment: Payment, unsettled: boolean): string {
  const value = hash(paymentKey(payment));
  return unsettled
    ? openPartition(value % OPEN_SHARDS)
    : settledPartition(payment, payment.status, value % SETTLED_SHARDS);
}

/** Read backwards, this is the order of lists: newest first, then the greater id. */
export function indexPlace(payment: Partition & ListPlace): string {
  return `${partitionKey(payment)}#${payment.created_at}#${payment.payment_id}`;
}

export function parseIndexPlace(place: string): PaymentRef & ListPlace {
  const [mode, merchant_id, created_at, payment_id] = place.split('#') as [string, string, string, string];
  return { merchant_id, livemode: mode === 'live', created_at, payment_id };
}

/** While one of these is the status, the first operation is unsettled: such payments are in open partitions only. */
const NEVER_SETTLED: readonly PaymentStatus[] = ['processing', 'requires_action'];

/** Every index partition that may hold a payment of this merchant with one of these statuses. */
export function indexPartitions(partition: Partition, statuses: readonly PaymentStatus[]): string[] {
  const open = Array.from({ length: OPEN_SHARDS }, (_, shard) => openPartition(shard));
  const settled = statuses
    .filter((status) => !NEVER_SETTLED.includes(status))
    .flatMap((status) =>
      Array.from({ length: SETTLED_SHARDS }, (_, shard) => settledPartition(partition, status, shard)),
    );
  return [...open, ...settled];
}

/** The index places of a merchant's payments between two times, both exclusive. As bounds, both are inclusive. */
export function indexRange(
  partition: Partition,
  {
    created_after,
    created_before,
  }: { created_after?: string | undefined; created_before?: string | undefined },
): { from: string; to: string } {
  const merchant = partitionKey(partition);
  return {
    from: created_after === undefined ? `${merchant}#` : `${merchant}#${created_after}${AFTER_SEPARATOR}`,
    to: created_before === undefined ? `${merchant}${AFTER_SEPARATOR}` : `${merchant}#${created_before}`,
  };
}
