import type { Failure } from '../../domain/payment.ts';
import type { PspRequest } from '../../ports/connector.ts';

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

export interface StoredOperation {
  /** Its place in the order of execution, from 1. */
  seq: number;
  operation: SimulatedOperation;
}

/** A call-back that has not been delivered yet. */
export interface OutboxEvent {
  readonly event_id: string;
  /** Idempotency key of the operation that it is about. */
  readonly key: string;
  readonly attempts: number;
  readonly next_at_ms: number;
}

/**
 * What the simulator remembers. Synchronous, so that deciding and remembering are one step that nothing can come
 * between; what one turn of the event loop writes is committed together. No answer may leave before `committed`.
 */
export interface SimulatorStorage {
  find(key: string): SimulatedOperation | undefined;
  findByReference(reference: string): SimulatedOperation | undefined;
  insert(operation: SimulatedOperation): void;
  /** Replaces everything but the request and the reference. */
  update(operation: SimulatedOperation): void;
  /** In the order of execution. */
  page(afterSeq: number, limit: number): StoredOperation[];
  /** Counts one more attempt at what was not executed; answers how many there were by now. */
  countAttempt(key: string): number;
  /** A key that was canceled before it was ever used. */
  isCanceled(key: string): boolean;
  markCanceled(key: string): void;
  findByChallenge(token: string): SimulatedOperation | undefined;
  /** Adds an event, or replaces the one of the same id. */
  putEvent(event: OutboxEvent): void;
  removeEvent(eventId: string): void;
  /** The longest due first. */
  dueEvents(nowMs: number, limit: number): OutboxEvent[];
  /** Resolves once everything written so far, and so everything read so far, would survive a crash of the process. */
  committed(): Promise<void>;
  /** Commits what is open, and lets go of the file. */
  close(): void;
}
