import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryAuditLog, emptyAuditState } from '../adapters/memory/memory-audit-log.ts';
import { auditEntry } from '../domain/audit-entry.ts';
import { gapEntry } from '../domain/audit-gap.ts';
import {
  accepted,
  aNewPayment,
  answered,
  aRef,
  aRequest,
  NOW_MS,
  RESULTS,
} from '../domain/payment.fixture.ts';
import type { Payment, PaymentRef } from '../domain/payment.ts';
import { commands, EVERYTHING, live } from '../domain/payment-life.fixture.ts';
import { requestRefund } from '../domain/request-operation.ts';
import type { AuditEntry } from '../ports/audit-log.ts';
import { createFillAudit, isComplete, MAX_FINDINGS } from './fill-audit.ts';

const DAY_MS = 24 * 3_600_000;
/** Long after all that happens here. */
const LATER_MS = NOW_MS + 1_000 * DAY_MS;
const WRITE = { write: true, youngToo: false };
const CHECK = { write: false, youngToo: false };
const FOUND_NOTHING = {
  records: 0,
  payments: 0,
  missing: 0,
  lost: 0,
  ahead: 0,
  waiting: 0,
  gone: 0,
  written: 0,
  findings: [],
};

/** A log with these entries, and payments beside it. */
async function start(entries: readonly AuditEntry[], payments: readonly Payment[], nowMs = LATER_MS) {
  const state = emptyAuditState();
  const log = createMemoryAuditLog(state);
  await log.append(entries, '');
  const appends: number[] = [];
  const fill = createFillAudit({
    log: {
      lines: log.lines,
      async append(given, position) {
        appends.push(given.length);
        return log.append(given, position);
      },
    },
    async *payments() {
      yield* payments;
    },
    clock: { now: () => nowMs },
  });
  const logged = () =>
    state.lines.map((line) => {
      const { hash: _hash, ...entry } = JSON.parse(line);
      return entry;
    });
  return { log, state, fill, appends, logged };
}

/** A payment that was charged and then partly refunded: every version of it. */
function refundedLife(given: Partial<PaymentRef> = {}): [Payment, Payment, Payment, Payment] {
  const asked = aNewPayment(given);
  const paid = answered(asked, RESULTS.succeeded);
  const refund = accepted(requestRefund(paid, 'r1', 400, aRequest()));
  return [asked, paid, refund, answered(refund, RESULTS.succeeded)];
}

const filledEntry = (payment: Payment) => ({ ...auditEntry(payment), filled: true });

describe('a log that has every change', () => {
  it('is complete, whoever wrote what twice, and is given nothing', async () => {
    const life = refundedLife();
    const entries = [...life, ...life.slice(1)].map(auditEntry);
    const { fill, appends } = await start(entries, [life[3]]);
    const found = await fill(WRITE);
    expect(found).toEqual({ ...FOUND_NOTHING, records: 7, payments: 1 });
    expect([isComplete(found), appends]).toEqual([true, []]);
  });

  it('may know payments that are no longer there', async () => {
    const { fill } = await start(refundedLife().map(auditEntry), []);
    expect(await fill(WRITE)).toEqual({ ...FOUND_NOTHING, records: 4, gone: 1 });
  });

  it('may hold records that are about no payment', async () => {
    const { fill } = await start([{ note: 'of another kind' }], []);
    expect(await fill(WRITE)).toEqual({ ...FOUND_NOTHING, records: 1 });
  });
});

