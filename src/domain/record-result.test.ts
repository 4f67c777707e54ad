import { describe, expect, it } from 'vitest';
import type { PspResult } from './answer.ts';
import {
  AUTHORIZATION_TTL_MS,
  CHALLENGE_TTL_MS,
  LOOKUP_PAUSES_MS,
  MAX_ATTEMPTS,
  MAX_HISTORY,
  PENDING_GRACE_MS,
} from './limits.ts';
import {
  accepted,
  aFailure,
  aNewPayment,
  anOperation,
  answered,
  aPayment,
  aRecorder,
  aRequest,
  NOW_MS,
  RESULTS,
} from './payment.fixture.ts';
import { firstOperation, type Operation, type Outcome, type Payment, timestamp } from './payment.ts';
import { recordResult } from './record-result.ts';
import { requestCancel, requestCapture } from './request-operation.ts';
import { markDeadLetter, sweepPayment } from './sweep-payment.ts';

const UNCHANGED = { unchanged: true };
const LATER_MS = NOW_MS + 5_000;
const ASKED = aRecorder({ nowMs: LATER_MS });
const LOOKED_UP = aRecorder({ nowMs: LATER_MS, lookup: true });

function inMs(ms: number): string {
  return timestamp(LATER_MS + ms);
}

function charge(given: Partial<Operation>): Payment {
  return aPayment({ operations: [anOperation(given)] });
}

function recordedCharge(given: Partial<Operation>, result: PspResult, by = ASKED): Operation {
  return firstOperation(answered(charge(given), result, by));
}

describe('what settles an operation', () => {
  it('is success', () => {
    const payment = answered(charge({ outcome: 'pending' }), RESULTS.succeeded, ASKED);
    expect(payment).toMatchObject({ status: 'completed', version: 2, dispatch: null });
    expect(firstOperation(payment)).toMatchObject({
      outcome: 'succeeded',
      psp_reference: 'psp_1',
      failure: null,
      attempts: 1,
      next_step_at: null,
      settled_at: inMs(0),
    });
    expect(payment.history.at(-1)).toMatchObject({
      version: 2,
      kind: 'charge',
      outcome: 'succeeded',
      actor: 'worker',
    });
  });

  it('is the failure that the PSP reports', () => {
    const payment = answered(charge({ outcome: 'pending' }), RESULTS.failed, ASKED);
    expect(payment).toMatchObject({ status: 'failed', failure: aFailure() });
    expect(firstOperation(payment)).toMatchObject({
      outcome: 'failed',
      psp_reference: 'psp_1',
      settled_at: inMs(0),
    });
  });

  it.each<[string, (message: string) => PspResult]>([
    ['reports', (message) => ({ outcome: 'failed', psp_reference: 'psp_1', failure: aFailure({ message }) })],
    ['refuses with', (message) => ({ outcome: 'rejected', message })],
  ])('is what the PSP %s, without what would not fit into a store', (_what, resultOf) => {
    const whole = 'The page that a proxy answered. '.repeat(16);
    const failureOf = (message: string) =>
      recordedCharge({ outcome: 'pending' }, resultOf(message)).failure?.message;
    expect(failureOf(whole.slice(0, 500))).toBe(whole.slice(0, 500));
    expect(failureOf(whole.repeat(1_000))).toBe(whole.slice(0, 500));
    // Half of a surrogate pair is not text that every store takes.
    expect(failureOf(`${whole.slice(0, 499)}\u{1f600}`)).toBe(`${whole.slice(0, 499)}\ufffd`);
    // What a PSP repeats of a card is kept nowhere.
    expect(failureOf('Card 4242 4242 4242 4242 was declined.')).toBe('Card [redacted] was declined.');
  });

  it('keeps the reference that it had if the failure brings none', () => {
    const failed = { ...RESULTS.failed, psp_reference: null };
    expect(recordedCharge({ outcome: 'pending', psp_reference: 'psp_0' }, failed).psp_reference).toBe(
      'psp_0',
    );
  });

  it('is a refusal that asking again will not change', () => {
    const failure = {
      code: 'psp_rejected',
      decline_code: null,
      advice: 'try_again_later',
      message: RESULTS.rejected.message,
    };
    expect(recordedCharge({ outcome: 'pending' }, RESULTS.rejected)).toMatchObject({
      outcome: 'failed',
      failure,
      attempts: 1,
    });
  });

  it('ends the challenge and the dead letter', () => {
    const given = { outcome: 'requires_action', dead_lettered_at: timestamp(NOW_MS) } as const;
    expect(recordedCharge(given, RESULTS.succeeded)).toMatchObject({
      next_action: null,
      dead_lettered_at: null,
    });
  });

  it('counts an attempt if the PSP was asked for it, and none if it was asked about it', () => {
    expect(recordedCharge({ outcome: 'unknown', attempts: 2 }, RESULTS.succeeded, ASKED).attempts).toBe(3);
    expect(recordedCharge({ outcome: 'unknown', attempts: 2 }, RESULTS.succeeded, LOOKED_UP).attempts).toBe(
      2,
    );
  });

  it.each<[string, string | undefined, string]>([
    ['what the PSP says', timestamp(NOW_MS + 7), timestamp(NOW_MS + 7)],
    ['seven days if it says nothing', undefined, inMs(AUTHORIZATION_TTL_MS)],
  ])('lets an authorization last for %s', (_what, authorization_expires_at, expected) => {
    const payment = answered(
      aNewPayment({ capture_method: 'manual' }),
      { ...RESULTS.succeeded, authorization_expires_at },
      ASKED,
    );
    expect(payment).toMatchObject({
      status: 'authorized',
      authorization_expires_at: expected,
      amount_capturable: 1000,
    });
  });

  it('gives no other operation an expiry, whatever the PSP says', () => {
    const result = { ...RESULTS.succeeded, authorization_expires_at: timestamp(NOW_MS) };
    expect(answered(charge({ outcome: 'pending' }), result).authorization_expires_at).toBeNull();
  });
});

