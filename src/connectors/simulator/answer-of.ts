import type { PspAnswer } from '../../domain/answer.ts';
import { AUTHORIZATION_TTL_MS, CHALLENGE_TTL_MS } from '../../domain/limits.ts';
import { type Failure, timestamp } from '../../domain/payment.ts';
import type { PspReportLine } from '../../ports/connector.ts';
import type { SimulatedOperation } from './simulator-storage.ts';

/** What a pending refund is changes with the time alone: nobody has to write it. */
export function outcomeAt(operation: SimulatedOperation, nowMs: number): SimulatedOperation['outcome'] {
  const settled = operation.settled_at_ms !== null && nowMs >= operation.settled_at_ms;
  return operation.outcome === 'pending' && settled ? 'succeeded' : operation.outcome;
}

export function challengeExpiresAtMs(operation: SimulatedOperation): number {
  return operation.executed_at_ms + CHALLENGE_TTL_MS;
}

/**
 * What is said of an operation, each time it is asked about. A cancel of it is an operation of its own: it does not
 * change this, as an authorization that was voided has succeeded all the same.
 */
export function answerOf(operation: SimulatedOperation, challengeUrl: string, nowMs: number): PspAnswer {
  const { reference: psp_reference, request, settled_at_ms } = operation;
  const outcome = outcomeAt(operation, nowMs);
  switch (outcome) {
    case 'failed':
      return { outcome, psp_reference, failure: operation.failure as Failure };
    case 'requires_action': {
      const expires_at = timestamp(challengeExpiresAtMs(operation));
      return {
        outcome,
        psp_reference,
        next_action: { type: 'redirect_to_url', url: challengeUrl, expires_at },
      };
    }
    case 'pending':
      return { outcome, psp_reference };
    case 'succeeded':
      if (request.kind !== 'authorize' || settled_at_ms === null) return { outcome, psp_reference };
      return {
        outcome,
        psp_reference,
        authorization_expires_at: timestamp(settled_at_ms + AUTHORIZATION_TTL_MS),
      };
  }
}

export function reportLine(operation: SimulatedOperation, nowMs: number): PspReportLine {
  const { idempotency_key, merchant_id, livemode, payment_id, operation_id, kind, amount, currency } =
    operation.request;
  const outcome = outcomeAt(operation, nowMs);
  return {
    idempotency_key,
    merchant_id,
    livemode,
    payment_id,
    operation_id,
    kind,
    amount,
    currency,
    outcome,
  };
}
