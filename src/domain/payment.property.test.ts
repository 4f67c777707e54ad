import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derive, dueAtMs, isOpen } from './derive.ts';
import { MAX_HISTORY, MAX_OPERATIONS, MAX_REVERSAL_ATTEMPTS, SYSTEM_OPERATIONS } from './limits.ts';
import { answered, RESULTS } from './payment.fixture.ts';
import { findOperation, firstOperation, isSettled, type Operation, type Payment } from './payment.ts';
import { aResult, commands, EVERYTHING, type Life, live, lives } from './payment-life.fixture.ts';
import { fromRecord, toRecord } from './payment-record.ts';
import { recordResult } from './record-result.ts';
import { resolveOperation } from './resolve-operation.ts';
import { markDeadLetter, sweepPayment } from './sweep-payment.ts';

const someCommands = fc.array(commands(fc.option(fc.integer({ min: 1, max: 1_300 }), { nil: undefined })), {
  maxLength: 80,
});
const RUNS = { seed: 20_260_302, numRuns: 300 };

/** Enough small refunds, attempts, look-ups and dead letters to come to every limit. */
const manyCommands = fc.array(commands(fc.integer({ min: 1, max: 8 })), {
  minLength: 900,
  maxLength: 1_200,
  size: 'max',
});
/** Without shrinking, which takes a minute for so many commands. */
const LONG_RUNS = { seed: 13, numRuns: 100, endOnFailure: true };

type Visit = (before: Payment, after: Payment, life: Life) => void;

function everyLife(visit: Visit, then?: (life: Life) => void): void {
  fc.assert(
    fc.property(lives, someCommands, (begun, given) => {
      const life = live(begun, given, visit);
      then?.(life);
    }),
    RUNS,
  );
}

function everyLongLife(visit: Visit, then?: (life: Life) => void): void {
  fc.assert(
    fc.property(lives, manyCommands, (begun, given) => {
      const life = live(begun, given, visit);
      then?.(life);
    }),
    LONG_RUNS,
  );
}

function terminal({ status }: Payment): boolean {
  return status === 'completed' || status === 'failed' || status === 'canceled';
}

function claimed(payment: Payment): number {
  return payment.operations
    .filter(({ kind, outcome }) => kind === 'refund' && outcome !== 'failed')
    .reduce((sum, { amount }) => sum + amount, 0);
}

/** What may never change of a settled operation; that it stands as a dead letter may (an expired hold does). */
function settledFacts({ dead_lettered_at: _deadLetteredAt, ...facts }: Operation): object {
  return facts;
}

/** What a person is waited for: not what a confirmed cancel has left behind. */
function deadLetters(payment: Payment): Operation[] {
  return payment.operations.filter(
    (operation) =>
      operation.dead_lettered_at !== null && (isSettled(operation) || isOpen(payment, operation)),
  );
}

