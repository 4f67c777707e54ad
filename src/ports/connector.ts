import type { PspAnswer } from '../domain/answer.ts';
import type { OperationKind } from '../domain/payment.ts';

/** One operation, as a PSP is asked for it. The same for every attempt, to the byte. */
export interface PspRequest {
  /** Hash of (mode, merchant, payment, operation): unique across merchants, equal on every attempt. */
  idempotency_key: string;
  kind: OperationKind;
  /** Minor units. */
  amount: number;
  currency: string;
  payment_method: string;
  return_url: string | null;
  /** The PSP's reference of the charge or authorize that this acts on; null for those two, and if never learned. */
  original_reference: string | null;
  /** Idempotency key of that charge or authorize: how to name it where no reference was ever learned. */
  original_key: string;
  /** Goes to the PSP with the request, comes back in its reports and call-backs. */
  merchant_id: string;
  livemode: boolean;
  payment_id: string;
  operation_id: string;
}

/** A signed message from a PSP, opened. What it claims is never believed, only looked up. */
export interface PspEvent {
  event_id: string;
  merchant_id: string;
  livemode: boolean;
  payment_id: string;
  operation_id: string;
}

/** What the PSP holds, by its own account. */
export interface PspReportLine {
  idempotency_key: string;
  merchant_id: string;
  livemode: boolean;
  payment_id: string;
  operation_id: string;
  kind: OperationKind;
  amount: number;
  currency: string;
  outcome: 'succeeded' | 'failed' | 'requires_action' | 'pending';
}

export interface RawCallback {
  headers: Record<string, string | undefined>;
  /** The exact bytes: the signature is over them. */
  body: Uint8Array;
}

/** The adapter to one PSP. */
export interface Connector {
  readonly name: string;
  /** Which keys it serves. A simulator must never see a live one. */
  accepts(livemode: boolean): boolean;
  /** The payment method to use when a request names none; null if it must. */
  readonly defaultPaymentMethod: string | null;
  /**
   * Asks for an operation. Repeating a key repeats the answer and not the effect.
   * @throws PspError; anything else that is thrown counts as `unknown`
   */
  execute(request: PspRequest, signal: AbortSignal): Promise<PspAnswer>;
  /**
   * Asks what became of an operation; null if the PSP never heard of it, so that asking (again) is safe.
   * @throws PspError if it cannot be asked now
   */
  lookup(request: PspRequest, signal: AbortSignal): Promise<PspAnswer | null>;
  /** Opens a call-back; null if its signature or its time is not right. */
  openCallback(callback: RawCallback, nowMs: number): PspEvent | null;
  /** Everything the PSP executed; of one payment in the order of execution. */
  report(): AsyncIterable<PspReportLine>;
}
