import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../adapters/memory/fake-clock.ts';
import type { PspAnswer } from '../domain/answer.ts';
import { pspIdempotencyKey } from '../domain/hashes.ts';
import { aFailure, anOperation, aPayment, aRef, NOW_MS } from '../domain/payment.fixture.ts';
import type { Operation, Payment, PaymentRef } from '../domain/payment.ts';
import { resolveOperation } from '../domain/resolve-operation.ts';
import type { PspReportLine } from '../ports/connector.ts';
import { type Comparison, createComparePsp, MAX_EXAMPLES } from './compare-psp.ts';

const unknownCharge = () => aPayment({ operations: [anOperation({ outcome: 'unknown' })] });
const refund = (given: Partial<Operation> = {}) =>
  anOperation({ id: 'r1', kind: 'refund', amount: 300, ...given });
const refunded = (given: Partial<Operation> = {}) => aPayment({ operations: [anOperation(), refund(given)] });

/** What the PSP has, by default what the payment says of each operation that it asked for. */
function lineOf(payment: Payment, operation: Operation, given: Partial<PspReportLine> = {}): PspReportLine {
  const { merchant_id, livemode, payment_id, currency } = payment;
  return {
    idempotency_key: pspIdempotencyKey(payment, operation.id),
    ...{ merchant_id, livemode, payment_id, currency, operation_id: operation.id },
    kind: operation.kind,
    amount: operation.amount,
    outcome: operation.outcome === 'unknown' ? 'succeeded' : operation.outcome,
    ...given,
  };
}

function linesOf(payment: Payment): PspReportLine[] {
  return payment.operations.map((operation) => lineOf(payment, operation));
}

interface Setup {
  payments: Payment[];
  report: PspReportLine[];
  /** What a look-up says by now; by default what the report says. */
  lookup?: (key: string) => PspAnswer | null;
  /** The payments as they were while the report was read, if they have changed since. */
  before?: Payment[];
}

function compare({ payments, report, lookup, before = payments }: Setup): Promise<Comparison> {
  const notes = new Map<string, number>();
  const byReport = (key: string): PspAnswer | null => {
    const line = report.find(({ idempotency_key }) => idempotency_key === key);
    return line ? ({ outcome: line.outcome, psp_reference: 'psp_1' } as PspAnswer) : null;
  };
  const isSame = (a: PaymentRef, b: PaymentRef) =>
    a.payment_id === b.payment_id && a.merchant_id === b.merchant_id && a.livemode === b.livemode;
  return createComparePsp({
    psp: {
      name: 'simulator',
      async *report() {
        yield* report;
      },
      lookup: async ({ idempotency_key }) => (lookup ?? byReport)(idempotency_key),
    },
    get: async (ref) => before.find((payment) => isSame(payment, ref)) ?? null,
    async *payments() {
      yield* payments;
    },
    seen: {
      add: (key, note) => !notes.has(key) && notes.set(key, note).size > 0,
      get: (key) => notes.get(key),
    },
    clock: createFakeClock(NOW_MS + 60_000),
  })();
}

const problems = ({ differences }: Comparison) =>
  differences.map(({ operation_id, problem }) => `${operation_id}: ${problem}`);

describe('what is the same', () => {
  it.each([
    ['a charge and a refund', refunded()],
    ['a decline', aPayment({ operations: [anOperation({ outcome: 'failed' })] })],
    [
      'a hold that was canceled',
      aPayment({
        operations: [anOperation({ kind: 'authorize' }), anOperation({ kind: 'cancel', id: 'cancel.3' })],
      }),
    ],
    [
      'a partial capture',
      aPayment({
        operations: [
          anOperation({ kind: 'authorize' }),
          anOperation({ kind: 'capture', id: 'capture.3', amount: 400 }),
        ],
      }),
    ],
  ])('%s', async (_, payment) => {
    const comparison = await compare({ payments: [payment], report: linesOf(payment) });
    expect(problems(comparison)).toEqual([]);
    const held = BigInt(payment.amount_captured - payment.amount_refunded);
    expect(comparison.holdings).toEqual([
      { merchant_id: 'm_1', livemode: false, currency: 'usd', ours: held, psp: held },
    ]);
    expect(comparison).toMatchObject({
      payments: 1,
      operations: payment.operations.length,
      unsettledCount: 0,
    });
  });

  it('what failed without ever being executed', async () => {
    const failed = anOperation({ outcome: 'failed', psp_reference: null });
    expect(problems(await compare({ payments: [aPayment({ operations: [failed] })], report: [] }))).toEqual(
      [],
    );
  });

  it('a charge taken after its cancel, and reversed', async () => {
    const operations = [
      anOperation(),
      anOperation({ kind: 'cancel', id: 'cancel.3' }),
      anOperation({ kind: 'reversal', id: 'reversal.5' }),
    ];
    const payment = aPayment({ operations });
    const comparison = await compare({ payments: [payment], report: linesOf(payment) });
    expect(problems(comparison)).toEqual([]);
    expect(comparison.holdings).toMatchObject([{ ours: 0n, psp: 0n }]);
  });

  it('a hold made after its cancel, and reversed: no money has moved', async () => {
    const operations = [
      anOperation({ kind: 'authorize' }),
      anOperation({ kind: 'cancel', id: 'cancel.3' }),
      anOperation({ kind: 'reversal', id: 'reversal.5' }),
    ];
    const payment = aPayment({ operations });
    const comparison = await compare({ payments: [payment], report: linesOf(payment) });
    expect(comparison.holdings).toMatchObject([{ ours: 0n, psp: 0n }]);
  });

  it('the void of a hold that a person vouched for, of which the PSP is never told', async () => {
    const dead = anOperation({ kind: 'authorize', dead_lettered_at: '2026-03-01T00:00:00.000Z' });
    const resolved = resolveOperation(aPayment({ operations: [dead] }), dead.id, {
      as: 'failed',
      reason: 'asked',
      nowMs: NOW_MS,
    });
    if (!resolved.ok) throw new Error(resolved.detail);
    const report = linesOf(resolved.payment).slice(0, 1);
    expect(problems(await compare({ payments: [resolved.payment], report }))).toEqual([]);
  });
});

