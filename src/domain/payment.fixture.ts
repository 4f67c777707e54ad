import type { PspResult } from './answer.ts';
import { type CreateInput, createPayment } from './create-payment.ts';
import { type Derived, derive } from './derive.ts';
import { AUTHORIZATION_TTL_MS, CHALLENGE_TTL_MS, PENDING_GRACE_MS } from './limits.ts';
import {
  type Failure,
  type HistoryEntry,
  type NextAction,
  type Operation,
  type Payment,
  type PaymentRef,
  timestamp,
} from './payment.ts';
import { type Recorded, type Recorder, recordResult } from './record-result.ts';
import type { Refused } from './refusals.ts';
import type { OperationRequest, Requested } from './request-operation.ts';

/** Now, in every test that does not say otherwise: epoch ms. */
export const NOW_MS = Date.parse('2026-03-02T10:00:00.000Z');

export const AMOUNT = 1000;

export function aRef(given: Partial<PaymentRef> = {}): PaymentRef {
  return { merchant_id: 'm_1', livemode: false, payment_id: 'order-1', ...given };
}

export function aCreateInput(given: Partial<CreateInput> = {}): CreateInput {
  return {
    ...aRef(),
    amount: AMOUNT,
    currency: 'usd',
    capture_method: 'automatic',
    payment_method: 'pm_card_visa',
    description: null,
    metadata: {},
    return_url: null,
    connector: 'simulator',
    request_hash: '1:hash',
    actor: 'key_1',
    nowMs: NOW_MS,
    ...given,
  };
}

export function aFailure(given: Partial<Failure> = {}): Failure {
  return { code: 'card_declined', decline_code: null, advice: null, message: 'Declined.', ...given };
}

export function aNextAction(given: Partial<NextAction> = {}): NextAction {
  return {
    type: 'redirect_to_url',
    url: 'https://psp.example/challenge',
    expires_at: timestamp(NOW_MS + CHALLENGE_TTL_MS),
    ...given,
  };
}

/** By default a charge that has succeeded; whatever else follows from its kind and outcome. */
export function anOperation(given: Partial<Operation> = {}): Operation {
  const { kind = 'charge', outcome = 'succeeded' } = given;
  const settled = outcome === 'succeeded' || outcome === 'failed';
  return {
    id: `${kind}.1`,
    kind,
    amount: AMOUNT,
    reason: null,
    outcome,
    psp_reference: outcome === 'pending' || outcome === 'unknown' ? null : `psp_${kind}`,
    failure: outcome === 'failed' ? aFailure() : null,
    next_action: outcome === 'requires_action' ? aNextAction() : null,
    attempts: outcome === 'pending' ? 0 : 1,
    lookups: 0,
    next_step_at: settled ? null : timestamp(NOW_MS + PENDING_GRACE_MS),
    dead_lettered_at: null,
    key_hash: null,
    request_hash: null,
    requested_at: timestamp(NOW_MS),
    settled_at: settled ? timestamp(NOW_MS) : null,
    ...given,
  };
}

/** A payment that consists of the operations given (by default one charge that has succeeded), at version n. */
export function aPayment(given: Partial<Omit<Payment, keyof Derived>> = {}): Payment {
  const operations = given.operations ?? [anOperation()];
  const derived = derive({ operations });
  const history = operations.map(
    (operation, index): HistoryEntry => ({
      version: index + 1,
      at: timestamp(NOW_MS),
      kind: operation.kind,
      operation_id: operation.id,
      outcome: operation.outcome,
      status: derived.status,
      actor: 'key_1',
    }),
  );
  const { actor: _actor, nowMs: _nowMs, ...submitted } = aCreateInput();
  return {
    ...submitted,
    capture_method: operations[0]?.kind === 'authorize' ? 'manual' : 'automatic',
    ...derived,
    version: history.length,
    operations,
    history,
    dispatch: null,
    created_at: timestamp(NOW_MS),
    updated_at: timestamp(NOW_MS),
    authorization_expires_at:
      derived.status === 'authorized' ? timestamp(NOW_MS + AUTHORIZATION_TTL_MS) : null,
    ...given,
  };
}

/** A payment as merchants make it: version 1, asked for and not answered. */
export function aNewPayment(given: Partial<CreateInput> = {}): Payment {
  return createPayment(aCreateInput(given));
}

export function aRequest(given: Partial<OperationRequest> = {}): OperationRequest {
  return { nowMs: NOW_MS, actor: 'key_1', ...given };
}

export function aRecorder(given: Partial<Recorder> = {}): Recorder {
  return { nowMs: NOW_MS, actor: 'worker', ...given };
}

/** What a PSP may answer, or fail to: one of each outcome. */
export const RESULTS = {
  succeeded: { outcome: 'succeeded', psp_reference: 'psp_1' },
  failed: { outcome: 'failed', psp_reference: 'psp_1', failure: aFailure() },
  requires_action: { outcome: 'requires_action', psp_reference: 'psp_1', next_action: aNextAction() },
  pending: { outcome: 'pending', psp_reference: 'psp_1' },
  not_executed: {
    outcome: 'not_executed',
    attempt: 1,
    retryAtMs: NOW_MS + 1_000,
    message: 'The PSP is down.',
  },
  given_up: { outcome: 'given_up', message: 'The PSP was asked 8 times and did not execute it.' },
  rejected: { outcome: 'rejected', message: 'The PSP refuses this request.' },
  unknown: { outcome: 'unknown' },
} as const satisfies { [K in PspResult['outcome']]: Extract<PspResult, { outcome: K }> };

/** The next version; a fault of the test if there is none. */
export function changed(recorded: Recorded): Payment {
  if ('unchanged' in recorded) throw new Error('fixture: the result changes nothing');
  return recorded.changed;
}

/** The payment with a result recorded for an operation, by default the last one. */
export function answered(
  payment: Payment,
  result: PspResult,
  given: Partial<Recorder> & { id?: string } = {},
): Payment {
  const { id = payment.operations.at(-1)?.id as string, ...by } = given;
  return changed(recordResult(payment, id, result, aRecorder(by)));
}

/** The payment with the operation that was asked for; a fault of the test if it was refused. */
export function accepted(decision: Requested | Refused): Payment {
  if (!decision.ok) throw new Error(`fixture: refused with ${decision.code}: ${decision.detail}`);
  return decision.payment;
}