describe('changes that the log lacks', () => {
  it('are written from the history of their payment, marked, and then the log is complete', async () => {
    const life = refundedLife();
    const other = aNewPayment({ payment_id: 'order-2', livemode: true });
    const { fill, logged, log } = await start([auditEntry(life[1])], [life[3], other]);
    expect(await fill(WRITE)).toEqual({
      ...FOUND_NOTHING,
      records: 1,
      payments: 2,
      missing: 4,
      written: 4,
      findings: [
        { ...aRef(), problem: 'missing', versions: [1, 3, 4] },
        { ...aRef({ payment_id: 'order-2', livemode: true }), problem: 'missing', versions: [1] },
      ],
    });
    expect(logged().slice(1)).toEqual([life[0], life[2], life[3], other].map(filledEntry));
    expect(await log.verify()).toMatchObject({ ok: true, head: { records: 5 } });
    expect(isComplete(await fill(WRITE))).toBe(true);
  });

  it('are only named where nothing is to be written', async () => {
    const life = refundedLife();
    const { fill, appends } = await start([], [life[3]]);
    const found = await fill(CHECK);
    expect(found).toMatchObject({ missing: 4, written: 0 });
    expect([isComplete(found), appends]).toEqual([false, []]);
  });

  it('are waited for as long as the feed still holds them, unless they are asked for too', async () => {
    const life = refundedLife();
    const young = await start([], [life[3]], NOW_MS + DAY_MS);
    const found = await young.fill(WRITE);
    expect(found).toEqual({ ...FOUND_NOTHING, payments: 1, waiting: 4 });
    expect(isComplete(found)).toBe(true);
    expect(await young.fill({ write: true, youngToo: true })).toMatchObject({
      missing: 4,
      written: 4,
      waiting: 0,
    });
    const old = await start([], [life[3]], NOW_MS + DAY_MS + 1);
    expect(await old.fill(WRITE)).toMatchObject({ missing: 4, waiting: 0 });
  });

  it('are written in batches, and named only up to a bound', async () => {
    const many = Array.from({ length: 1_100 }, (_, number) => aNewPayment({ payment_id: `p${number}` }));
    const { fill, appends } = await start([], many);
    const { missing, written, findings } = await fill(WRITE);
    expect([missing, written, findings.length, appends]).toEqual([
      1_100,
      1_100,
      MAX_FINDINGS,
      [512, 512, 76],
    ]);
  });

  it('are written from the history although the log once gave them up, if their payment is back', async () => {
    const life = refundedLife();
    const entries = [auditEntry(life[0]), gapEntry(aRef(), 2, NOW_MS, 'gone'), auditEntry(life[2])];
    const { fill } = await start(entries, [life[2]]);
    expect((await fill(WRITE)).findings).toEqual([{ ...aRef(), problem: 'missing', versions: [2] }]);
    expect(isComplete(await fill(WRITE))).toBe(true);
  });
});

describe('changes that the log lacks of a payment that is gone', () => {
  it('stand as gaps, once', async () => {
    const life = refundedLife();
    const whole = refundedLife({ payment_id: 'order-2' });
    const entries = [...[life[0], life[3]].map(auditEntry), ...whole.map(auditEntry)];
    const { fill, logged, log } = await start(entries, []);
    expect(await fill(WRITE)).toEqual({
      ...FOUND_NOTHING,
      records: 6,
      gone: 2,
      lost: 2,
      written: 2,
      findings: [{ ...aRef(), problem: 'lost', versions: [2, 3] }],
    });
    expect(logged().slice(6)).toEqual(
      [2, 3].map((version) => ({
        ...aRef(),
        version,
        at: new Date(LATER_MS).toISOString(),
        kind: 'gap',
        reason: expect.stringContaining('deleted'),
      })),
    );
    expect(await log.verify()).toMatchObject({ ok: true });
    expect(await fill(WRITE)).toEqual({ ...FOUND_NOTHING, records: 8, gone: 2 });
  });
});

describe('a log that is ahead of a payment', () => {
  it('is told of, and left as it is', async () => {
    const life = refundedLife();
    const { fill, appends } = await start(life.map(auditEntry), [life[1]]);
    const found = await fill(WRITE);
    expect(found).toMatchObject({
      ahead: 2,
      missing: 0,
      findings: [{ ...aRef(), problem: 'ahead', versions: [3, 4] }],
    });
    expect([isComplete(found), appends]).toEqual([false, []]);
  });

  it('is told of by the versions that it has', async () => {
    const life = refundedLife();
    const { fill } = await start([life[0], life[3]].map(auditEntry), [life[0]]);
    expect((await fill(CHECK)).findings).toEqual([{ ...aRef(), problem: 'ahead', versions: [4] }]);
  });
});

