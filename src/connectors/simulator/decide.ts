import { AUTHORIZATION_TTL_MS } from '../../domain/limits.ts';
import type { Failure } from '../../domain/payment.ts';
import type { PspRequest } from '../../ports/connector.ts';
import { type Behaviour, failure } from './payment-methods.ts';
import type { SimulatedOperation } from './simulator-storage.ts';

/** How long a refund of `pm_card_pendingRefund` stays pending. */
export const PENDING_REFUND_MS = 2_000;

/** What comes of an operation, and what it does to the charge or authorize that it acts on. Pure. */
export type Verdict =
  | { outcome: 'failed'; failure: Failure }
  | { outcome: 'requires_action' }
  | { outcome: 'succeeded' | 'pending'; original?: SimulatedOperation; cancelsUnheard?: true };

const SUCCEEDED: Verdict = { outcome: 'succeeded' };

function fails(code: string, message: string): Verdict {
  return { outcome: 'failed', failure: failure(code, null, message) };
}

/** A charge or an authorize. */
export function decideFirst(behaviour: Behaviour): Verdict {
  if (behaviour.failure) return { outcome: 'failed', failure: behaviour.failure };
  return behaviour.challenge ? { outcome: 'requires_action' } : SUCCEEDED;
}

/** @param original null if the simulator never heard of it */
export function decideFollowUp(
  request: PspRequest,
  original: SimulatedOperation | null,
  behaviour: Behaviour,
  nowMs: number,
): Verdict {
  if (request.kind === 'cancel') return decideCancel(original, behaviour, nowMs);
  if (!original)
    return fails('original_not_found', 'The charge or authorization that this acts on is not known.');
  if (original.request.currency !== request.currency) {
    return fails(
      'currency_mismatch',
      `${request.currency} was asked of a payment in ${original.request.currency}.`,
    );
  }
  if (request.kind === 'capture') return decideCapture(request, original, behaviour, nowMs);
  if (request.kind === 'refund') return decideRefund(request, original, behaviour);
  return decideReversal(original);
}

function hasExpired(authorization: SimulatedOperation, nowMs: number): boolean {
  return nowMs >= (authorization.settled_at_ms ?? nowMs) + AUTHORIZATION_TTL_MS;
}

function decideCapture(
  { amount }: PspRequest,
  original: SimulatedOperation,
  behaviour: Behaviour,
  nowMs: number,
): Verdict {
  if (original.request.kind !== 'authorize')
    return fails('not_authorized', 'This was charged, not authorized.');
  if (original.released) return fails('authorization_canceled', 'The authorization was canceled.');
  if (original.outcome !== 'succeeded')
    return fails('not_authorized', 'The authorization has not succeeded.');
  if (original.captured > 0) return fails('already_captured', 'The authorization was captured before.');
  if (hasExpired(original, nowMs)) return fails('authorization_expired', 'The authorization has expired.');
  if (amount > original.request.amount) {
    return fails(
      'amount_too_large',
      `A capture of ${amount} exceeds the ${original.request.amount} authorized.`,
    );
  }
  if (behaviour.capture === 'fails') return fails('capture_failed', 'The capture failed.');
  return { outcome: 'succeeded', original: { ...original, captured: amount } };
}

function decideCancel(original: SimulatedOperation | null, behaviour: Behaviour, nowMs: number): Verdict {
  if (!original) return { outcome: 'succeeded', cancelsUnheard: true };
  if (original.outcome === 'failed') return fails('already_failed', 'The payment has failed already.');
  if (original.captured > 0)
    return fails('already_succeeded', 'The payment has succeeded already. Refund it instead.');
  if (original.released) return SUCCEEDED;
  const expired = original.outcome === 'succeeded' && hasExpired(original, nowMs);
  if (behaviour.cancel === 'fails' && !expired) return fails('cancel_failed', 'The cancel failed.');
  return { outcome: 'succeeded', original: { ...original, released: 'canceled' } };
}

function decideRefund({ amount }: PspRequest, original: SimulatedOperation, behaviour: Behaviour): Verdict {
  const left = original.released ? 0 : original.captured - original.refunded;
  if (amount > left) {
    return fails(
      'refund_exceeds_captured',
      `A refund of ${amount} exceeds the ${left} that is left to refund.`,
    );
  }
  if (behaviour.refund === 'fails') return fails('refund_failed', 'The refund failed.');
  return {
    outcome: behaviour.refund === 'pends' ? 'pending' : 'succeeded',
    original: { ...original, refunded: original.refunded + amount },
  };
}

function decideReversal(original: SimulatedOperation): Verdict {
  if (original.outcome !== 'succeeded') return fails('nothing_to_reverse', 'The payment has not succeeded.');
  if (original.released === 'reversed') return fails('already_reversed', 'The payment was reversed before.');
  return { outcome: 'succeeded', original: { ...original, released: 'reversed' } };
}