describe('what is settled stays settled (invariant 5)', () => {
  it.each<[Outcome, keyof typeof RESULTS]>(
    (['succeeded', 'failed'] as const).flatMap((outcome) =>
      (Object.keys(RESULTS) as (keyof typeof RESULTS)[]).map((result): [Outcome, keyof typeof RESULTS] => [
        outcome,
        result,
      ]),
    ),
  )('what has %s is not changed by a result that says %s', (outcome, result) => {
    expect(recordResult(charge({ outcome }), 'charge.1', RESULTS[result], ASKED)).toEqual(UNCHANGED);
  });

  it('knows nothing of an operation that is not there', () => {
    expect(recordResult(charge({}), 'refund.9', RESULTS.succeeded, ASKED)).toEqual(UNCHANGED);
  });
});

describe('what leaves an operation unsettled', () => {
  const firstPause = inMs(LOOKUP_PAUSES_MS[0] as number);

  it('is a challenge: the customer is needed', () => {
    const payment = answered(charge({ outcome: 'pending' }), RESULTS.requires_action, ASKED);
    const { next_action } = RESULTS.requires_action;
    expect(payment.status).toBe('requires_action');
    expect(firstOperation(payment)).toMatchObject({
      next_action,
      psp_reference: 'psp_1',
      attempts: 1,
      next_step_at: firstPause,
    });
  });

  it('is that the PSP has accepted it and not decided it', () => {
    const pending = { outcome: 'pending', psp_reference: 'psp_1', attempts: 1, next_step_at: firstPause };
    expect(recordedCharge({ outcome: 'pending' }, RESULTS.pending)).toMatchObject(pending);
    expect(
      recordedCharge({ outcome: 'unknown', attempts: 1, lookups: 3 }, RESULTS.pending, LOOKED_UP),
    ).toMatchObject({ ...pending, lookups: 0 });
  });

  it('is that nobody knows: money may have moved (invariant 7)', () => {
    const payment = answered(charge({ outcome: 'pending' }), RESULTS.unknown, ASKED);
    expect(payment.status).toBe('processing');
    expect(firstOperation(payment)).toMatchObject({
      outcome: 'unknown',
      psp_reference: null,
      attempts: 1,
      next_step_at: firstPause,
    });
    expect(payment.history.at(-1)).toMatchObject({ kind: 'charge', outcome: 'unknown' });
  });

  it('is a look-up that failed, before anybody knows whether it was asked', () => {
    expect(recordedCharge({ outcome: 'pending' }, RESULTS.unknown, LOOKED_UP)).toMatchObject({
      outcome: 'unknown',
      attempts: 0,
    });
  });

  it.each<[string, keyof typeof RESULTS]>([
    ['unknown', 'not_executed'],
    ['unknown', 'rejected'],
  ])(
    'is %s and not failed if the look-up itself is %s: that says nothing of the operation',
    (outcome, result) => {
      const last = { ...RESULTS[result], attempt: MAX_ATTEMPTS };
      expect(recordedCharge({ outcome: 'pending', attempts: 7 }, last, LOOKED_UP)).toMatchObject({
        outcome,
        attempts: 7,
      });
    },
  );

  it('takes a dead letter back, since there are news', () => {
    const dead = { outcome: 'pending', next_step_at: null, dead_lettered_at: timestamp(NOW_MS) } as const;
    for (const result of ['unknown', 'pending', 'requires_action', 'not_executed'] as const) {
      const operation = recordedCharge(dead, RESULTS[result]);
      expect(operation.dead_lettered_at).toBeNull();
      expect(operation.next_step_at).not.toBeNull();
    }
  });
});

