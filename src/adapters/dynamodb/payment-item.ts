import { dueAtMs } from '../../domain/derive.ts';
import type { Payment } from '../../domain/payment.ts';
import { fromRecord, type PaymentRecord, toRecord } from '../../domain/payment-record.ts';
import { type Item, type StoredItem, toItem } from './attributes.ts';
import { indexPartition, indexPlace, isUnsettled, parsePaymentKey, paymentKey } from './payment-keys.ts';
import { packRecord, unpackRecord } from './record-bytes.ts';
import { PAYMENTS_TABLE } from './table-schema.ts';

const DAY_SECONDS = 86_400;
const MS_PER_SECOND = 1_000;

/**
 * A payment as one item: its record, packed, and beside it what conditions, filters, the index and TTL need. Mode,
 * merchant and id are in the key alone.
 * @param hotRetentionDays after so long without a change a settled payment may go; 0: never
 */
export function toPaymentItem(payment: Payment, hotRetentionDays: number): Item {
  const dueMs = dueAtMs(payment);
  const unsettled = isUnsettled(payment, dueMs);
  const { partitionKey, index, ttlAttribute, recordAttribute } = PAYMENTS_TABLE;
  const { livemode: _mode, merchant_id: _merchant, payment_id: _id, ...record } = toRecord(payment);
  return toItem({
    [recordAttribute]: packRecord(record),
    ...(payment.dispatch !== null && { dispatch: payment.dispatch }),
    [partitionKey]: paymentKey(payment),
    [index.partitionKey]: indexPartition(payment, unsettled),
    [index.sortKey]: indexPlace(payment),
    version: payment.version,
    status: payment.status,
    ...(dueMs === null ? {} : { due_at: dueMs }),
    ...(hotRetentionDays > 0 && mayExpire(payment, unsettled)
      ? { [ttlAttribute]: expiresAtSeconds(payment, hotRetentionDays) }
      : {}),
  });
}

/** An authorization is never done with by itself, not even one that a person must see to. */
function mayExpire({ status }: Payment, unsettled: boolean): boolean {
  return !unsettled && (status === 'completed' || status === 'failed' || status === 'canceled');
}

function expiresAtSeconds({ updated_at }: Payment, hotRetentionDays: number): number {
  return Math.ceil(Date.parse(updated_at) / MS_PER_SECOND) + hotRetentionDays * DAY_SECONDS;
}

/** The table holds API keys too. */
export function isPaymentItem(item: StoredItem): boolean {
  return item[PAYMENTS_TABLE.recordAttribute] !== undefined;
}

/** @throws TypeError if it is something else that the table holds, or was written by a version that is not known */
export function toPayment(item: StoredItem): Payment {
  const { partitionKey, recordAttribute } = PAYMENTS_TABLE;
  const stored = item[recordAttribute];
  const key = item[partitionKey]?.S;
  if (stored === undefined || key === undefined) {
    throw new TypeError(`Not a payment: an item with the attributes ${Object.keys(item).sort().join(', ')}`);
  }
  return fromRecord({ ...unpackRecord(stored), ...parsePaymentKey(key) } as PaymentRecord);
}
