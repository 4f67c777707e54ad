import { describe, expect, it } from 'vitest';
import { dueAtMs } from './derive.ts';
import { EXPIRY_RETRY_MS, MAX_OPERATIONS, PENDING_GRACE_MS, UNSETTLED_LIMIT_MS } from './limits.ts';
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
import { firstOperation, type Operation, type Payment, timestamp } from './payment.ts';
import { requestCancel, requestRefund } from './request-operation.ts';
import { markDeadLetter, sweepPayment } from './sweep-payment.ts';

const NOTHING = { send: [], deadLetter: [], expire: null };

function charge(given: Partial<Operation>): Payment {
  return aPayment({ operations: [anOperation(given)] });
}

describe('what the sweep sends again', () => {
  const due = timestamp(NOW_MS + PENDING_GRACE_MS);

  it.each<[string, Partial<Operation>]>([
    ['asked for, and perhaps never sent', { outcome: 'pending' }],
    ['accepted and not decided by the PSP', { outcome: 'pending', psp_reference: 'psp_1' }],
    ['unknown', { outcome: 'unknown' }],
    ['waiting for the customer', { outcome: 'requires_action' }],
  ])('is what is %s, once it is due and not a millisecond before', (_what, given) => {
    const payment = charge({ ...given, next_step_at: due });
    expect(sweepPayment(payment, Date.parse(due) - 1)).toEqual(NOTHING);
    expect(sweepPayment(payment, Date.parse(due))).toEqual({ ...NOTHING, send: [...payment.operations] });
  });

  it('is every operation that is due, in any status (invariant 2)', () => {
    let payment = answered(aNewPayment(), RESULTS.succeeded);
    for (const id of ['r1', 'r2', 'r3']) payment = accepted(requestRefund(payment, id, 10, aRequest()));
    payment = answered(payment, RESULTS.succeeded, { id: 'r2' });
    const { send } = sweepPayment(payment, dueAtMs(payment) as number);
    expect(send.map(({ id }) => id)).toEqual(['r1', 'r3']);
  });

  it.each<[string, Payment]>([
    ['settled', charge({})],
    [
      'a dead letter',
      charge({ outcome: 'unknown', next_step_at: null, dead_lettered_at: timestamp(NOW_MS) }),
    ],
    [
      'left behind by a confirmed cancel',
      aPayment({
        operations: [
          anOperation({ outcome: 'requires_action' }),
          anOperation({ id: 'cancel.2', kind: 'cancel' }),
        ],
      }),
    ],
  ])('is nothing of what is %s', (_what, payment) => {
    expect(sweepPayment(payment, NOW_MS + 100 * UNSETTLED_LIMIT_MS)).toEqual(NOTHING);
  });
});

describe('a dead letter', () => {
  const tooLateMs = NOW_MS + UNSETTLED_LIMIT_MS + 1;

  it.each<[string, Partial<Operation>]>([
    ['unknown', { outcome: 'unknown' }],
    ['pending', { outcome: 'pending' }],
  ])('is what is %s for more than seven days', (_what, given) => {
    const payment = charge(given);
    expect(sweepPayment(payment, tooLateMs - 1)).toMatchObject({ send: payment.operations, deadLetter: [] });
    expect(sweepPayment(payment, tooLateMs)).toMatchObject({ send: [], deadLetter: payment.operations });
  });

  it('is not made of a challenge, which has its own end', () => {
    const payment = charge({ outcome: 'requires_action' });
    expect(sweepPayment(payment, tooLateMs)).toMatchObject({ send: payment.operations, deadLetter: [] });
  });

  it('is made of a challenge whose cancel is one, since nothing ends it any more', () => {
    const challenge = anOperation({ outcome: 'requires_action' });
    const cancel = anOperation({ id: 'cancel.2', kind: 'cancel', outcome: 'unknown' });
    const inFlight = aPayment({ operations: [challenge, cancel] });
    expect(sweepPayment(inFlight, tooLateMs)).toMatchObject({ send: [challenge], deadLetter: [cancel] });
    const marked = markDeadLetter(inFlight, 'cancel.2', tooLateMs) as Payment;
    expect(sweepPayment(marked, tooLateMs)).toMatchObject({ send: [], deadLetter: [challenge] });
  });

  it('is made of a refund that wants a customer, since that has no end', () => {
    const refund = anOperation({ id: 'r1', kind: 'refund', outcome: 'requires_action' });
    const payment = aPayment({ operations: [anOperation(), refund] });
    expect(sweepPayment(payment, tooLateMs)).toMatchObject({ send: [], deadLetter: [refund] });
  });

  it('is marked, and then let be', () => {
    const marked = markDeadLetter(charge({ outcome: 'unknown' }), 'charge.1', tooLateMs) as Payment;
    expect(firstOperation(marked)).toMatchObject({
      outcome: 'unknown',
      next_step_at: null,
      dead_lettered_at: timestamp(tooLateMs),
    });
    expect(marked).toMatchObject({ version: 2, status: 'processing', dispatch: null });
    expect(marked.history.at(-1)).toMatchObject({
      kind: 'dead_letter',
      operation_id: 'charge.1',
      outcome: 'unknown',
      actor: 'sweep',
    });
    expect(dueAtMs(marked)).toBeNull();
    expect(sweepPayment(marked, tooLateMs)).toEqual(NOTHING);
  });

  it('is marked once', () => {
    const marked = markDeadLetter(charge({ outcome: 'unknown' }), 'charge.1', tooLateMs) as Payment;
    expect(markDeadLetter(marked, 'charge.1', tooLateMs)).toBeNull();
  });

  it.each<[string, Payment, string]>([
    ['settled meanwhile', charge({ outcome: 'succeeded' }), 'charge.1'],
    ['not there', charge({ outcome: 'unknown' }), 'refund.9'],
    [
      'left behind by a confirmed cancel',
      aPayment({
        operations: [
          anOperation({ outcome: 'requires_action' }),
          anOperation({ id: 'cancel.2', kind: 'cancel' }),
        ],
      }),
      'charge.1',
    ],
    [
      'an authorization that still holds',
      aPayment({ operations: [anOperation({ kind: 'authorize' })] }),
      'authorize.1',
    ],
  ])('is not made of what is %s', (_what, payment, id) => {
    expect(markDeadLetter(payment, id, NOW_MS)).toBeNull();
  });
});