describe('no news', () => {
  const known = { psp_reference: 'psp_1', next_step_at: timestamp(NOW_MS) };

  it.each<[string, Partial<Operation>, keyof typeof RESULTS]>([
    ['unknown again', { outcome: 'unknown' }, 'unknown'],
    ['still pending', { ...known, outcome: 'pending' }, 'pending'],
    ['no answer about what was accepted', { ...known, outcome: 'pending' }, 'unknown'],
    ['still a challenge', { ...known, outcome: 'requires_action' }, 'requires_action'],
    ['pending about a challenge', { ...known, outcome: 'requires_action' }, 'pending'],
    ['no answer about a challenge', { ...known, outcome: 'requires_action' }, 'unknown'],
    [
      'not executed, of a challenge that the PSP knows',
      { ...known, outcome: 'requires_action' },
      'not_executed',
    ],
    ['rejected, of what the PSP has accepted', { ...known, outcome: 'pending' }, 'rejected'],
    [
      'not executed at the cap, of what the PSP has accepted',
      { ...known, outcome: 'pending', attempts: 7 },
      'not_executed',
    ],
  ])('(%s) moves the next look-up away, and nothing else', (_what, given, result) => {
    const before = anOperation({ attempts: 1, ...given });
    expect(recordedCharge(before, RESULTS[result], LOOKED_UP)).toEqual({
      ...before,
      lookups: 1,
      next_step_at: inMs(LOOKUP_PAUSES_MS[1] as number),
    });
  });

  it.each<PspResult>([{ ...RESULTS.not_executed, attempt: MAX_ATTEMPTS }, RESULTS.rejected])(
    'is what $outcome says of an operation that the PSP has accepted, however it was asked',
    (result) => {
      const given = { ...known, outcome: 'pending', attempts: MAX_ATTEMPTS } as const;
      const noNews = { outcome: 'pending', failure: null, lookups: 1, attempts: MAX_ATTEMPTS + 1 };
      expect(recordedCharge(given, result, ASKED)).toMatchObject(noNews);
    },
  );

  it('is looked for at growing pauses, the last of which repeats', () => {
    let payment = charge({ outcome: 'pending' });
    const pauses: number[] = [];
    for (let count = 0; count < 5; count += 1) {
      payment = answered(payment, RESULTS.unknown, LOOKED_UP);
      pauses.push(Date.parse(firstOperation(payment).next_step_at as string) - LATER_MS);
    }
    const [minutes, hour, day] = LOOKUP_PAUSES_MS;
    expect(pauses).toEqual([minutes, hour, day, day, day]);
  });

  it('stands in the history as a look-up, or as the attempt that it was', () => {
    const payment = charge({ outcome: 'unknown', attempts: 1 });
    const lookedUp = answered(payment, RESULTS.unknown, LOOKED_UP);
    const askedAgain = answered(payment, RESULTS.unknown, ASKED);
    expect(lookedUp.history.at(-1)?.kind).toBe('lookup');
    expect(askedAgain.history.at(-1)?.kind).toBe('attempt');
    expect([firstOperation(lookedUp).attempts, firstOperation(askedAgain).attempts]).toEqual([1, 2]);
  });
});

