import { derive } from './derive.ts';
import type { HistoryEntry, Operation, Payment } from './payment.ts';

/**
 * A payment as it is stored: without what is derived from its operations and its history, and without nulls, since
 * stores bill and fill by the byte. `fromRecord(toRecord(p))` equals `p`. A plain completed payment is about 600
 * bytes of JSON, so that it stays below DynamoDB's 1 KB with room for metadata.
 */
export type PaymentRecord = Pick<
  Payment,
  | 'payment_id'
  | 'merchant_id'
  | 'livemode'
  | 'amount'
  | 'currency'
  | 'payment_method'
  | 'connector'
  | 'request_hash'
> & {
  operations: readonly OperationRecord[];
  history: readonly HistoryRecord[];
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

/** One entry for each version, from 1 on: the version is its place. */
type HistoryRecord = readonly [
  at: HistoryEntry['at'],
  kind: HistoryEntry['kind'],
  operation_id: HistoryEntry['operation_id'],
  outcome: HistoryEntry['outcome'],
  status: HistoryEntry['status'],
  actor: HistoryEntry['actor'],
  reason?: string,
];

export function toRecord(payment: Payment): PaymentRecord {
  const record: PaymentRecord = {
    payment_id: payment.payment_id,
    merchant_id: payment.merchant_id,
    livemode: payment.livemode,
    amount: payment.amount,
    currency: payment.currency,
    payment_method: payment.payment_method,
    connector: payment.connector,
    request_hash: payment.request_hash,
    operations: payment.operations.map(toOperationRecord),
    history: payment.history.map(toHistoryRecord),
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

/** Field by field, in the order of `Operation`: going through the names of each operation costs four times as much. */
function toOperationRecord(operation: Operation): OperationRecord {
  const { id, kind, amount, outcome, requested_at } = operation;
  const record: Partial<OperationRecord> = { id, kind, amount };
  if (operation.reason !== null) record.reason = operation.reason;
  record.outcome = outcome;
  if (operation.psp_reference !== null) record.psp_reference = operation.psp_reference;
  if (operation.failure !== null) record.failure = operation.failure;
  if (operation.next_action !== null) record.next_action = operation.next_action;
  if (operation.attempts !== 0) record.attempts = operation.attempts;
  if (operation.lookups !== 0) record.lookups = operation.lookups;
  if (operation.next_step_at !== null) record.next_step_at = operation.next_step_at;
  if (operation.dead_lettered_at !== null) record.dead_lettered_at = operation.dead_lettered_at;
  if (operation.key_hash !== null) record.key_hash = operation.key_hash;
  if (operation.request_hash !== null) record.request_hash = operation.request_hash;
  record.requested_at = requested_at;
  if (operation.settled_at !== null) record.settled_at = operation.settled_at;
  return record as OperationRecord;
}

function toHistoryRecord({
  at,
  kind,
  operation_id,
  outcome,
  status,
  actor,
  reason,
}: HistoryEntry): HistoryRecord {
  return reason === undefined
    ? [at, kind, operation_id, outcome, status, actor]
    : [at, kind, operation_id, outcome, status, actor, reason];
}

export function fromRecord(record: PaymentRecord): Payment {
  const operations = record.operations.map(fromOperationRecord);
  const history = record.history.map(fromHistoryRecord);
  return {
    payment_id: record.payment_id,
    merchant_id: record.merchant_id,
    livemode: record.livemode,
    version: history.length,
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
    history,
    dispatch: record.dispatch ?? null,
    created_at: (history[0] as HistoryEntry).at,
    updated_at: (history.at(-1) as HistoryEntry).at,
    authorization_expires_at: record.authorization_expires_at ?? null,
    request_hash: record.request_hash,
  };
}

function fromHistoryRecord(record: HistoryRecord, index: number): HistoryEntry {
  const [at, kind, operation_id, outcome, status, actor, reason] = record;
  const entry = { version: index + 1, at, kind, operation_id, outcome, status, actor };
  return reason === undefined ? entry : { ...entry, reason };
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
