import type { SQLInputValue } from 'node:sqlite';
import type { OperationKind } from '../../domain/payment.ts';
import { referenceOf, slotIn } from './references.ts';
import type { SimulatedOperation } from './simulator-storage.ts';

/** An operation as its row holds it. What is absent of most is null, which costs a byte. */
export interface OperationRow {
  seq: number;
  slot: string;
  key: string;
  kind: OperationKind;
  amount: number;
  currency: string;
  payment_method: string;
  return_url: string | null;
  original_reference: string | null;
  /** Null if it is the operation's own. */
  original_key: string | null;
  merchant_id: string;
  payment_id: string;
  operation_id: string;
  outcome: SimulatedOperation['outcome'];
  failure: string | null;
  challenge: string | null;
  executed_at_ms: number;
  settled_at_ms: number | null;
  captured: number;
  refunded: number;
  released: SimulatedOperation['released'];
}

export function fromRow(row: OperationRow): SimulatedOperation {
  return {
    request: {
      idempotency_key: row.key,
      kind: row.kind,
      amount: row.amount,
      currency: row.currency,
      payment_method: row.payment_method,
      return_url: row.return_url,
      original_reference: row.original_reference,
      original_key: row.original_key ?? row.key,
      merchant_id: row.merchant_id,
      livemode: false,
      payment_id: row.payment_id,
      operation_id: row.operation_id,
    },
    reference: referenceOf(row.kind, row.slot),
    outcome: row.outcome,
    failure: row.failure === null ? null : JSON.parse(row.failure),
    challenge: row.challenge,
    executed_at_ms: row.executed_at_ms,
    settled_at_ms: row.settled_at_ms,
    captured: row.captured,
    refunded: row.refunded,
    released: row.released,
  };
}

export const INSERTED_COLUMNS = [
  ...['slot', 'key', 'kind', 'amount', 'currency', 'payment_method', 'return_url', 'original_reference'],
  ...['original_key', 'merchant_id', 'payment_id', 'operation_id', 'outcome', 'failure', 'challenge'],
  ...['executed_at_ms', 'settled_at_ms', 'captured', 'refunded', 'released'],
];

/** The columns of a new row, in the order of `INSERTED_COLUMNS`. */
export function insertedValues(operation: SimulatedOperation): SQLInputValue[] {
  const { request } = operation;
  const { idempotency_key: key, original_key } = request;
  return [
    slotIn(operation.reference),
    key,
    request.kind,
    request.amount,
    request.currency,
    request.payment_method,
    request.return_url,
    request.original_reference,
    original_key === key ? null : original_key,
    request.merchant_id,
    request.payment_id,
    request.operation_id,
    operation.outcome,
    operation.failure && JSON.stringify(operation.failure),
    operation.challenge,
    operation.executed_at_ms,
    operation.settled_at_ms,
    operation.captured,
    operation.refunded,
    operation.released,
  ];
}