describe('what differs', () => {
  const other = aRef({ merchant_id: 'm_2' });

  it.each<[string, Setup, string[]]>([
    [
      'a charge that is not here',
      { payments: [], report: linesOf(aPayment()) },
      ['charge.1: succeeded at the PSP, and not there here'],
    ],
    [
      'a charge of another merchant by the same payment id',
      { payments: [aPayment(other)], report: [...linesOf(aPayment(other)), ...linesOf(aPayment())] },
      ['charge.1: succeeded at the PSP, and not there here'],
    ],
    [
      'a charge that the PSP never heard of',
      { payments: [aPayment()], report: [] },
      ['charge.1: succeeded here, and the PSP never heard of it'],
    ],
    [
      'an amount',
      { payments: [aPayment()], report: [lineOf(aPayment(), anOperation(), { amount: 999 })] },
      ['charge.1: charge of 999 usd at the PSP, and charge of 1000 usd here'],
    ],
    [
      'an outcome',
      { payments: [aPayment()], report: [lineOf(aPayment(), anOperation(), { outcome: 'failed' })] },
      ['charge.1: failed at the PSP, and succeeded here'],
    ],
    [
      'a key',
      {
        payments: [aPayment()],
        report: [...linesOf(aPayment()), lineOf(aPayment(), anOperation(), { idempotency_key: 'other' })],
      },
      ['charge.1: executed under a key that is not its own'],
    ],
    [
      'an operation that was executed twice',
      { payments: [aPayment()], report: [...linesOf(aPayment()), ...linesOf(aPayment())] },
      ['charge.1: executed more than once at the PSP'],
    ],
    [
      'an operation that was executed twice before it was settled here',
      { payments: [unknownCharge()], report: [...linesOf(unknownCharge()), ...linesOf(unknownCharge())] },
      ['charge.1: executed more than once at the PSP'],
    ],
    [
      'a charge of a payment that counts as canceled',
      {
        payments: [
          aPayment({
            operations: [
              anOperation({ outcome: 'unknown' }),
              anOperation({ kind: 'cancel', id: 'cancel.3' }),
            ],
          }),
        ],
        report: [
          lineOf(aPayment(), anOperation()),
          lineOf(aPayment(), anOperation({ kind: 'cancel', id: 'cancel.3' })),
        ],
      },
      ['charge.1: succeeded at the PSP, and unknown here'],
    ],
    [
      'a refund that the report has left out',
      {
        payments: [refunded()],
        report: linesOf(refunded()).slice(0, 1),
        lookup: () => ({ outcome: 'succeeded', psp_reference: 'psp_1' }),
      },
      ["r1: succeeded here, and missing in the PSP's report"],
    ],
  ])('%s', async (_, setup, expected) => {
    const comparison = await compare(setup);
    expect(problems(comparison)).toEqual(expected);
    expect(comparison.differenceCount).toBe(1);
  });

  it('names who settled it, if that was a person', async () => {
    const resolved = resolveOperation(unknownCharge(), 'charge.1', {
      as: 'failed',
      reason: 'sure',
      nowMs: NOW_MS,
    });
    if (!resolved.ok) throw new Error(resolved.detail);
    const comparison = await compare({ payments: [resolved.payment], report: linesOf(aPayment()) });
    expect(problems(comparison)).toEqual([
      'charge.1: succeeded at the PSP, and failed (resolved by hand) here',
    ]);
  });

  it('shows in the sums too', async () => {
    const comparison = await compare({
      payments: [refunded()],
      report: linesOf(refunded({ outcome: 'failed' })),
    });
    expect(comparison.holdings).toMatchObject([{ ours: 700n, psp: 1000n }]);
    const missing = await compare({ payments: [aPayment()], report: [] });
    expect(missing.holdings).toMatchObject([{ ours: 1000n, psp: 0n }]);
    const notOurs = await compare({ payments: [], report: linesOf(aPayment()) });
    expect(notOurs.holdings).toMatchObject([{ ours: 0n, psp: 1000n }]);
  });

  it('shows in the sums alone where a late charge could not be reversed', async () => {
    const operations = [
      anOperation(),
      anOperation({ kind: 'cancel', id: 'cancel.3' }),
      anOperation({ kind: 'reversal', id: 'reversal.5', outcome: 'failed' }),
    ];
    const payment = aPayment({ operations });
    const comparison = await compare({ payments: [payment], report: linesOf(payment) });
    expect(problems(comparison)).toEqual([]);
    expect(comparison.holdings).toMatchObject([{ ours: 0n, psp: 1000n }]);
  });

  it('is counted beyond what is named', async () => {
    const report = Array.from({ length: MAX_EXAMPLES + 3 }, (_, n) =>
      lineOf(aPayment({ payment_id: `p${n}` }), anOperation()),
    );
    const comparison = await compare({ payments: [], report });
    expect([comparison.differences.length, comparison.differenceCount]).toEqual([
      MAX_EXAMPLES,
      MAX_EXAMPLES + 3,
    ]);
  });
});

