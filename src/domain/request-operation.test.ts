import { describe, expect, it } from 'vitest';
import { MAX_OPERATIONS, SYSTEM_OPERATIONS } from './limits.ts';
import {
  accepted,
  aFailure,
  aNewPayment,
  anOperation,
  answered,
  aPayment,
  aRequest,
  NOW_MS,
  RESULTS,
} from './payment.fixture.ts';
import { type Operation, type OperationKind, type Outcome, type Payment, timestamp } from './payment.ts';
import type { RefusalCode } from './refusals.ts';
import { requestCancel, requestCapture, requestRefund } from './request-operation.ts';

type Step = [OperationKind, Outcome, Partial<Operation>?];
type Answer = 'yes' | RefusalCode;

function paymentOf(...steps: readonly Step[]): Payment {
  const operations = steps.map(([kind, outcome, given], index) =>
    anOperation({ id: `${kind}.${index + 1}`, kind, outcome, ...given }),
  );
  return aPayment({ operations });
}

const authorized: Step = ['authorize', 'succeeded'];
const charged: Step = ['charge', 'succeeded'];
const challenged: Step = ['charge', 'requires_action'];
const half = { amount: 500 };
const busy = 'operation_in_progress';
const notCapturable = 'payment_not_capturable';
const notCancelable = 'payment_not_cancelable';
const notRefundable = 'payment_not_refundable';

/** The second table of design.md §5, cell by cell: what is asked of it, for all of it. */
const ASKED: [string, Step[], capture: Answer, cancel: Answer, refund: Answer][] = [
  ['processing: a charge pending', [['charge', 'pending']], busy, busy, busy],
  [
    'processing: a charge accepted by the PSP',
    [['charge', 'pending', { psp_reference: 'p' }]],
    busy,
    busy,
    busy,
  ],
  ['processing: a charge unknown', [['charge', 'unknown']], busy, busy, busy],
  ['processing: an authorize pending', [['authorize', 'pending']], busy, busy, busy],
  ['processing: an authorize unknown', [['authorize', 'unknown']], busy, busy, busy],
  ['requires_action: a charge', [challenged], notCapturable, 'yes', notRefundable],
  ['requires_action: an authorize', [['authorize', 'requires_action']], notCapturable, 'yes', notRefundable],
  [
    'requires_action: a cancel pending',
    [challenged, ['cancel', 'pending']],
    notCapturable,
    busy,
    notRefundable,
  ],
  [
    'requires_action: a cancel unknown',
    [challenged, ['cancel', 'unknown']],
    notCapturable,
    busy,
    notRefundable,
  ],
  [
    'requires_action: a cancel failed',
    [challenged, ['cancel', 'failed']],
    notCapturable,
    'yes',
    notRefundable,
  ],
  ['authorized, idle', [authorized], 'yes', 'yes', notRefundable],
  ['authorized: a capture failed', [authorized, ['capture', 'failed']], 'yes', 'yes', notRefundable],
  ['authorized: a cancel failed', [authorized, ['cancel', 'failed']], 'yes', 'yes', notRefundable],
  ['authorized: a capture pending', [authorized, ['capture', 'pending']], busy, busy, notRefundable],
  ['authorized: a capture unknown', [authorized, ['capture', 'unknown']], busy, busy, notRefundable],
  ['authorized: a cancel pending', [authorized, ['cancel', 'pending']], busy, busy, notRefundable],
  ['authorized: a cancel unknown', [authorized, ['cancel', 'unknown']], busy, busy, notRefundable],
  ['completed by a charge', [charged], notCapturable, notCancelable, 'yes'],
  ['completed by a capture', [authorized, ['capture', 'succeeded']], notCapturable, notCancelable, 'yes'],
  [
    'completed: part is refunded',
    [charged, ['refund', 'succeeded', half]],
    notCapturable,
    notCancelable,
    'yes',
  ],
  [
    'completed: a refund of a part pending',
    [charged, ['refund', 'pending', half]],
    notCapturable,
    notCancelable,
    'yes',
  ],
  [
    'completed: a refund of a part unknown',
    [charged, ['refund', 'unknown', half]],
    notCapturable,
    notCancelable,
    busy,
  ],
  [
    'completed: a refund of all unknown',
    [charged, ['refund', 'unknown']],
    notCapturable,
    notCancelable,
    busy,
  ],
  ['completed: a refund failed', [charged, ['refund', 'failed']], notCapturable, notCancelable, 'yes'],
  [
    'completed: all is refunded',
    [charged, ['refund', 'succeeded']],
    notCapturable,
    notCancelable,
    notRefundable,
  ],
  [
    'completed: a refund of all pending',
    [charged, ['refund', 'pending']],
    notCapturable,
    notCancelable,
    notRefundable,
  ],
  [
    'completed: a cancel that lost is pending',
    [charged, ['cancel', 'pending']],
    notCapturable,
    notCancelable,
    'yes',
  ],
  [
    'completed: a cancel that lost is unknown',
    [charged, ['cancel', 'unknown']],
    notCapturable,
    notCancelable,
    busy,
  ],
  ['completed: a cancel lost', [charged, ['cancel', 'failed']], notCapturable, notCancelable, 'yes'],
  ['failed', [['charge', 'failed']], notCapturable, notCancelable, notRefundable],
  [
    'failed: a cancel pending',
    [
      ['charge', 'failed'],
      ['cancel', 'pending'],
    ],
    notCapturable,
    notCancelable,
    notRefundable,
  ],
  ['canceled: voided', [authorized, ['cancel', 'succeeded']], notCapturable, notCancelable, notRefundable],
  [
    'canceled: a challenge',
    [challenged, ['cancel', 'succeeded']],
    notCapturable,
    notCancelable,
    notRefundable,
  ],
  [
    'canceled: expired',
    [authorized, ['capture', 'failed', { failure: aFailure({ code: 'authorization_expired' }) }]],
    notCapturable,
    notCancelable,
    notRefundable,
  ],
  [
    'canceled: a reversal pending',
    [charged, ['cancel', 'succeeded'], ['reversal', 'pending']],
    notCapturable,
    notCancelable,
    notRefundable,
  ],
];