describe('whatever happens to a payment, in any order', () => {
  it('0 ≤ refunds that have not failed ≤ captured ≤ authorized ≤ amount (invariant 4)', () => {
    everyLife((_before, after) => {
      const { amount, amount_captured, amount_capturable, amount_refunded, amount_refundable } = after;
      const first = firstOperation(after);
      expect(claimed(after)).toBeLessThanOrEqual(amount_captured);
      expect(amount_refundable).toBe(amount_captured - claimed(after));
      expect(amount_refunded).toBeGreaterThanOrEqual(0);
      expect(amount_refunded).toBeLessThanOrEqual(claimed(after));
      expect(amount_captured).toBeLessThanOrEqual(first.outcome === 'succeeded' ? first.amount : 0);
      expect(amount_capturable).toBeLessThanOrEqual(first.amount);
      expect(first.amount).toBe(amount);
    });
  });

  it('what is completed, failed or canceled stays so (invariant 5)', () => {
    everyLife((before, after) => {
      if (terminal(before)) expect(after.status).toBe(before.status);
    });
  });

  it('money that was captured stays captured (invariant 5)', () => {
    everyLife((before, after) => {
      if (before.status === 'completed') expect(after.amount_captured).toBe(before.amount_captured);
    });
  });

  it('what is settled never changes (invariant 5)', () => {
    everyLife((before, after) => {
      before.operations.forEach((operation, index) => {
        if (!isSettled(operation)) return;
        expect(settledFacts(after.operations[index] as Operation)).toEqual(settledFacts(operation));
      });
    });
  });

  it('no operation is ever lost, renamed or given another amount (invariant 1)', () => {
    everyLife((before, after) => {
      const named = ({ id, kind, amount }: Operation) => ({ id, kind, amount });
      const ids = after.operations.map(({ id }) => id);
      expect(after.operations.slice(0, before.operations.length).map(named)).toEqual(
        before.operations.map(named),
      );
      expect(new Set(ids).size).toBe(ids.length);
    });
  });

  it('its status and amounts are those of its operations (invariant 5)', () => {
    everyLife((_before, after) => {
      expect(after).toMatchObject(derive(after));
    });
  });

  it('each change is one version and one entry of the history, and rewrites none (invariant 6)', () => {
    everyLife((before, after) => {
      expect(after.version).toBe(before.version + 1);
      expect(after.history).toHaveLength(after.version);
      expect(
        after.history.every(
          (entry, index) => index === before.history.length || entry === before.history[index],
        ),
      ).toBe(true);
      const entry = after.history.at(-1);
      const operation = after.operations.find(({ id }) => id === entry?.operation_id);
      expect(entry).toMatchObject({
        version: after.version,
        status: after.status,
        outcome: operation?.outcome,
        at: after.updated_at,
      });
    });
  });

  it('it is dispatched by exactly the changes that ask for an operation (invariant 2)', () => {
    everyLife((before, after) => {
      const added = after.operations[before.operations.length];
      expect(after.dispatch).toBe(added && !isSettled(added) ? added.id : null);
    });
  });

  it('there is at most one reversal, after a confirmed cancel, and none for money that is kept (invariant 7)', () => {
    everyLife((_before, after) => {
      const reversals = after.operations.filter(({ kind }) => kind === 'reversal');
      expect(reversals.length).toBeLessThanOrEqual(1);
      if (reversals.length === 1) expect(after.status).toBe('canceled');
    });
  });

  it('a success after the confirmed cancel of a challenge is always reversed (invariant 7)', () => {
    let reversed = 0;
    everyLife(
      () => {},
      ({ payment }) => {
        const first = firstOperation(payment);
        if (payment.status !== 'canceled' || isSettled(first)) return;
        const after = answered(payment, RESULTS.succeeded, { id: first.id });
        expect(after.operations.at(-1)).toMatchObject({
          kind: 'reversal',
          amount: first.amount,
          outcome: 'pending',
        });
        reversed += 1;
      },
    );
    expect(reversed).toBeGreaterThan(0);
  });

  it('an unknown operation is settled before another one is asked for (invariant 7)', () => {
    everyLife((before, after) => {
      const added = after.operations[before.operations.length];
      if (!added || added.kind === 'reversal' || isSettled(added)) return;
      expect(before.operations.some(({ outcome }) => outcome === 'unknown')).toBe(false);
    });
  });

  it('a result recorded again changes nothing once it settled (invariant 3)', () => {
    everyLife((_before, after, { nowMs }) => {
      for (const { id, outcome } of after.operations) {
        if (outcome !== 'succeeded' && outcome !== 'failed') continue;
        expect(recordResult(after, id, RESULTS[outcome], { nowMs, actor: 'worker' })).toEqual({
          unchanged: true,
        });
      }
    });
  });

  it('the sweep reaches whatever is unsettled and no dead letter (invariants 2 and 12)', () => {
    everyLife((_before, after) => {
      const due = dueAtMs(after);
      for (const operation of after.operations) {
        if (!isOpen(after, operation) || operation.dead_lettered_at) continue;
        expect(operation.next_step_at).not.toBeNull();
        expect(due).toBeLessThanOrEqual(Date.parse(operation.next_step_at as string));
      }
      if (due === null) expect(terminal(after) || deadLetters(after).length > 0).toBe(true);
      else expect(Number.isSafeInteger(due)).toBe(true);
    });
  });

  it('what is due gives the sweep something to do (invariant 12)', () => {
    everyLife((_before, after) => {
      const due = dueAtMs(after);
      if (due === null) return;
      const { send, deadLetter, expire } = sweepPayment(after, due);
      expect(send.length + deadLetter.length + (expire ? 1 : 0)).toBeGreaterThan(0);
      for (const { id } of deadLetter) expect(markDeadLetter(after, id, due)).not.toBeNull();
    });
  });

  it('nothing fails because an attempt was not executed, however many there were (invariant 3)', () => {
    const last = { ...RESULTS.not_executed, attempt: MAX_REVERSAL_ATTEMPTS };
    everyLife((_before, after, { nowMs }) => {
      for (const operation of after.operations.filter((each) => isOpen(after, each))) {
        const recorded = recordResult(after, operation.id, last, { nowMs, actor: 'worker' });
        if ('unchanged' in recorded) continue;
        expect(isSettled(findOperation(recorded.changed, operation.id) as Operation)).toBe(false);
      }
    });
  });

  it('nothing is given up that a PSP has accepted, nor money that must go back (invariant 7)', () => {
    let givenUp = 0;
    everyLife((_before, after) => {
      for (const { kind, psp_reference, failure } of after.operations) {
        if (failure?.code !== 'psp_unavailable') continue;
        expect([kind === 'reversal', psp_reference]).toEqual([false, null]);
        givenUp += 1;
      }
    });
    expect(givenUp).toBeGreaterThan(0);
  });

  it('it is stored and read back the same (invariant 15)', () => {
    everyLife(
      () => {},
      ({ payment }) => {
        expect(fromRecord(JSON.parse(JSON.stringify(toRecord(payment))))).toStrictEqual(payment);
      },
    );
  });
});