describe('what was not executed', () => {
  const retryAtMs = LATER_MS + 4_000;

  it.each<[Outcome]>([['pending'], ['unknown']])(
    'is pending again after it was %s, with the attempt counted',
    (outcome) => {
      const payment = answered(
        charge({ outcome, attempts: 2 }),
        { ...RESULTS.not_executed, retryAtMs },
        ASKED,
      );
      expect(firstOperation(payment)).toMatchObject({
        outcome: 'pending',
        attempts: 3,
        // The sweep leaves the retry to the queue for a while.
        next_step_at: timestamp(retryAtMs + PENDING_GRACE_MS),
      });
      expect(payment.history.at(-1)).toMatchObject({ kind: 'attempt', outcome: 'pending' });
      expect(payment.dispatch).toBeNull();
    },
  );

  it.each<[string, number, number, Outcome, number]>([
    ['one before the cap', 6, 1, 'pending', 7],
    // A copy of the message may be succeeding at this moment.
    ['at the cap', 7, 1, 'pending', 8],
    ['one before the cap by the count of the queue', 1, 7, 'pending', 7],
    ['at the cap by the count of the queue', 1, 8, 'pending', 8],
    ['beyond the cap, by copies', 9, 8, 'pending', 10],
  ])('%s (%i before, attempt %i) is %s with %i attempts', (_what, attempts, attempt, outcome, expected) => {
    const result = { ...RESULTS.not_executed, attempt };
    expect(recordedCharge({ outcome: 'pending', attempts }, result)).toMatchObject({
      outcome,
      attempts: expected,
    });
  });

  it('ends as succeeded where one copy of the last attempt was not executed and the other was', () => {
    const last = { ...RESULTS.not_executed, attempt: MAX_ATTEMPTS };
    const asked = answered(charge({ outcome: 'pending', attempts: 7 }), last, ASKED);
    expect(asked.status).toBe('processing');
    const payment = answered(asked, RESULTS.succeeded, ASKED);
    expect(payment).toMatchObject({ status: 'completed', failure: null });
    expect(recordResult(payment, 'charge.1', last, ASKED)).toEqual(UNCHANGED);
    expect(recordResult(payment, 'charge.1', RESULTS.given_up, LOOKED_UP)).toEqual(UNCHANGED);
  });

  describe('of a reversal', () => {
    const firstAsked = { kind: 'reversal', outcome: 'pending', requested_at: timestamp(NOW_MS) } as const;

    it('comes again as quickly as anything else, below the cap of the others', () => {
      const reversal = recordedCharge({ ...firstAsked, attempts: 6 }, { ...RESULTS.not_executed, retryAtMs });
      expect(reversal).toMatchObject({ attempts: 7, lookups: 0 });
      expect(reversal.next_step_at).toBe(timestamp(retryAtMs + PENDING_GRACE_MS));
    });

    it('is left to the sweep from there on, at the growing pauses of the look-ups', () => {
      let reversal = anOperation({ ...firstAsked, attempts: 7 });
      const pauses: number[] = [];
      for (let attempt = 8; attempt <= 10; attempt += 1) {
        reversal = recordedCharge(reversal, { ...RESULTS.not_executed, attempt });
        expect(reversal).toMatchObject({ outcome: 'pending', attempts: attempt });
        pauses.push(Date.parse(reversal.next_step_at as string) - LATER_MS);
      }
      expect(pauses).toEqual(LOOKUP_PAUSES_MS);
    });

    it('is counted by the queue where the operation has missed some', () => {
      const result = { ...RESULTS.not_executed, attempt: 12 };
      expect(recordedCharge({ ...firstAsked, attempts: 3 }, result).attempts).toBe(12);
    });
  });
});