describe('what may be asked of each status (design §5, invariants 5 and 7)', () => {
  it.each(ASKED)('%s', (_state, steps, capture, cancel, refund) => {
    const payment = paymentOf(...steps);
    const answer = (decision: ReturnType<typeof requestCancel>): Answer =>
      decision.ok ? 'yes' : decision.code;
    expect({
      capture: answer(requestCapture(payment, undefined, aRequest())),
      cancel: answer(requestCancel(payment, aRequest())),
      refund: answer(requestRefund(payment, 'r1', undefined, aRequest())),
    }).toEqual({ capture, cancel, refund });
  });
});

describe('an operation that is accepted', () => {
  it('is pending, dispatched, and one version on, with who asked', () => {
    const before = paymentOf(charged);
    const decision = requestRefund(
      before,
      'r1',
      400,
      aRequest({ reason: 'returned', key_hash: 'k', request_hash: '1:r' }),
    );
    const after = accepted(decision);
    const operation = after.operations.at(-1);
    expect(decision).toMatchObject({ ok: true, operation });
    expect(operation).toMatchObject({
      id: 'r1',
      kind: 'refund',
      amount: 400,
      reason: 'returned',
      outcome: 'pending',
      key_hash: 'k',
      request_hash: '1:r',
      requested_at: timestamp(NOW_MS),
    });
    expect(after).toMatchObject({
      version: 2,
      dispatch: 'r1',
      updated_at: timestamp(NOW_MS),
      amount_refundable: 600,
    });
    expect(after.history.slice(1)).toEqual([
      {
        version: 2,
        at: timestamp(NOW_MS),
        kind: 'refund',
        operation_id: 'r1',
        outcome: 'pending',
        status: 'completed',
        actor: 'key_1',
      },
    ]);
  });

  it('leaves the payment that it was asked of as it was', () => {
    const before = paymentOf(charged);
    const copy = structuredClone(before);
    accepted(requestRefund(before, 'r1', 400, aRequest()));
    expect(before).toStrictEqual(copy);
  });

  it.each<[string, Payment, string, number]>([
    [
      'captures all without an amount',
      accepted(requestCapture(paymentOf(authorized), undefined, aRequest())),
      'capture.2',
      1000,
    ],
    ['captures a part', accepted(requestCapture(paymentOf(authorized), 1, aRequest())), 'capture.2', 1],
    [
      'captures exactly all',
      accepted(requestCapture(paymentOf(authorized), 1000, aRequest())),
      'capture.2',
      1000,
    ],
    [
      'voids all of an authorization',
      accepted(requestCancel(paymentOf(authorized), aRequest())),
      'cancel.2',
      1000,
    ],
    ['abandons a challenge', accepted(requestCancel(paymentOf(challenged), aRequest())), 'cancel.2', 1000],
    [
      'refunds all without an amount',
      accepted(requestRefund(paymentOf(charged), 'r1', undefined, aRequest())),
      'r1',
      1000,
    ],
    [
      'refunds what is left without an amount',
      accepted(requestRefund(paymentOf(charged, ['refund', 'pending', half]), 'r1', undefined, aRequest())),
      'r1',
      500,
    ],
    [
      'refunds no more than a partial capture took',
      accepted(
        requestRefund(paymentOf(authorized, ['capture', 'succeeded', half]), 'r1', undefined, aRequest()),
      ),
      'r1',
      500,
    ],
  ])('%s', (_what, payment, id, amount) => {
    expect(payment.operations.at(-1)).toMatchObject({ id, amount });
    expect(payment.dispatch).toBe(id);
  });

  it('gets another id when it is decided again after a lost write', () => {
    const before = paymentOf(authorized);
    const lost = accepted(requestCapture(before, undefined, aRequest()));
    const again = accepted(requestCapture({ ...before, version: before.version + 1 }, undefined, aRequest()));
    expect(again.dispatch).not.toBe(lost.dispatch);
  });
});

