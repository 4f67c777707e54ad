import { describe, expect, it } from 'vitest';
import { dueAtMs } from './derive.ts';
import { AUTHORIZATION_TTL_MS } from './limits.ts';
import {
  accepted,
  aNewPayment,
  anOperation,
  answered,
  aPayment,
  aRequest,
  NOW_MS,
  RESULTS,
} from './payment.fixture.ts';
import {
  firstOperation,
  type Operation,
  type OperationKind,
  type Payment,
  type PaymentStatus,
  timestamp,
} from './payment.ts';
import { requestCancel, requestRefund } from './request-operation.ts';
import { type Resolution, resolveOperation } from './resolve-operation.ts';

const LATER_MS = NOW_MS + 8 * 24 * 60 * 60 * 1_000;
const DEAD = { next_step_at: null, dead_lettered_at: timestamp(NOW_MS) };

function resolution(given: Partial<Resolution> = {}): Resolution {
  return { as: 'succeeded', reason: 'seen in the PSP report', nowMs: LATER_MS, ...given };
}

function resolved(payment: Payment, id: string, given: Partial<Resolution> = {}): Payment {
  const answer = resolveOperation(payment, id, resolution(given));
  if (!answer.ok) throw new Error(answer.detail);
  return answer.payment;
}

function first(kind: OperationKind, given: Partial<Operation> = {}): Payment {
  return aPayment({ operations: [anOperation({ kind, outcome: 'unknown', ...DEAD, ...given })] });
}

describe('resolveOperation', () => {
  it('settles as succeeded, and keeps who said so and why', () => {
    const payment = resolved(first('charge'), 'charge.1');
    expect(payment).toMatchObject({ status: 'completed', amount_captured: 1000, version: 2, dispatch: null });
    expect(firstOperation(payment)).toMatchObject({
      outcome: 'succeeded',
      failure: null,
      next_step_at: null,
      dead_lettered_at: null,
      settled_at: timestamp(LATER_MS),
    });
    expect(payment.history.at(-1)).toEqual({
      version: 2,
      at: timestamp(LATER_MS),
      kind: 'resolve',
      operation_id: 'charge.1',
      outcome: 'succeeded',
      status: 'completed',
      actor: 'operator',
      reason: 'seen in the PSP report',
    });
  });

  it('settles as failed, and the merchant sees that a person did', () => {
    const payment = resolved(first('charge'), 'charge.1', { as: 'failed' });
    expect(payment).toMatchObject({
      status: 'failed',
      failure: { code: 'resolved_as_failed', advice: null },
    });
    expect(payment.history.at(-1)).toMatchObject({ kind: 'resolve', outcome: 'failed', status: 'failed' });
  });

  it.each<[string, Payment, string, Resolution['as'], PaymentStatus]>([
    ['an authorize', first('authorize'), 'authorize.1', 'failed', 'failed'],
    ['a challenge', first('charge', { outcome: 'requires_action' }), 'charge.1', 'succeeded', 'completed'],
    [
      'what is not a dead letter yet',
      first('charge', { dead_lettered_at: null }),
      'charge.1',
      'succeeded',
      'completed',
    ],
    [
      'a capture',
      aPayment({
        operations: [
          anOperation({ kind: 'authorize' }),
          anOperation({ kind: 'capture', outcome: 'unknown' }),
        ],
      }),
      'capture.1',
      'succeeded',
      'completed',
    ],
    [
      'a cancel',
      aPayment({
        operations: [anOperation({ kind: 'authorize' }), anOperation({ kind: 'cancel', outcome: 'unknown' })],
      }),
      'cancel.1',
      'failed',
      'authorized',
    ],
    [
      'a cancel that lost',
      aPayment({ operations: [anOperation(), anOperation({ kind: 'cancel', outcome: 'unknown' })] }),
      'cancel.1',
      'succeeded',
      'completed',
    ],
  ])('settles %s', (_what, payment, id, as, status) => {
    expect(resolved(payment, id, { as }).status).toBe(status);
  });

  it('lets a refund that has failed be asked for again', () => {
    const refunding = accepted(
      requestRefund(answered(aNewPayment(), RESULTS.succeeded), 'r1', 1000, aRequest()),
    );
    const payment = resolved(answered(refunding, RESULTS.unknown), 'r1', { as: 'failed' });
    expect(payment.amount_refundable).toBe(1000);
    expect(requestRefund(payment, 'r2', 1000, aRequest()).ok).toBe(true);
  });

  it('gives an authorization its seven days, so that it expires as any other', () => {
    const payment = resolved(first('authorize'), 'authorize.1');
    expect(payment).toMatchObject({
      status: 'authorized',
      authorization_expires_at: timestamp(LATER_MS + AUTHORIZATION_TTL_MS),
    });
    expect(dueAtMs(payment)).toBe(LATER_MS + AUTHORIZATION_TTL_MS);
  });

  it('says which operations there are if it is none of them', () => {
    expect(resolveOperation(first('charge'), 'charge.2', resolution())).toEqual({
      ok: false,
      detail: 'Payment order-1 has no operation "charge.2". It has: charge.1.',
    });
  });

  it.each(['succeeded', 'failed'] as const)(
    'settles nothing that has %s already (invariant 5)',
    (outcome) => {
      for (const as of ['succeeded', 'failed'] as const) {
        expect(
          resolveOperation(
            first('charge', { outcome, dead_lettered_at: null }),
            'charge.1',
            resolution({ as }),
          ),
        ).toEqual({
          ok: false,
          detail: `Operation charge.1 has ${outcome} already; there is nothing to resolve.`,
        });
      }
    },
  );
});

