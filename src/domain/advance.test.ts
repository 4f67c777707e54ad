import { describe, expect, it } from 'vitest';
import { advance, hasRoom, leavesRoom, replaceOperation, wasReserved } from './advance.ts';
import { MAX_HISTORY, MAX_OPERATIONS, SYSTEM_ENTRIES, SYSTEM_OPERATIONS } from './limits.ts';
import { anOperation, aPayment, NOW_MS } from './payment.fixture.ts';
import { type HistoryEntry, type Operation, type Payment, timestamp } from './payment.ts';

const LATER_MS = NOW_MS + 1_000;
const STEP = { kind: 'charge', operation_id: 'charge.1', actor: 'worker', nowMs: LATER_MS } as const;

/** A payment with so many entries and operations, one refund after the other, each settled but the last `unsettled`. */
function grown(given: { entries: number; operations?: number; unsettled?: number }): Payment {
  const { entries, operations = 1, unsettled = 0 } = given;
  const all = Array.from({ length: operations }, (_, index): Operation => {
    if (index === 0) return anOperation();
    return anOperation({
      id: `r${index}`,
      kind: 'refund',
      amount: 1,
      outcome: index >= operations - unsettled ? 'pending' : 'succeeded',
    });
  });
  const payment = aPayment({ operations: all });
  const entry = payment.history[0] as HistoryEntry;
  const history = Array.from({ length: entries }, (_, index) => ({ ...entry, version: index + 1 }));
  return { ...payment, history, version: entries };
}

describe('advance (invariant 6)', () => {
  const pending = anOperation({ outcome: 'pending' });
  const before = aPayment({ operations: [pending], dispatch: 'charge.1' });

  it('makes the next version: derived anew, with one entry more, and nothing to dispatch', () => {
    const after = advance(before, [anOperation()], STEP);
    expect(after).toMatchObject({ version: 2, status: 'completed', amount_captured: 1000, dispatch: null });
    expect(after.updated_at).toBe(timestamp(LATER_MS));
    expect(after.created_at).toBe(timestamp(NOW_MS));
    expect(after.history).toEqual([
      ...before.history,
      {
        version: 2,
        at: timestamp(LATER_MS),
        kind: 'charge',
        operation_id: 'charge.1',
        outcome: 'succeeded',
        status: 'completed',
        actor: 'worker',
      },
    ]);
  });

  it('keeps a reason in the entry, and what the header is given', () => {
    const after = advance(before, [anOperation()], { ...STEP, reason: 'seen at the bank' }, 'charge.1', {
      authorization_expires_at: timestamp(LATER_MS),
    });
    expect(after.history.at(-1)?.reason).toBe('seen at the bank');
    expect(after).toMatchObject({ dispatch: 'charge.1', authorization_expires_at: timestamp(LATER_MS) });
  });

  it('replaces one operation and leaves the others', () => {
    const refund = anOperation({ id: 'r1', kind: 'refund', outcome: 'pending' });
    const payment = aPayment({ operations: [anOperation(), refund] });
    const settled: Operation = { ...refund, outcome: 'succeeded' };
    expect(replaceOperation(payment, settled)).toEqual([anOperation(), settled]);
  });
});

describe('room (invariant 13)', () => {
  it('is kept for the system: two operations of a hundred', () => {
    expect([MAX_OPERATIONS, SYSTEM_OPERATIONS]).toEqual([100, 2]);
  });

  it.each([
    [97, true, true],
    [98, false, true],
    [99, false, false],
  ])('with %i operations is there for a merchant: %s, for an expiry: %s', (operations, merchant, expiry) => {
    const payment = grown({ entries: 2 * operations, operations });
    expect([hasRoom(payment, 'merchant'), hasRoom(payment, 'expiry')]).toEqual([merchant, expiry]);
  });

  it.each([
    // An operation takes four entries at most; ten are the system's, four of them for the expiry.
    [386, 0, true, true],
    [387, 0, false, true],
    [390, 0, false, true],
    [391, 0, false, false],
    // Each operation in flight has three to come.
    [380, 2, true, true],
    [381, 2, false, true],
    [384, 2, false, true],
    [385, 2, false, false],
  ])(
    'with %i entries and %i in flight is there for a merchant: %s, for an expiry: %s',
    (entries, unsettled, merchant, expiry) => {
      const payment = grown({ entries, operations: 3, unsettled });
      expect([hasRoom(payment, 'merchant'), hasRoom(payment, 'expiry')]).toEqual([merchant, expiry]);
    },
  );

  it('for what settles nothing ends where the room for settling begins', () => {
    expect(leavesRoom(grown({ entries: MAX_HISTORY - SYSTEM_ENTRIES }))).toBe(true);
    expect(leavesRoom(grown({ entries: MAX_HISTORY - SYSTEM_ENTRIES + 1 }))).toBe(false);
    expect(
      leavesRoom(grown({ entries: MAX_HISTORY - SYSTEM_ENTRIES - 3, operations: 2, unsettled: 1 })),
    ).toBe(true);
    expect(
      leavesRoom(grown({ entries: MAX_HISTORY - SYSTEM_ENTRIES - 2, operations: 2, unsettled: 1 })),
    ).toBe(false);
  });

  const pending = anOperation({ outcome: 'pending' });
  const accepted = { ...pending, psp_reference: 'psp_1' };
  const unknown = anOperation({ outcome: 'unknown' });
  const dead = (operation: Operation) => ({ ...operation, dead_lettered_at: timestamp(NOW_MS) });

  it.each<[string, Operation, Operation, boolean]>([
    ['that nobody answers', pending, unknown, true],
    ['that the PSP accepts', pending, accepted, true],
    ['that a dead letter is made of it', unknown, dead(unknown), true],
    ['that it is settled', dead(unknown), anOperation(), true],
    ['that the PSP accepts it after all', unknown, accepted, false],
    ['that it is asked again', unknown, pending, false],
    ['that a dead letter comes alive', dead(unknown), unknown, false],
    ['that nothing is new', unknown, { ...unknown, lookups: 1 }, false],
  ])('was kept for the news %s: %s', (_news, before, after, reserved) => {
    expect(wasReserved(before, after)).toBe(reserved);
  });
});