it('a log that cannot be read is not filled', async () => {
  const { fill, state, appends } = await start([auditEntry(aNewPayment())], [refundedLife()[3]]);
  state.lines.push('{"payment_id":');
  await expect(fill(WRITE)).rejects.toThrow(
    'Record 2 of the audit log is not JSON. Run "tollgate audit verify".',
  );
  expect(appends).toEqual([]);
});

describe('whatever the feed loses, repeats and swaps', () => {
  const aLife = fc.array(commands(fc.option(fc.integer({ min: 1, max: 1_300 }), { nil: undefined })), {
    maxLength: 60,
  });
  /** Of each change: lost, written, or written twice. */
  const aFate = fc.constantFrom(0, 0, 1, 1, 2);

  function versionsOf(number: number, given: Parameters<typeof live>[1]): Payment[] {
    const first = aNewPayment({ payment_id: `p${number}`, merchant_id: `m_${number % 2}` });
    const all = [first];
    live({ payment: first, nowMs: NOW_MS, habits: EVERYTHING }, given, (_, after) => void all.push(after));
    return all;
  }

  it('the log has every change after a fill, in one whole chain, and another fill adds nothing', async () => {
    const world = fc.record({
      lives: fc.array(aLife, { minLength: 1, maxLength: 5 }),
      fates: fc.infiniteStream(aFate),
      order: fc.infiniteStream(fc.nat()),
      goneEvery: fc.constantFrom(2, 3, 100),
    });
    await fc.assert(
      fc.asyncProperty(world, async ({ lives, fates, order, goneEvery }) => {
        const all = lives.map((given, number) => versionsOf(number, given));
        const fed = all.flat().flatMap((payment) => Array<Payment>(fates.next().value).fill(payment));
        const shuffled = fed
          .map((payment) => ({ payment, place: order.next().value }))
          .sort((a, b) => a.place - b.place)
          .map(({ payment }) => auditEntry(payment));
        const kept = all
          .filter((_, number) => number % goneEvery !== 1)
          .map((versions) => versions.at(-1) as Payment);
        const { fill, log, logged } = await start(shuffled, kept, LATER_MS * 10);

        const found = await fill({ write: true, youngToo: true });
        const filled = logged();
        const changes = new Map<string, object[]>();
        for (const { filled: _filled, ...entry } of filled) {
          const change = `${entry.payment_id}@${entry.version}`;
          changes.set(change, [...(changes.get(change) ?? []), entry]);
        }
        for (const versions of all) {
          const isGone = !kept.includes(versions.at(-1) as Payment);
          const lastKnown = Math.max(
            0,
            ...fed
              .filter(({ payment_id }) => payment_id === versions[0]?.payment_id)
              .map(({ version }) => version),
          );
          for (const payment of versions) {
            const entries = changes.get(`${payment.payment_id}@${payment.version}`) ?? [];
            if (isGone && payment.version > lastKnown) expect(entries).toEqual([]);
            else expect(entries.length).toBeGreaterThan(0);
            for (const entry of entries) expect(entry).toMatchObject(entryOrGap(payment, entry));
          }
        }
        expect(filled.length).toBe(fed.length + found.written);
        expect(found.written).toBe(found.missing + found.lost);
        expect(await log.verify()).toMatchObject({ ok: true, head: { records: filled.length } });

        expect(await fill({ write: true, youngToo: true })).toMatchObject({
          missing: 0,
          lost: 0,
          written: 0,
        });
        expect(logged()).toEqual(filled);
      }),
      { seed: 20_261_203, numRuns: 100 },
    );
  });

  /** What must stand there: all that the change's own entry says, but for a PSP's reference. */
  function entryOrGap(payment: Payment, entry: { kind?: string }): object {
    if (entry.kind === 'gap') return { version: payment.version };
    const { operation, ...said } = auditEntry(payment);
    const { psp_reference: _reference, ...rest } = operation;
    return { ...said, operation: rest };
  }
});
