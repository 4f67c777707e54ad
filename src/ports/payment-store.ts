import type { Partition, Payment, PaymentRef, PaymentStatus } from '../domain/payment.ts';

export type Created = { created: true } | { created: false; existing: Payment };

/** The place of a payment in a list: newest first, then by id. */
export interface ListPlace {
  created_at: string;
  payment_id: string;
}

export interface ListQuery extends Partition {
  status?: PaymentStatus | undefined;
  limit: number;
  /** Only what comes after this place in the list's order. */
  after?: ListPlace | undefined;
  /** Exclusive bounds, RFC 3339. */
  created_after?: string | undefined;
  created_before?: string | undefined;
}

export interface DuePage {
  payments: Payment[];
  /** Where to go on; null when there is no more. */
  cursor: string | null;
}

/**
 * Payments, each one item. Every write is one conditional write of one item, durable before it resolves, and
 * appends exactly one change to the feed with it (invariants 2, 6, 8). Faults reject with `UnavailableError`.
 */
export interface PaymentStore {
  /** Writes version 1 if the id is free in its partition; otherwise answers what is there, and writes nothing. */
  create(payment: Payment): Promise<Created>;
  /** The last durable version; strongly consistent. */
  get(ref: PaymentRef): Promise<Payment | null>;
  /** Writes `next` if the stored version is `next.version - 1`; false if it is not. */
  update(next: Payment): Promise<boolean>;
  /** Newest first. May lag behind `get`. */
  list(query: ListQuery): Promise<Payment[]>;
  /** Payments, in any status and partition, whose `dueAtMs` is at or before `beforeMs`. */
  due(beforeMs: number, cursor: string | null, limit: number): Promise<DuePage>;
}