const authorized = answered(aNewPayment({ capture_method: 'manual' }), RESULTS.succeeded);
const challenged = answered(aNewPayment(), RESULTS.requires_action);

describe('the expiry', () => {
  it.each<[string, Payment, string, string]>([
    ['an authorization', authorized, authorized.authorization_expires_at as string, 'authorization_expired'],
    ['a challenge', challenged, RESULTS.requires_action.next_action.expires_at, 'challenge_expired'],
  ])('of %s asks for a cancel, at the moment it comes', (_what, payment, expiresAt, reason) => {
    const expiresMs = Date.parse(expiresAt);
    expect(sweepPayment(payment, expiresMs - 1).expire).toBeNull();
    const expired = sweepPayment(payment, expiresMs).expire as Payment;
    expect(expired).toMatchObject({ status: payment.status, version: 3, dispatch: 'cancel.3' });
    expect(expired.operations.at(-1)).toMatchObject({
      id: 'cancel.3',
      kind: 'cancel',
      amount: 1000,
      outcome: 'pending',
      reason,
    });
    expect(expired.history.at(-1)).toMatchObject({ kind: 'cancel', actor: 'sweep' });
    expect(answered(expired, RESULTS.succeeded)).toMatchObject({
      status: 'canceled',
      cancellation_reason: reason,
    });
  });

  it('waits for a cancel that is in flight, which the sweep sends instead', () => {
    const asked = accepted(requestCancel(authorized, aRequest()));
    const { send, expire } = sweepPayment(asked, Date.parse(asked.authorization_expires_at as string));
    expect(expire).toBeNull();
    expect(send).toEqual([asked.operations.at(-1)]);
  });

  it('is tried again a day after it could not be voided', () => {
    const expiresMs = Date.parse(authorized.authorization_expires_at as string);
    const expired = sweepPayment(authorized, expiresMs).expire as Payment;
    const refused = answered(expired, RESULTS.failed, { nowMs: expiresMs + 5 });
    expect(sweepPayment(refused, expiresMs + 5 + EXPIRY_RETRY_MS - 1)).toEqual(NOTHING);
    expect(sweepPayment(refused, expiresMs + 5 + EXPIRY_RETRY_MS).expire?.dispatch).toBe('cancel.5');
  });
});

describe('an expiry that can never be settled (invariants 12 and 13)', () => {
  /** Refuses every cancel, until the sweep gives up. */
  function exhausted(first: Payment): Payment {
    let payment = first;
    for (let tries = 0; tries <= MAX_OPERATIONS; tries += 1) {
      const nowMs = dueAtMs(payment) as number;
      const { send, expire } = sweepPayment(payment, nowMs);
      if (expire) payment = answered(expire, RESULTS.failed, { nowMs });
      else if (send.length > 0)
        payment = answered(payment, RESULTS.requires_action, { id: 'charge.1', nowMs, lookup: true });
      else return payment;
    }
    throw new Error('the sweep never gives up');
  }

  it('uses all operations but the one kept for a reversal', () => {
    expect(exhausted(authorized).operations).toHaveLength(MAX_OPERATIONS - 1);
  });

  it('becomes a dead letter of the hold itself', () => {
    const payment = exhausted(authorized);
    const nowMs = dueAtMs(payment) as number;
    expect(sweepPayment(payment, nowMs)).toEqual({ ...NOTHING, deadLetter: [firstOperation(payment)] });
    const marked = markDeadLetter(payment, 'authorize.1', nowMs) as Payment;
    expect(marked.status).toBe('authorized');
    expect(firstOperation(marked)).toMatchObject({
      outcome: 'succeeded',
      dead_lettered_at: timestamp(nowMs),
    });
    expect(dueAtMs(marked)).toBeNull();
  });
});

describe('a challenge that can only be canceled at the very last try', () => {
  it('still has room for the reversal of a late success (invariant 7)', () => {
    let payment = challenged;
    while (payment.status === 'requires_action') {
      const nowMs = dueAtMs(payment) as number;
      const { expire } = sweepPayment(payment, nowMs);
      const last = expire?.operations.length === MAX_OPERATIONS - 1;
      if (expire) payment = answered(expire, last ? RESULTS.succeeded : RESULTS.failed, { nowMs });
      else payment = answered(payment, RESULTS.requires_action, { id: 'charge.1', nowMs, lookup: true });
    }
    expect(payment.status).toBe('canceled');
    const reversed = answered(payment, RESULTS.succeeded, { id: 'charge.1' });
    expect(reversed.operations).toHaveLength(MAX_OPERATIONS);
    expect(reversed.operations.at(-1)?.kind).toBe('reversal');
  });
});
