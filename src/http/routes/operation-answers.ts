import type { AwaitOutcome } from '../../app/await-outcome.ts';
import type { OperationAnswer } from '../../app/request-operation.ts';
import type { PaymentRef } from '../../domain/payment.ts';
import { problem } from '../problems.ts';
import type { Answer, RouteRequest } from '../route.ts';

/** A 404 that says nothing but what was asked for: absent, another merchant's and another mode's look alike. */
export function paymentNotFound(paymentId: string): Answer {
  return { problem: problem('not_found', `There is no payment "${paymentId}" for this key.`) };
}

export function refFrom({ principal, params }: RouteRequest): PaymentRef {
  return {
    merchant_id: principal.merchant_id,
    livemode: principal.livemode,
    payment_id: params.payment_id as string,
  };
}

/** The refusal as a problem; null if the operation was accepted. */
export function refusalOf(answer: OperationAnswer, paymentId: string): Answer | null {
  if (!('refused' in answer)) return null;
  if (answer.refused === 'not_found') return paymentNotFound(paymentId);
  if (answer.refused === 'idempotency_mismatch') return idempotencyMismatch(paymentId);
  return { problem: problem(answer.refused, answer.detail, { payment_id: paymentId }) };
}

export function idempotencyMismatch(paymentId: string): Answer {
  const detail =
    'This id or idempotency key was used before with another request. Send the same request, or use another key.';
  return { problem: problem('idempotency_mismatch', detail, { payment_id: paymentId }) };
}

/** Waits as `Prefer: wait` asks, and says so in the answer if it did. */
export async function waited<T>(
  outcome: Pick<AwaitOutcome, 'wait'>,
  { waitSeconds }: RouteRequest,
  ref: PaymentRef,
  operationId: string,
  headers: Record<string, string>,
  otherwise: T,
): Promise<T | Awaited<ReturnType<AwaitOutcome['wait']>>> {
  if (waitSeconds === 0) return otherwise;
  const payment = await outcome.wait(ref, operationId, waitSeconds);
  if (!payment) return otherwise;
  headers['Preference-Applied'] = `wait=${waitSeconds}`;
  return payment;
}

export const REPLAYED = { 'Idempotent-Replayed': 'true' } as const;
