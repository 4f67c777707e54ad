import type { Mix } from '../mix/mix.ts';
import {
  ITEM_OVERHEAD_BYTES,
  LONG_POLL_SECONDS,
  MEMORY_OF_ONE_CORE_MB,
  QUEUE_POLLERS,
  SECONDS_PER_MONTH,
} from '../model/stated.ts';

/** Create: 1 for the item, 1 for its index entry. Completing: 1 item, 1 index delete, 1 index put (its key is the status). */
export const WRITE_UNITS_PER_PAYMENT = 5;

/**
 * Processor time on a whole core, in ms. The reference has no measurement; boto3 was not run. In its favour: about what
 * Tollgate's handlers take, although each create makes three signed calls here and one there.
 */
export const CPU_MS = { create: 5, read: 1, message: 3 } as const;

/** Of each signed call by the NAT, both ways, TLS and TCP apart: headers with a session token, body, answer. */
export const BYTES_PER_CALL = 2_000;

/** What the gateway adds to the 60 bytes of the handler's answer: status line and headers. */
export const RESPONSE_HEADER_BYTES = 350;

/** What Lambda asks of a queue in which there is never anything. */
export const IDLE_POLLS_PER_MONTH = (QUEUE_POLLERS * SECONDS_PER_MONTH) / LONG_POLL_SECONDS;

/** Milliseconds that an invocation is billed for; a handler of one thread gains nothing from a second core. */
export function billedMs(waitMs: number, cpuMs: number, memoryMb: number): number {
  return waitMs + cpuMs / Math.min(1, memoryMb / MEMORY_OF_ONE_CORE_MB);
}

/**
 * Messages that one poll finds. In favour of the reference: never fewer than two, and all that arrive within a tenth
 * of a second, up to the batch of ten.
 */
export function messagesPerPoll(paymentsPerMonth: number): number {
  return Math.min(10, Math.max(2, (paymentsPerMonth / SECONDS_PER_MONTH) * 0.1));
}

/** Requests for one payment. Captures, cancels and refunds of the mix are left out: the reference has no such route. */
export interface Requests {
  readonly creates: number;
  /** Whatever writes nothing: reads, lists, and replays, of which each would be a second payment as written. */
  readonly others: number;
}

export function requestsPerPayment(mix: Mix): Requests {
  return { creates: 1, others: mix.readsPerPayment + mix.listsPerPayment + mix.replayedShare };
}

const TIMESTAMP = '2026-11-23T06:20:57.123456';
const AMOUNT = 1_999;

/** Texts of the sizes of the mix, as the reference writes them (Python puts a space after `:` and `,`). */
export function texts(mix: Mix) {
  const paymentId = 'p'.repeat(mix.sizes.paymentIdCharacters);
  const spaced = (value: object) =>
    `{${Object.entries(value)
      .map((entry) => entry.map((part) => JSON.stringify(part)).join(': '))
      .join(', ')}}`;
  return {
    requestBody: JSON.stringify({
      payment_id: paymentId,
      amount: AMOUNT,
      currency: 'usd',
      payment_method: 'pm_card_visa',
      description: 'd'.repeat(mix.sizes.descriptionCharacters),
      metadata: Object.fromEntries(
        Object.entries(mix.sizes.metadata).map(([key, characters]) => [key, 'm'.repeat(characters)]),
      ),
    }),
    responseBody: spaced({ payment_id: paymentId, status: 'processing' }),
    auditObject: spaced({
      payment_id: paymentId,
      amount: AMOUNT,
      timestamp: TIMESTAMP,
      action: 'payment_received',
    }),
    item: { payment_id: paymentId, timestamp: TIMESTAMP, amount: String(AMOUNT), status: 'completed' },
  };
}

/** What is stored of one payment, as DynamoDB counts it, overhead included. */
export interface Kept {
  readonly tableBytes: number;
  readonly indexBytes: number;
}

/**
 * A payment of twelve months ago that can still be answered for, its operations and history as plain attributes: 700
 * bytes, and 100 of DynamoDB's own; the index projects all of it. Tollgate's own item was 825 before it was packed.
 */
export const KEPT_PAYMENT: Kept = { tableBytes: 800, indexBytes: 800 };

/** The four attributes that the reference's code stores. */
export function keptAsWritten(mix: Mix): Kept {
  const attributes = Object.entries(texts(mix).item);
  const bytes = attributes.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  return { tableBytes: bytes + ITEM_OVERHEAD_BYTES, indexBytes: bytes + ITEM_OVERHEAD_BYTES };
}