describe('what cannot be compared yet', () => {
  it('is told apart, and in neither sum', async () => {
    const comparison = await compare({ payments: [unknownCharge()], report: linesOf(unknownCharge()) });
    expect(problems(comparison)).toEqual([]);
    expect(comparison).toMatchObject({
      unsettledCount: 1,
      unsettled: [aRef()],
      holdings: [{ ours: 0n, psp: 0n }],
    });
  });

  it('stays so where it was settled only after the report was read', async () => {
    const report = linesOf(unknownCharge());
    const comparison = await compare({ before: [unknownCharge()], payments: [aPayment()], report });
    expect(comparison).toMatchObject({ differenceCount: 0, holdings: [{ ours: 0n, psp: 0n }] });
  });

  it('leaves the rest of its payment to be compared', async () => {
    const payment = refunded({ outcome: 'pending' });
    const comparison = await compare({
      payments: [payment],
      report: [lineOf(payment, anOperation(), { outcome: 'failed' })],
    });
    expect(problems(comparison)).toEqual(['charge.1: failed at the PSP, and succeeded here']);
    expect(comparison.unsettledCount).toBe(1);
    expect(comparison.holdings).toMatchObject([{ ours: 1000n, psp: 0n }]);
  });

  it('is what the PSP executed after the report was read', async () => {
    const payment = refunded({ settled_at: new Date(NOW_MS + 61_000).toISOString() });
    const comparison = await compare({
      payments: [payment],
      report: linesOf(payment).slice(0, 1),
      lookup: () => ({ outcome: 'succeeded', psp_reference: 'psp_1' }),
    });
    expect(problems(comparison)).toEqual([]);
    expect(comparison.holdings).toMatchObject([{ ours: 1000n, psp: 1000n }]);
  });

  it('is asked about again where the report was read before the PSP settled it', async () => {
    const payment = refunded();
    const [charge, ...others] = linesOf(payment);
    const stale = others.map((line) => ({ ...line, outcome: 'pending' as const }));
    const report = [charge as PspReportLine, ...stale];
    const settled = await compare({
      payments: [payment],
      report,
      lookup: () => ({ outcome: 'succeeded', psp_reference: 'x' }),
    });
    expect(problems(settled)).toEqual([]);
    expect(settled.holdings).toMatchObject([{ ours: 700n, psp: 700n }]);
    const failed = await compare({
      payments: [payment],
      report,
      lookup: () => ({ outcome: 'failed', psp_reference: 'x', failure: aFailure() }),
    });
    expect(problems(failed)).toEqual(['r1: failed at the PSP, and succeeded here']);
    const still = await compare({ payments: [payment], report });
    expect(problems(still)).toEqual(['r1: pending at the PSP, and succeeded here']);
  });

  it('leaves out payments of another PSP', async () => {
    const comparison = await compare({ payments: [aPayment({ connector: 'other' })], report: [] });
    expect(comparison).toMatchObject({ payments: 0, differenceCount: 0 });
  });
});