describe('what is given up', () => {
  const failure = {
    code: 'psp_unavailable',
    decline_code: null,
    advice: 'try_again_later',
    message: RESULTS.given_up.message,
  };

  it.each<[Outcome]>([['pending'], ['unknown']])(
    'has failed with psp_unavailable, after it was %s',
    (outcome) => {
      const given = { outcome, attempts: MAX_ATTEMPTS, dead_lettered_at: timestamp(NOW_MS) };
      const payment = answered(charge(given), RESULTS.given_up, LOOKED_UP);
      expect(payment).toMatchObject({ status: 'failed', failure });
      expect(firstOperation(payment)).toMatchObject({
        outcome: 'failed',
        failure,
        psp_reference: null,
        attempts: MAX_ATTEMPTS,
        next_step_at: null,
        dead_lettered_at: null,
        settled_at: inMs(0),
      });
      expect(payment.history.at(-1)).toMatchObject({ kind: 'charge', outcome: 'failed' });
    },
  );

  it.each<[string, Partial<Operation>]>([
    ['the PSP has accepted', { outcome: 'pending', psp_reference: 'psp_1' }],
    ['the PSP has accepted, and nobody answers for', { outcome: 'unknown', psp_reference: 'psp_1' }],
    ['waits for the customer', { outcome: 'requires_action' }],
    ['must go back to the customer', { kind: 'reversal', outcome: 'pending' }],
    ['must go back, and perhaps has', { kind: 'reversal', outcome: 'unknown' }],
  ])('is not what %s: that is no news', (_what, given) => {
    const before = anOperation({ ...given, attempts: 32 });
    expect(recordedCharge(before, RESULTS.given_up, LOOKED_UP)).toEqual({
      ...before,
      lookups: 1,
      next_step_at: inMs(LOOKUP_PAUSES_MS[1] as number),
    });
  });
});

describe('a cancel against a charge', () => {
  const challenged = answered(aNewPayment(), RESULTS.requires_action);
  const asked = accepted(requestCancel(challenged, aRequest()));
  const canceled = answered(asked, RESULTS.succeeded);
  const id = 'charge.1';
  const won: PspResult = {
    outcome: 'failed',
    psp_reference: null,
    failure: aFailure({ code: 'already_succeeded' }),
  };

  it('is canceled only when the PSP confirms', () => {
    expect([asked.status, canceled.status]).toEqual(['requires_action', 'canceled']);
  });

  it('becomes what the PSP says if the charge won the race', () => {
    const lost = answered(asked, won);
    expect(lost.status).toBe('requires_action');
    expect(answered(lost, RESULTS.succeeded, { id, lookup: true })).toMatchObject({
      status: 'completed',
      amount_captured: 1000,
    });
    expect(answered(answered(asked, RESULTS.succeeded, { id }), won)).toMatchObject({
      status: 'completed',
      failure: null,
    });
  });

  it('is reversed exactly once if success comes after the confirmed cancel, and somebody is told (invariant 7)', () => {
    const late = recordResult(canceled, id, RESULTS.succeeded, aRecorder({ nowMs: LATER_MS, actor: 'psp' }));
    if ('unchanged' in late) throw new Error('the late success is lost');
    const { changed, lateSuccess } = late;
    expect(lateSuccess).toBe(true);
    expect(changed).toMatchObject({
      status: 'canceled',
      amount_captured: 0,
      amount_refundable: 0,
      version: canceled.version + 1,
    });
    expect(firstOperation(changed)).toMatchObject({
      outcome: 'succeeded',
      psp_reference: 'psp_1',
      next_action: null,
      settled_at: inMs(0),
    });
    expect(changed.operations.at(-1)).toMatchObject({
      id: 'reversal.5',
      kind: 'reversal',
      amount: 1000,
      outcome: 'pending',
    });
    expect(changed.dispatch).toBe('reversal.5');
    expect(changed.history.at(-1)).toMatchObject({ kind: 'reversal', status: 'canceled', actor: 'psp' });
    expect(recordResult(changed, id, RESULTS.succeeded, ASKED)).toEqual(UNCHANGED);
    expect(answered(changed, RESULTS.succeeded)).toMatchObject({ status: 'canceled', amount_captured: 0 });
    expect(answered(changed, RESULTS.failed)).toMatchObject({ status: 'canceled', amount_captured: 0 });
  });

  it.each((Object.keys(RESULTS) as (keyof typeof RESULTS)[]).filter((name) => name !== 'succeeded'))(
    'is over once it is confirmed: that the charge is %s changes nothing',
    (name) => {
      expect(recordResult(canceled, id, RESULTS[name], ASKED)).toEqual(UNCHANGED);
    },
  );

  it('does not take back a success that was recorded before it was confirmed, and somebody is told', () => {
    const completed = answered(asked, RESULTS.succeeded, { id });
    const confirmed = recordResult(completed, 'cancel.3', RESULTS.succeeded, ASKED);
    expect(confirmed).toMatchObject({
      lateSuccess: true,
      changed: {
        status: 'completed',
        amount_captured: 1000,
        amount_refundable: 1000,
        cancellation_reason: null,
        dispatch: null,
      },
    });
  });

  it('does not take back a failure that was recorded before it was confirmed', () => {
    const failed = answered(asked, RESULTS.failed, { id });
    expect(recordResult(failed, 'cancel.3', RESULTS.succeeded, ASKED)).toMatchObject({
      changed: { status: 'failed' },
    });
    expect(recordResult(failed, 'cancel.3', RESULTS.succeeded, ASKED)).not.toHaveProperty('lateSuccess');
  });

  it('voids an authorization that won the race', () => {
    const manual = answered(aNewPayment({ capture_method: 'manual' }), RESULTS.requires_action);
    const authorized = answered(accepted(requestCancel(manual, aRequest())), RESULTS.succeeded, {
      id: 'authorize.1',
    });
    expect(authorized.status).toBe('authorized');
    expect(recordResult(authorized, 'cancel.3', RESULTS.succeeded, ASKED)).toEqual({
      changed: expect.objectContaining({ status: 'canceled' }),
    });
  });
});