describe('a refusal says what was received and what to do', () => {
  it.each<[RefusalCode, string, ReturnType<typeof requestCancel>]>([
    [
      'capture_exceeds_authorized',
      'A capture of 1001 was asked for, but 1000 is authorized. Capture that or less.',
      requestCapture(paymentOf(authorized), 1001, aRequest()),
    ],
    [
      'refund_exceeds_captured',
      'A refund of 501 was asked for, but 500 is left to refund. Ask for that or less.',
      requestRefund(paymentOf(charged, ['refund', 'pending', half]), 'r1', 501, aRequest()),
    ],
    [
      'refund_exceeds_captured',
      'A refund of 501 was asked for, but 500 is left to refund. Ask for that or less.',
      requestRefund(paymentOf(authorized, ['capture', 'succeeded', half]), 'r1', 501, aRequest()),
    ],
    [
      'payment_not_refundable',
      'All of the 1000 captured is refunded or being refunded. Nothing is left to refund.',
      requestRefund(paymentOf(charged, ['refund', 'pending']), 'r1', 1, aRequest()),
    ],
    [
      'payment_not_refundable',
      'This payment is authorized. Only a completed payment can be refunded.',
      requestRefund(paymentOf(authorized), 'r1', 1, aRequest()),
    ],
    [
      'payment_not_capturable',
      'This payment is completed. Only an authorized payment can be captured.',
      requestCapture(paymentOf(charged), undefined, aRequest()),
    ],
    [
      'payment_not_cancelable',
      'This payment is completed. Only one that is authorized or requires action can be canceled; refund it instead.',
      requestCancel(paymentOf(charged), aRequest()),
    ],
    [
      'payment_not_cancelable',
      'This payment is failed. Only one that is authorized or requires action can be canceled.',
      requestCancel(paymentOf(['charge', 'failed']), aRequest()),
    ],
    [
      'operation_in_progress',
      'Another operation on this payment is not settled yet. Wait until it is, then ask again.',
      requestCancel(paymentOf(['charge', 'pending']), aRequest()),
    ],
  ])('%s: %s', (code, detail, decision) => {
    expect(decision).toEqual({ ok: false, code, detail });
  });
});

describe('two refunds of 60 on 100 (invariant 4)', () => {
  it.each<[Outcome, Answer]>([
    ['pending', 'refund_exceeds_captured'],
    ['succeeded', 'refund_exceeds_captured'],
    ['unknown', 'operation_in_progress'],
    ['failed', 'yes'],
  ])('once the first is %s, the second gets: %s', (outcome, expected) => {
    const payment = paymentOf(['charge', 'succeeded', { amount: 100 }], ['refund', outcome, { amount: 60 }]);
    const second = requestRefund(payment, 'r2', 60, aRequest());
    expect(second.ok ? 'yes' : second.code).toBe(expected);
  });
});

describe('the most operations of one payment (invariant 13)', () => {
  const most = MAX_OPERATIONS - SYSTEM_OPERATIONS;

  it('takes 98 of the merchant, all in flight at once, and settles each of them', () => {
    let payment = answered(aNewPayment(), RESULTS.succeeded);
    for (let count = 2; count <= most; count += 1) {
      payment = accepted(requestRefund(payment, `r${count}`, 1, aRequest()));
    }
    expect(payment.operations).toHaveLength(98);
    expect(requestRefund(payment, 'one-more', 1, aRequest())).toEqual({
      ok: false,
      code: 'too_many_operations',
      detail: 'This payment has 98 operations, and no room for another. Ask nothing more of it.',
    });
    for (const { id } of payment.operations.slice(1)) {
      payment = answered(payment, RESULTS.unknown, { id });
      payment = answered(payment, RESULTS.succeeded, { id, lookup: true });
    }
    expect(payment.amount_refunded).toBe(97);
  });

  it.each<[string, Payment, (payment: Payment) => ReturnType<typeof requestCancel>, Payment['status']]>([
    [
      'captures',
      answered(aNewPayment({ capture_method: 'manual' }), RESULTS.succeeded),
      (payment) => requestCapture(payment, undefined, aRequest()),
      'authorized',
    ],
    [
      'cancels',
      answered(aNewPayment(), RESULTS.requires_action),
      (payment) => requestCancel(payment, aRequest()),
      'requires_action',
    ],
  ])('takes %s that fail until there are 98 operations', (_what, first, ask, status) => {
    let payment = first;
    for (let count = 2; count <= most; count += 1) {
      payment = answered(accepted(ask(payment)), {
        outcome: 'failed',
        psp_reference: null,
        failure: aFailure(),
      });
    }
    expect(payment.operations).toHaveLength(98);
    expect(payment.status).toBe(status);
    expect(ask(payment)).toMatchObject({ ok: false, code: 'too_many_operations' });
  });
});
