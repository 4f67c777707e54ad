import type { Payment } from '../domain/payment.ts';

/** A payment went from version n-1 to n. */
export interface Change {
  /** Where in the feed it stands; opaque above the adapter. */
  position: string;
  /** The payment as it was after the change. */
  payment: Payment;
}

export interface ChangePage {
  changes: Change[];
  /** Pass this to `commit` once all of `changes` are dealt with, even when there are none. */
  position: string;
}

/**
 * The ordered feed of changes, written atomically with the payments; per payment in version order. At least once:
 * a reader that does not commit reads the same again. Only durable changes are read.
 */
export interface ChangeFeed {
  /**
   * The next changes for `consumer`, oldest first.
   * @param only `dispatched`: those that ask for an operation to be sent, and no others
   */
  read(consumer: string, limit: number, only?: 'dispatched'): Promise<ChangePage>;
  /** The consumer has dealt with everything up to `position`. What all consumers have dealt with may be forgotten. */
  commit(consumer: string, position: string): Promise<void>;
  /** About how many changes the consumer has not dealt with. Cheap. */
  lag(consumer: string): number;
}

/** Tells that payments changed: a hint to look, never relied on. */
export interface ChangeSignal {
  /** Calls `listener` after each durable change made by this process. Answers how to stop. */
  onChange(listener: (payment: Payment) => void): () => void;
}