describe('a capture of what has expired at the PSP', () => {
  it('cancels the payment', () => {
    const authorized = answered(aNewPayment({ capture_method: 'manual' }), RESULTS.succeeded);
    const asked = accepted(requestCapture(authorized, undefined, aRequest()));
    const failure = aFailure({ code: 'authorization_expired' });
    expect(answered(asked, { outcome: 'failed', psp_reference: null, failure })).toMatchObject({
      status: 'canceled',
      cancellation_reason: 'authorization_expired',
      failure,
      amount_capturable: 0,
    });
  });
});

describe('a history that is full (invariant 13)', () => {
  /** A charge that nobody answers, looked up until there is no room for another note. */
  function full(): Payment {
    let payment = answered(aNewPayment(), RESULTS.unknown);
    for (let count = 0; count < MAX_HISTORY; count += 1) {
      const recorded = recordResult(payment, 'charge.1', RESULTS.unknown, LOOKED_UP);
      if ('unchanged' in recorded) return payment;
      payment = recorded.changed;
    }
    throw new Error('there is no end of notes');
  }

  it('takes no more notes, and still takes what settles', () => {
    const payment = full();
    expect(payment.history.length).toBeLessThan(MAX_HISTORY);
    expect(recordResult(payment, 'charge.1', RESULTS.pending, ASKED)).toEqual(UNCHANGED);
    expect(recordResult(payment, 'charge.1', RESULTS.requires_action, ASKED)).toEqual(UNCHANGED);
    expect(recordResult(payment, 'charge.1', RESULTS.not_executed, ASKED)).toEqual(UNCHANGED);
    expect(answered(payment, RESULTS.succeeded).status).toBe('completed');
  });

  it('still takes an expiry, and all that becomes of its cancel', () => {
    let payment = answered(aNewPayment(), RESULTS.requires_action);
    for (;;) {
      const recorded = recordResult(payment, 'charge.1', RESULTS.unknown, LOOKED_UP);
      if ('unchanged' in recorded) break;
      payment = recorded.changed;
    }
    const expired = sweepPayment(payment, NOW_MS + CHALLENGE_TTL_MS).expire as Payment;
    const unknown = answered(expired, RESULTS.unknown);
    const marked = markDeadLetter(unknown, unknown.operations[1]?.id as string, LATER_MS) as Payment;
    const canceled = answered(marked, RESULTS.succeeded);
    const reversed = answered(canceled, RESULTS.succeeded, { id: 'charge.1' });
    const settled = answered(answered(reversed, RESULTS.unknown), RESULTS.succeeded);
    expect(
      [expired, unknown, marked, canceled, reversed, settled].map(({ version }) => version - payment.version),
    ).toEqual([1, 2, 3, 4, 5, 7]);
    expect(settled.history.length).toBeLessThanOrEqual(MAX_HISTORY);
  });

  it('still takes that it is given up', () => {
    expect(answered(full(), RESULTS.given_up)).toMatchObject({
      status: 'failed',
      failure: { code: 'psp_unavailable' },
    });
  });
});
