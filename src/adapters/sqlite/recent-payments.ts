import type { Payment } from '../../domain/payment.ts';
import { parsePayment } from './rows.ts';

/** A version of a payment that is on disk: its record, parsed once however often it is asked for. */
export interface RecentPayment {
  readonly record: string;
  /** A copy of its own for each who asks. */
  payment(): Payment;
}

export function recentPayment(record: string): RecentPayment {
  let parsed: Payment | undefined;
  return {
    record,
    payment() {
      parsed ??= parsePayment({ record });
      return copied(parsed);
    },
  };
}

function copied(payment: Payment): Payment {
  return {
    ...payment,
    metadata: { ...payment.metadata },
    failure: payment.failure && { ...payment.failure },
    operations: payment.operations.map((operation) => ({
      ...operation,
      failure: operation.failure && { ...operation.failure },
      next_action: operation.next_action && { ...operation.next_action },
    })),
    history: payment.history.map((entry) => ({ ...entry })),
  };
}

/**
 * What was written last, by a key of the caller's: the relay, the worker and the audit log each ask for a payment within
 * milliseconds of its being written. The oldest go first.
 */
export interface Recent<Key> {
  get(key: Key): RecentPayment | undefined;
  set(key: Key, recent: RecentPayment): void;
}

export function createRecent<Key>(most: number): Recent<Key> {
  const kept = new Map<Key, RecentPayment>();
  return {
    get: (key) => kept.get(key),
    set(key, recent) {
      kept.delete(key);
      kept.set(key, recent);
      if (kept.size > most) kept.delete(kept.keys().next().value as Key);
    },
  };
}
