import type { Failure } from '../../domain/payment.ts';
import type { PspRequest } from '../../ports/connector.ts';
import { UnavailableError } from '../../ports/faults.ts';

/** An operation that the simulator executed, with what has come of it since. Replaced, never changed in place. */
export interface SimulatedOperation {
  /** As it was asked; a payment method that is not a token is kept as a hash only. */
  readonly request: PspRequest;
  readonly reference: string;
  /** `pending`: succeeds by itself at `settled_at_ms`. */
  readonly outcome: 'succeeded' | 'failed' | 'requires_action' | 'pending';
  readonly failure: Failure | null;
  /** Token of the page where the customer decides. */
  readonly challenge: string | null;
  readonly executed_at_ms: number;
  /** Null while the customer has not decided. */
  readonly settled_at_ms: number | null;
  /** Of a charge or authorize: what was taken of it, in minor units. */
  readonly captured: number;
  /** And what of that went back, pending refunds included. */
  readonly refunded: number;
  readonly released: 'canceled' | 'reversed' | null;
}

/** A call-back that has not been delivered yet. */
export interface OutboxEvent {
  readonly event_id: string;
  /** Idempotency key of the operation that it is about. */
  readonly key: string;
  readonly attempts: number;
  readonly next_at_ms: number;
}

/** An event with what it tells of. */
export interface DueEvent {
  readonly event: OutboxEvent;
  readonly operation: SimulatedOperation;
}

/**
 * What is remembered of one payment: what a step may ask and change. Synchronous, so that deciding and remembering
 * are one step that nothing can come between. A storage may know more than that payment, and nobody relies on it.
 */
export interface SimulatorMemory {
  find(key: string): SimulatedOperation | undefined;
  findByReference(reference: string): SimulatedOperation | undefined;
  insert(operation: SimulatedOperation): void;
  /** Replaces everything but the request and the reference. */
  update(operation: SimulatedOperation): void;
  /** Counts one more attempt at what was not executed; answers how many there were by now. */
  countAttempt(key: string): number;
  /** A key that was canceled before it was ever used. */
  isCanceled(key: string): boolean;
  markCanceled(key: string): void;
  addEvent(event: OutboxEvent): void;
  /** Replaces an event, unless it was removed meanwhile: what was delivered does not come back. */
  replaceEvent(event: OutboxEvent): void;
  removeEvent(eventId: string): void;
}

export interface SimulatorStorage {
  /**
   * One unit of work on what is remembered of one payment, and what the step answered. Resolves once everything that
   * the step wrote or read would survive a crash of the process: no answer may leave before.
   * @param group what `groupOf` says of a request
   * @param step runs again if another process was faster. What it throws is thrown; then it must not have written
   *   anything, so what has to be remembered is answered and not thrown.
   * @throws StorageFault if the storage says what became of the step; anything else that it throws says nothing
   */
  within<T>(group: string, step: (memory: SimulatorMemory) => T): Promise<T>;
  /** The group of the operation that a challenge page is about. */
  groupOfChallenge(token: string): Promise<string | undefined>;
  /** The longest due first. */
  dueEvents(nowMs: number, limit: number): Promise<DueEvent[]>;
  /** Everything that was executed, in pages; per payment in the order of execution. */
  operations(): AsyncIterable<readonly SimulatedOperation[]>;
  /** Commits what is open, and lets go of what was opened. */
  close(): void;
}

/** A storage that others serve was not reached, or did not take what was written. */
export class StorageFault extends UnavailableError {
  /** False: certainly nothing was written. */
  readonly mayBeWritten: boolean;

  constructor(message: string, mayBeWritten: boolean, options?: ErrorOptions) {
    super(message, options);
    this.mayBeWritten = mayBeWritten;
  }
}

/**
 * All that is asked for one payment goes by the key of the charge or authorize that it began with. Who names another
 * payment's key but the right reference is understood by a storage that knows all payments at once, and by no other.
 */
export function groupOf({ kind, idempotency_key, original_key }: PspRequest): string {
  return kind === 'charge' || kind === 'authorize' ? idempotency_key : original_key;
}