describe('a payment that is never left alone', () => {
  it('has at most 100 operations and 400 entries, and comes to both limits (invariant 13)', () => {
    let mostOperations = 0;
    let mostEntries = 0;
    everyLongLife((_before, after) => {
      mostOperations = Math.max(mostOperations, after.operations.length);
      mostEntries = Math.max(mostEntries, after.history.length);
      expect(after.operations.length).toBeLessThanOrEqual(MAX_OPERATIONS);
      expect(after.history.length).toBeLessThanOrEqual(MAX_HISTORY);
    });
    expect(mostOperations).toBeGreaterThanOrEqual(MAX_OPERATIONS - SYSTEM_OPERATIONS);
    expect(mostEntries).toBeGreaterThan(MAX_HISTORY - 30);
  });

  it('can always be settled: nothing of it is refused for want of room (invariants 12 and 13)', () => {
    everyLongLife(
      () => {},
      ({ payment, nowMs }) => {
        let settled = payment;
        for (const { id } of payment.operations.filter((operation) => isOpen(payment, operation))) {
          settled = answered(settled, RESULTS.failed, { id, nowMs });
        }
        expect(settled.operations.filter((operation) => isOpen(settled, operation))).toEqual([]);
        expect(settled.history.length).toBeLessThanOrEqual(MAX_HISTORY);
      },
    );
  });
});

describe('when the faults stop', () => {
  const STEPS = 1_000;
  const PASS_MS = 6 * 60 * 60 * 1_000;

  function answerOf(kind: Operation['kind'], cancels: 'succeeded' | 'failed') {
    if (kind === 'cancel') return cancels;
    return kind === 'charge' || kind === 'authorize' ? 'requires_action' : 'succeeded';
  }

  /** The sweep runs whenever something is due. The PSP answers everything; no customer ever comes back. */
  function drained(from: Life, cancels: 'succeeded' | 'failed'): Life {
    let life: Life = { ...from, habits: EVERYTHING };
    for (let step = 0; step < STEPS; step += 1) {
      const due = dueAtMs(life.payment);
      if (due === null) return life;
      const nowMs = Math.max(due, life.nowMs + PASS_MS);
      const { operations } = life.payment;
      const { send } = sweepPayment(life.payment, nowMs);
      const answers = send.map((operation) =>
        aResult(answerOf(operation.kind, cancels), operations.indexOf(operation)),
      );
      life = live({ ...life, nowMs }, [...answers, { type: 'sweep' }]);
    }
    throw new Error('it never drains');
  }

  it.each(['succeeded', 'failed'] as const)(
    'every payment is terminal, or stands as a dead letter, if each cancel has %s (invariant 12)',
    (cancels) => {
      fc.assert(
        fc.property(lives, someCommands, (begun, given) => {
          const { payment } = drained(live(begun, given), cancels);
          expect(terminal(payment) || deadLetters(payment).length > 0).toBe(true);
        }),
        { ...RUNS, numRuns: 100 },
      );
    },
  );

  it('every dead letter can be settled by a person, and then all is terminal (invariant 12)', () => {
    const words = fc.constantFrom('succeeded' as const, 'failed' as const);
    const anyCommands = fc.oneof(someCommands, manyCommands);
    fc.assert(
      fc.property(lives, anyCommands, words, words, fc.nat(99), (begun, commanded, cancels, as, which) => {
        let life = drained(live(begun, commanded), cancels);
        for (let step = 0; deadLetters(life.payment).length > 0; step += 1) {
          expect(step).toBeLessThan(STEPS);
          const dead = deadLetters(life.payment);
          const operation = dead[which % dead.length] as Operation;
          // Of what has succeeded already, a hold that has expired, nothing else can be said.
          const said = isSettled(operation) ? 'failed' : as;
          const given = { as: said, reason: 'known', nowMs: life.nowMs } as const;
          const resolved = resolveOperation(life.payment, operation.id, given);
          expect(resolved).toMatchObject({ ok: true });
          if (resolved.ok) life = drained({ ...life, payment: resolved.payment }, cancels);
        }
        expect(terminal(life.payment)).toBe(true);
        expect(life.payment.history.length).toBeLessThanOrEqual(MAX_HISTORY);
        expect(life.payment.operations.length).toBeLessThanOrEqual(MAX_OPERATIONS);
      }),
      { ...LONG_RUNS, seed: RUNS.seed },
    );
  });
});
