import type { PaymentRef } from '../domain/payment.ts';

/** One operation for a worker to see to. */
export interface WorkItem extends PaymentRef {
  operation_id: string;
  /** How often the PSP was asked before this message, where the sender knows better than the payment (else 0). */
  attempt: number;
}

export interface Delivery {
  /** For this delivery of the message alone: of no use once the message was received again. */
  receipt: string;
  item: WorkItem;
  /** How often the message has been received, this time included. More than once: its last reader may have died. */
  receiveCount: number;
}

export interface DeadLetter {
  id: string;
  item: WorkItem;
  reason: string;
  /** RFC 3339. */
  at: string;
}

export interface QueueDepth {
  /** Ready to be received. */
  waiting: number;
  /** Sent with a delay that has not passed. */
  delayed: number;
  /** Received, and neither acknowledged nor visible again. */
  inFlight: number;
}

/** At least once, in no order. Whatever it is told may be told again. Faults reject with `UnavailableError`. */
export interface WorkQueue {
  /** Sends each item after `delayMs` (0 … 900,000). All or nothing is not promised: a failed send may have sent some. */
  send(items: readonly WorkItem[], delayMs?: number): Promise<void>;
  /** Up to `limit` messages, hidden from others for the visibility timeout. Answers at once, perhaps with none. */
  receive(limit: number): Promise<Delivery[]>;
  /** Done with: not to be received again. A receipt that is no longer good is ignored. */
  ack(receipts: readonly string[]): Promise<void>;
  /** Moves an item to the dead letters; idempotent per operation. */
  deadLetter(item: WorkItem, reason: string): Promise<void>;
  deadLetters(limit: number): Promise<DeadLetter[]>;
  /** Sends a dead letter to the queue again and takes it off the list; false if there is none of that id. */
  redrive(id: string): Promise<boolean>;
  /** Takes off the list whatever stands there for an operation that has been settled. */
  dropDeadLetters(item: WorkItem): Promise<void>;
  /** Approximate; cheap enough to ask often. */
  depth(): Promise<QueueDepth>;
  deadLetterCount(): Promise<number>;
  /** Age of the oldest message ready to be received, in ms; 0 if there is none. */
  oldestAgeMs(): Promise<number>;
}
