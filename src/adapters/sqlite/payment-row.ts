import { dueAtMs } from '../../domain/derive.ts';
import type { Payment, PaymentStatus } from '../../domain/payment.ts';
import { toRecord } from '../../domain/payment-record.ts';
import type { ListQuery } from '../../ports/payment-store.ts';
import { partitionKey } from './rows.ts';

/** A payment as it is written: its record as text, and the columns that are searched. All plain values. */
export interface PaymentRow {
  partition: string;
  payment_id: string;
  version: number;
  status: PaymentStatus;
  created_ms: number;
  due_ms: number | null;
  /** Whether the write asks for an operation to be sent. */
  dispatched: boolean;
  /** Whether the payment was in another status before. */
  moved: boolean;
  record: string;
}

/** The same as a list: a row that goes to another thread does not take the names of its columns along. */
export type FlatRow = readonly [
  partition: string,
  payment_id: string,
  version: number,
  status: PaymentStatus,
  created_ms: number,
  due_ms: number | null,
  dispatched: boolean,
  moved: boolean,
  record: string,
];

export function flatten(row: PaymentRow): FlatRow {
  const { partition, payment_id, version, status, created_ms, due_ms, dispatched, moved, record } = row;
  return [partition, payment_id, version, status, created_ms, due_ms, dispatched, moved, record];
}

export function unflatten(flat: FlatRow): PaymentRow {
  const [partition, payment_id, version, status, created_ms, due_ms, dispatched, moved, record] = flat;
  return { partition, payment_id, version, status, created_ms, due_ms, dispatched, moved, record };
}

/** Where a row is. */
export interface RowPlace {
  partition: string;
  payment_id: string;
}

/**
 * The rows of payments: what the thread that has the database does for all others. A payment is turned into its row,
 * and back, by whoever asks, so that the thread that all must go through does as little as possible.
 */
export interface PaymentRows {
  /** False if the id is taken. Durable before it resolves, as is `replace`. */
  insert(row: PaymentRow): Promise<boolean>;
  /** False if the version before it is not what is stored. */
  replace(row: PaymentRow): Promise<boolean>;
  /** The last durable version's record. */
  select(place: RowPlace): Promise<string | null>;
  /** Records, newest first. */
  list(query: ListQuery): Promise<string[]>;
}

export function toRow(payment: Payment): PaymentRow {
  const { payment_id, version, status, history } = payment;
  return {
    partition: partitionKey(payment),
    payment_id,
    version,
    status,
    created_ms: Date.parse(payment.created_at),
    due_ms: dueAtMs(payment),
    dispatched: payment.dispatch !== null,
    moved: history.at(-2)?.status !== status,
    record: JSON.stringify(toRecord(payment)),
  };
}
