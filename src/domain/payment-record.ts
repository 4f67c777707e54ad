import { derive } from './derive.ts';
import type { HistoryEntry, Operation, Payment } from './payment.ts';

/**
 * A payment as it is stored: without what is derived, and without nulls, since stores bill and fill by the byte
 * (a plain completed payment stays below 1 KB). `fromRecord(toRecord(p))` equals `p`.
 */
export type PaymentRecord = Pick<
  Payment,
  | 'payment_id'
  | 'merchant_id'
  | 'livemode'
  | 'version'
  | 'amount'
  | 'currency'
  | 'payment_method'
  | 'connector'
> &
  Pick<Payment, 'created_at' | 'updated_at' | 'request_hash'> & {
    history: readonly HistoryEntry[];
    operations: readonly OperationRecord[];
  } & Partial<{ [K in OptionalField]: NonNullable<Payment[K]> }>;

type OptionalField =
  | 'capture_method'
  | 'description'
  | 'metadata'
  | 'return_url'
  | 'dispatch'
  | 'authorization_expires_at';

type OperationRecord = Pick<Operation, 'id' | 'kind' | 'amount' | 'outcome' | 'requested_at'> &
  Partial<{ [K in keyof Operation]: NonNullable<Operation[K]> }>;

export function toRecord(payment: Payment): PaymentRecord {
  const { payment_id, merchant_id, livemode, version, amount, currency, payment_method, connector } = payment;
  const record: PaymentRecord = {
    payment_id,
    merchant_id,
    livemode,
    version,
    amount,
    currency,
    payment_method,
    connector,
    created_at: payment.created_at,
    updated_at: payment.updated_at,
    request_hash: payment.request_hash,
    operations: payment.operations.map(toOperationRecord),
    history: payment.history,
  };
  if (payment.capture_method === 'manual') record.capture_method = 'manual';
  if (payment.description !== null) record.description = payment.description;
  if (Object.keys(payment.metadata).length > 0) record.metadata = payment.metadata;
  if (payment.return_url !== null) record.return_url = payment.return_url;
  if (payment.dispatch !== null) record.dispatch = payment.dispatch;
  if (payment.authorization_expires_at !== null)
    record.authorization_expires_at = payment.authorization_expires_at;
  return record;
}

function toOperationRecord(operation: Operation): OperationRecord {
  const record: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(operation)) {
    if (value !== null && !(value === 0 && (name === 'attempts' || name === 'lookups'))) record[name] = value;
  }
  return record as OperationRecord;
}

export function fromRecord(record: PaymentRecord): Payment {
  const operations = record.operations.map(fromOperationRecord);
  return {
    payment_id: record.payment_id,
    merchant_id: record.merchant_id,
    livemode: record.livemode,
    version: record.version,
    amount: record.amount,
    currency: record.currency,
    capture_method: record.capture_method ?? 'automatic',
    payment_method: record.payment_method,
    description: record.description ?? null,
    metadata: record.metadata ?? {},
    return_url: record.return_url ?? null,
    connector: record.connector,
    ...derive({ operations }),
    operations,
    history: record.history,
    dispatch: record.dispatch ?? null,
    created_at: record.created_at,
    updated_at: record.updated_at,
    authorization_expires_at: record.authorization_expires_at ?? null,
    request_hash: record.request_hash,
  };
}

function fromOperationRecord(record: OperationRecord): Operation {
  return {
    id: record.id,
    kind: record.kind,
    amount: record.amount,
    reason: record.reason ?? null,
    outcome: record.outcome,
    psp_reference: record.psp_reference ?? null,
    failure: record.failure ?? null,
    next_action: record.next_action ?? null,
    attempts: record.attempts ?? 0,
    lookups: record.lookups ?? 0,
    next_step_at: record.next_step_at ?? null,
    dead_lettered_at: record.dead_lettered_at ?? null,
    key_hash: record.key_hash ?? null,
    request_hash: record.request_hash ?? null,
    requested_at: record.requested_at,
    settled_at: record.settled_at ?? null,
  };
}
