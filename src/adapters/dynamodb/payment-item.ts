import { dueAtMs } from '../../domain/derive.ts';
import type { Payment } from '../../domain/payment.ts';
import { fromRecord, type PaymentRecord, toRecord } from '../../domain/payment-record.ts';
import { fromItem, type Item, type StoredItem, toItem } from './attributes.ts';
import { indexPartition, indexPlace, isUnsettled, paymentKey } from './payment-keys.ts';
import { PAYMENTS_TABLE } from './table-schema.ts';

const DAY_SECONDS = 86_400;
const MS_PER_SECOND = 1_000;

/**
 * A payment as one item: its record, and what conditions, the index and TTL need beside it.
 * @param hotRetentionDays after so long without a change a settled payment may go; 0: never
 */
export function toPaymentItem(payment: Payment, hotRetentionDays: number): Item {
  const dueMs = dueAtMs(payment);
  const unsettled = isUnsettled(payment, dueMs);
  const { partitionKey, index, ttlAttribute } = PAYMENTS_TABLE;
  return toItem({
    ...toRecord(payment),
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
  return item.payment_id !== undefined;
}

export function toPayment(item: StoredItem): Payment {
  if (!isPaymentItem(item)) {
    throw new TypeError(`Not a payment: an item with the attributes ${Object.keys(item).sort().join(', ')}`);
  }
  return fromRecord(fromItem(item) as unknown as PaymentRecord);
}
