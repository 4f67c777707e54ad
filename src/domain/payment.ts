/** The payment item of design.md §5: a header, its operations and its history. All times are RFC 3339 UTC, ms. */

/** Where a payment lives. Mode and merchant are the partition: nothing is ever read across it. */
export interface Partition {
  merchant_id: string;
  livemode: boolean;
}

export interface PaymentRef extends Partition {
  payment_id: string;
}

export type OperationKind = 'charge' | 'authorize' | 'capture' | 'cancel' | 'refund' | 'reversal';

/** What is known of an operation. `unknown`: the PSP was asked and did not answer, so money may have moved. */
export type Outcome = 'pending' | 'succeeded' | 'failed' | 'requires_action' | 'unknown';

export type PaymentStatus =
  | 'processing'
  | 'requires_action'
  | 'authorized'
  | 'completed'
  | 'failed'
  | 'canceled';

export const PAYMENT_STATUSES: readonly PaymentStatus[] = [
  'processing',
  'requires_action',
  'authorized',
  'completed',
  'failed',
  'canceled',
];

export type CaptureMethod = 'automatic' | 'manual';

export interface Failure {
  code: string;
  decline_code: string | null;
  /** What the merchant should do: `try_again_later`, `do_not_try_again`, `confirm_card_data`, or null. */
  advice: string | null;
  message: string;
}

export interface NextAction {
  type: 'redirect_to_url';
  url: string;
  expires_at: string;
}

export interface Operation {
  /** Unique within the payment. The system's ids carry a dot, which client ids cannot. */
  id: string;
  kind: OperationKind;
  amount: number;
  reason: string | null;
  outcome: Outcome;
  psp_reference: string | null;
  failure: Failure | null;
  next_action: NextAction | null;
  /** How often the PSP was asked to execute it. */
  attempts: number;
  /** How often the PSP was asked about it, in vain. */
  lookups: number;
  /** When the sweep should look at it again; null once settled or a dead letter. */
  next_step_at: string | null;
  dead_lettered_at: string | null;
  key_hash: string | null;
  request_hash: string | null;
  requested_at: string;
  settled_at: string | null;
}

export type HistoryKind = OperationKind | 'attempt' | 'lookup' | 'dead_letter' | 'resolve';

/** One per version, so that any later image of the payment can fill a gap in the change feed. */
export interface HistoryEntry {
  version: number;
  at: string;
  kind: HistoryKind;
  operation_id: string;
  outcome: Outcome;
  status: PaymentStatus;
  /** Key id, `worker`, `sweep`, `psp`, or `operator` (the command line). */
  actor: string;
  reason?: string;
}

export interface Payment extends PaymentRef {
  version: number;
  status: PaymentStatus;
  amount: number;
  currency: string;
  capture_method: CaptureMethod;
  payment_method: string;
  description: string | null;
  metadata: Record<string, string>;
  return_url: string | null;
  connector: string;
  amount_capturable: number;
  amount_captured: number;
  amount_refunded: number;
  amount_refundable: number;
  failure: Failure | null;
  cancellation_reason: string | null;
  operations: readonly Operation[];
  history: readonly HistoryEntry[];
  /** The operation that the write which made this version asks the relay to send; else null (design §2.7). */
  dispatch: string | null;
  created_at: string;
  updated_at: string;
  authorization_expires_at: string | null;
  request_hash: string;
}

/**
 * Seconds that were written out: at thousands of payments a second, most times are within one that was, be it now or
 * the end of some delay. A prime number of them: delays are round numbers, and would share one place of a round one.
 */
const SECONDS_KEPT = 61;
const secondsWritten = Array.from({ length: SECONDS_KEPT }, () => ({ second: Number.NaN, text: '' }));
const MILLISECONDS = Array.from({ length: 1_000 }, (_, ms) => `${String(ms).padStart(3, '0')}Z`);

/**
 * Epoch milliseconds to RFC 3339 UTC with milliseconds.
 * @throws RangeError if it is no time
 */
export function timestamp(epochMs: number): string {
  const second = Math.floor(epochMs / 1_000);
  const place = second % SECONDS_KEPT;
  const kept = secondsWritten[place];
  if (kept?.second === second) return kept.text + MILLISECONDS[Math.trunc(epochMs - second * 1_000)];
  const text = new Date(epochMs).toISOString();
  if (kept) secondsWritten[place] = { second, text: text.slice(0, -'000Z'.length) };
  return text;
}

export function isSettled(operation: Operation): boolean {
  return operation.outcome === 'succeeded' || operation.outcome === 'failed';
}

/** The charge or authorize that the payment began with. */
export function firstOperation(payment: Pick<Payment, 'operations'>): Operation {
  return payment.operations[0] as Operation;
}

export function findOperation(payment: Pick<Payment, 'operations'>, id: string): Operation | undefined {
  return payment.operations.find((operation) => operation.id === id);
}