describe('what a confirmed cancel left behind', () => {
  const challenged = answered(aNewPayment(), RESULTS.requires_action);
  const canceled = answered(accepted(requestCancel(challenged, aRequest())), RESULTS.succeeded);

  it('is reversed if the operator knows that it has succeeded (invariant 7)', () => {
    const payment = resolved(canceled, 'charge.1');
    expect(payment).toMatchObject({ status: 'canceled', dispatch: 'reversal.5' });
    expect(firstOperation(payment)).toMatchObject({ outcome: 'succeeded', psp_reference: 'psp_1' });
    expect(payment.operations.at(-1)).toMatchObject({ kind: 'reversal', reason: 'seen in the PSP report' });
    expect(payment.history.at(-1)).toMatchObject({ kind: 'reversal', actor: 'operator' });
    expect(resolveOperation(payment, 'charge.1', resolution()).ok).toBe(false);
  });

  it('stays canceled: it cannot be settled as failed (invariant 5)', () => {
    expect(resolveOperation(canceled, 'charge.1', resolution({ as: 'failed' }))).toEqual({
      ok: false,
      detail: 'Payment order-1 is canceled, and operation charge.1 with it.',
    });
  });
});

describe('a hold that expired and could not be voided', () => {
  const held = aPayment({
    operations: [
      anOperation({ kind: 'authorize', dead_lettered_at: timestamp(NOW_MS) }),
      anOperation({ kind: 'cancel', outcome: 'failed' }),
    ],
  });

  it('is canceled by the operator, and the authorize stays as it was settled (invariant 12)', () => {
    const payment = resolved(held, 'authorize.1', { as: 'failed' });
    expect(payment).toMatchObject({
      status: 'canceled',
      cancellation_reason: 'authorization_expired',
      dispatch: null,
    });
    expect(firstOperation(payment)).toEqual({ ...firstOperation(held), dead_lettered_at: null });
    expect(payment.operations.at(-1)).toMatchObject({
      id: 'cancel.3',
      outcome: 'succeeded',
      settled_at: timestamp(LATER_MS),
    });
    expect(payment.history.at(-1)).toMatchObject({
      kind: 'resolve',
      operation_id: 'cancel.3',
      actor: 'operator',
      reason: 'seen in the PSP report',
    });
    expect(dueAtMs(payment)).toBeNull();
  });

  it('has succeeded already, and cannot be resolved as that', () => {
    expect(resolveOperation(held, 'authorize.1', resolution({ as: 'succeeded' })).ok).toBe(false);
  });
});
