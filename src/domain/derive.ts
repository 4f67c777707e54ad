import { EXPIRY_RETRY_MS } from './limits.ts';
import {
  type Failure,
  firstOperation,
  isSettled,
  type NextAction,
  type Operation,
  type Payment,
  type PaymentStatus,
} from './payment.ts';

/** What a payment's operations say of it: design.md §5. Nothing else may set these fields. */
export interface Derived {
  status: PaymentStatus;
  amount_capturable: number;
  amount_captured: number;
  amount_refunded: number;
  amount_refundable: number;
  failure: Failure | null;
  cancellation_reason: string | null;
}

type Source = Pick<Payment, 'operations'>;

/** A capture or cancel that the PSP answered with "this authorization has expired": the money is out of reach. */
function foundExpired({ kind, failure }: Operation): boolean {
  return (kind === 'capture' || kind === 'cancel') && failure?.code === 'authorization_expired';
}

function succeeded(payment: Source, kind: Operation['kind']): Operation | undefined {
  return payment.operations.find((operation) => operation.kind === kind && operation.outcome === 'succeeded');
}

function deriveStatus(payment: Source): PaymentStatus {
  const first = firstOperation(payment);
  if (first.outcome === 'failed') return 'failed';
  // Whichever was recorded first has won: a success recorded after the cancel has a reversal beside it.
  const reversed = payment.operations.some(({ kind }) => kind === 'reversal');
  if (first.kind === 'charge' && first.outcome === 'succeeded' && !reversed) return 'completed';
  if (succeeded(payment, 'cancel') || payment.operations.some(foundExpired)) return 'canceled';
  if (first.outcome === 'requires_action') return 'requires_action';
  if (first.outcome !== 'succeeded') return 'processing';
  return succeeded(payment, 'capture') ? 'completed' : 'authorized';
}

function capturedAmount(payment: Source): number {
  const first = firstOperation(payment);
  const taken = first.kind === 'charge' ? first : (succeeded(payment, 'capture') as Operation);
  return taken.amount;
}

function deriveFailure(payment: Source, status: PaymentStatus): Failure | null {
  if (status === 'failed') return firstOperation(payment).failure;
  if (status === 'canceled') return payment.operations.find(foundExpired)?.failure ?? null;
  if (status !== 'authorized') return null;
  // A capture or cancel that failed leaves the payment authorized: the merchant must see why.
  return payment.operations.at(-1)?.failure ?? null;
}

function deriveCancellationReason(payment: Source, status: PaymentStatus): string | null {
  if (status !== 'canceled') return null;
  const cancel = succeeded(payment, 'cancel');
  return cancel ? cancel.reason : 'authorization_expired';
}

/** Status and amounts from the operations alone. Amounts in minor units; invariant 4 holds by construction. */
export function derive(payment: Source): Derived {
  const status = deriveStatus(payment);
  const captured = status === 'completed' ? capturedAmount(payment) : 0;
  let refunded = 0;
  let claimed = 0;
  for (const operation of payment.operations) {
    if (operation.kind !== 'refund' || operation.outcome === 'failed') continue;
    claimed += operation.amount;
    if (operation.outcome === 'succeeded') refunded += operation.amount;
  }
  return {
    status,
    amount_capturable: status === 'authorized' ? firstOperation(payment).amount : 0,
    amount_captured: captured,
    amount_refunded: refunded,
    amount_refundable: captured - claimed,
    failure: deriveFailure(payment, status),
    cancellation_reason: deriveCancellationReason(payment, status),
  };
}

/** When what the payment holds at the PSP runs out, in epoch ms: its challenge or its authorization; else null. */
export function expiresAtMs(payment: Payment): number | null {
  if (payment.status === 'requires_action') {
    const challenge = firstOperation(payment).next_action as NextAction;
    return Date.parse(challenge.expires_at);
  }
  return payment.status === 'authorized' ? Date.parse(payment.authorization_expires_at as string) : null;
}

/** When the expiry is to be acted on, in epoch ms; null while a capture or cancel is unsettled, which decides it. */
export function expiryStepAtMs(payment: Payment): number | null {
  const expiresMs = expiresAtMs(payment);
  if (expiresMs === null || firstOperation(payment).dead_lettered_at) return null;
  const last = payment.operations.at(-1) as Operation;
  if (last.kind !== 'cancel' && last.kind !== 'capture') return expiresMs;
  if (!isSettled(last)) return null;
  // The void of an expired hold has failed before: not again at once.
  const settledMs = Date.parse(last.settled_at as string);
  return settledMs < expiresMs ? expiresMs : settledMs + EXPIRY_RETRY_MS;
}

/** When the sweep should next look at this payment, in epoch ms; null if nothing about it is unsettled. */
export function dueAtMs(payment: Payment): number | null {
  let due = expiryStepAtMs(payment);
  for (const operation of payment.operations) {
    if (!isOpen(payment, operation) || operation.next_step_at === null) continue;
    const at = Date.parse(operation.next_step_at);
    if (due === null || at < due) due = at;
  }
  return due;
}

/** Unsettled, and still of any consequence: a first operation left behind by a confirmed cancel is not. */
export function isOpen(payment: Payment, operation: Operation): boolean {
  return !isSettled(operation) && !(payment.status === 'canceled' && operation === firstOperation(payment));
}
