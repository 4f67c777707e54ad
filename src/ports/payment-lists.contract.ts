import { describe, expect, it } from 'vitest';
import { dueAtMs } from '../domain/derive.ts';
import { PAYMENT_STATUSES, type Payment, timestamp } from '../domain/payment.ts';
import {
  answered,
  LIVES,
  newPayment,
  type PaymentStoreHarness,
  START_MS,
  SUCCEEDED,
  save,
  UNSETTLED,
  versionName,
} from './payment-store.fixture.ts';
import type { ListQuery } from './payment-store.ts';

const MINE = { merchant_id: 'm_1', livemode: false };
const WAIT = { timeout: 5_000, interval: 20 };
const DAY_MS = 86_400_000;

/** More pages than any test here can need: an adapter that never ends fails instead of hanging. */
const MAX_PAGES = 200;

/** Newest first; of the same time the greater id first, so that one sort key read backwards gives the order. */
function inListOrder(payments: readonly Payment[]): Payment[] {
  const place = (payment: Payment) => `${payment.created_at} ${payment.payment_id}`;
  return payments.toSorted((a, b) => (place(a) < place(b) ? 1 : -1));
}

/** What a store answers about lists and about what is due. Both may lag, so the suite waits for them to catch up. */
export function describePaymentLists(use: () => PaymentStoreHarness): void {
  describe('listing payments', () => describeLists(use));
  describe('finding what is due', () => describeDue(use));
}

function describeLists(use: () => PaymentStoreHarness): void {
  const list = (query: Partial<ListQuery> = {}) => use().store.list({ ...MINE, limit: 100, ...query });

  async function expectList(query: Partial<ListQuery>, expected: readonly Payment[]): Promise<void> {
    await expect.poll(() => list(query), WAIT).toEqual(expected);
  }

  /** Three at each millisecond, stored in an order that is not the list's. */
  async function crowd(size: number): Promise<Payment[]> {
    const ids = Array.from({ length: size }, (_, n) => (n * 7) % size);
    const payments = ids.map((n) =>
      newPayment({ payment_id: `p-${n}`, nowMs: START_MS + Math.floor(n / 3) }),
    );
    for (const payment of payments) await save(use().store, [payment]);
    const ordered = inListOrder(payments);
    await expectList({}, ordered);
    return ordered;
  }

  async function pages(
    query: Partial<ListQuery>,
    between: () => Promise<unknown> = async () => undefined,
  ): Promise<Payment[]> {
    const all: Payment[] = [];
    for (let page = 0; page < MAX_PAGES; page++) {
      const got = await list({ ...query, after: all.at(-1) });
      expect(got.length).toBeLessThanOrEqual(query.limit ?? 100);
      if (got.length === 0) return all;
      all.push(...got);
      await between();
    }
    throw new Error(`The list did not end after ${MAX_PAGES} pages`);
  }

  it('is empty for a merchant without payments', async () => {
    expect(await list()).toEqual([]);
  });

  it('gives the newest first, and the greater id first where the time is the same', async () => {
    const { store } = use();
    for (const [payment_id, afterMs] of [
      ['b', 0],
      ['a', 5],
      ['B', 0],
      ['_', 5],
      ['c', 0],
      ['10', 1],
      ['9', 1],
    ] as const) {
      await save(store, [newPayment({ payment_id, nowMs: START_MS + afterMs })]);
    }
    const ids = async () => (await list()).map(({ payment_id }) => payment_id);
    await expect.poll(ids, WAIT).toEqual(['a', '_', '9', '10', 'c', 'b', 'B']);
  });

  it('gives no more than the limit, from the front', async () => {
    const ordered = await crowd(10);
    for (const limit of [1, 3, 9, 10, 11]) expect(await list({ limit })).toEqual(ordered.slice(0, limit));
  });

  it('gives the last version of each payment', async () => {
    const last = await save(use().store, LIVES.canceled());
    await expectList({}, [last]);
  });

  it('goes on after a place, whether or not a payment stands there', async () => {
    const ordered = await crowd(12);
    for (const [n, payment] of ordered.entries())
      expect(await list({ after: payment })).toEqual(ordered.slice(n + 1));
    const gap = { created_at: timestamp(START_MS + 2), payment_id: 'p-70' };
    expect(await list({ after: gap })).toEqual(
      ordered.filter(
        (one) =>
          one.created_at < gap.created_at || (one.created_at === gap.created_at && one.payment_id < 'p-70'),
      ),
    );
  });

  it('takes of a place its time and its id alone: the merchant is the one that asks', async () => {
    const ordered = await crowd(4);
    const place = ordered[1] as Payment;
    for (const other of [{ merchant_id: 'm_2' }, { merchant_id: 'm_0' }, { livemode: true }])
      expect(await list({ after: { ...place, ...other } as Payment })).toEqual(ordered.slice(2));
  });

  it.each([1, 2, 3, 4, 7, 23, 24])('visits everything exactly once in pages of %i', async (limit) => {
    const ordered = await crowd(23);
    expect(await pages({ limit })).toEqual(ordered);
  });

  it('neither repeats nor misses a payment when others come and change between pages', async () => {
    const { store } = use();
    const ordered = await crowd(12);
    const changing = [...ordered];
    let turn = 0;
    const seen = await pages({ limit: 2 }, async () => {
      turn += 1;
      await save(store, [newPayment({ payment_id: `new-${turn}`, nowMs: START_MS + DAY_MS + turn })]);
      // One that was listed already, and one that is still to come, where there is.
      for (const payment of [changing.shift(), changing.pop()]) {
        if (payment) await save(store, [answered(payment, SUCCEEDED)]);
      }
    });
    expect(seen.map(({ payment_id }) => payment_id)).toEqual(ordered.map(({ payment_id }) => payment_id));
  });

  it('filters by every status', async () => {
    const { store } = use();
    const stored: Payment[] = [];
    for (const [n, status] of PAYMENT_STATUSES.entries()) {
      for (const copy of ['a', 'b']) {
        stored.push(
          await save(store, LIVES[status]({ payment_id: `${status}-${copy}`, nowMs: START_MS + n })),
        );
      }
    }
    await expectList({}, inListOrder(stored));
    for (const status of PAYMENT_STATUSES) {
      await expectList({ status }, inListOrder(stored.filter((payment) => payment.status === status)));
    }
  });

  it('moves a payment between statuses when it changes', async () => {
    const { store } = use();
    let before = 'failed' as Payment['status'];
    for (const payment of LIVES.canceled()) {
      await save(store, [payment]);
      await expectList({ status: payment.status }, [payment]);
      if (before !== payment.status) await expectList({ status: before }, []);
      before = payment.status;
    }
    expect(before).toBe('canceled');
  });

  it('finds a payment by its status, whatever of it is still unsettled', async () => {
    const { store } = use();
    for (const [n, { status, lived }] of Object.values(UNSETTLED).entries()) {
      const last = await save(store, lived({ merchant_id: `m_${n}` }));
      await expectList({ merchant_id: `m_${n}`, status }, [last]);
    }
  });

  it('pages through one status, past those of other statuses', async () => {
    const { store } = use();
    const completed: Payment[] = [];
    for (let n = 0; n < 18; n++) {
      const status = n % 3 === 0 ? 'failed' : 'completed';
      const last = await save(
        store,
        LIVES[status]({ payment_id: `p-${n}`, nowMs: START_MS + Math.floor(n / 4) }),
      );
      if (status === 'completed') completed.push(last);
    }
    const expected = inListOrder(completed);
    await expectList({ status: 'completed' }, expected);
    for (const limit of [1, 2, 5, 12]) expect(await pages({ status: 'completed', limit })).toEqual(expected);
  });

  it('takes both bounds as exclusive, alone and together', async () => {
    const ordered = await crowd(15);
    const [from, to] = [timestamp(START_MS + 1), timestamp(START_MS + 3)];
    expect(await list({ created_after: from })).toEqual(ordered.filter((one) => one.created_at > from));
    expect(await list({ created_before: to })).toEqual(ordered.filter((one) => one.created_at < to));
    const between = ordered.filter((one) => one.created_at > from && one.created_at < to);
    expect(between).toHaveLength(3);
    expect(await list({ created_after: from, created_before: to })).toEqual(between);
    expect(await list({ created_after: to, created_before: from })).toEqual([]);
    expect(await list({ created_after: from, created_before: from })).toEqual([]);
  });

  it('pages within bounds and a status', async () => {
    const ordered = await crowd(15);
    const bounds = { created_after: timestamp(START_MS), created_before: timestamp(START_MS + 4) };
    const expected = ordered.filter(
      (one) => one.created_at > bounds.created_after && one.created_at < bounds.created_before,
    );
    expect(expected).toHaveLength(9);
    expect(await pages({ ...bounds, limit: 2 })).toEqual(expected);
    expect(await pages({ ...bounds, limit: 4, status: 'processing' })).toEqual(expected);
    // A place outside the bounds adds nothing to them.
    expect(await list({ ...bounds, after: ordered[0] })).toEqual(expected);
    expect(await list({ ...bounds, after: ordered.at(-1) })).toEqual([]);
  });

  it('never crosses into another merchant or the other mode', async () => {
    const { store } = use();
    const mine = await save(store, [newPayment({ payment_id: 'mine' })]);
    const theirs = await save(store, [newPayment({ payment_id: 'theirs', merchant_id: 'm_2' })]);
    const live = await save(store, [newPayment({ payment_id: 'live', livemode: true })]);
    await save(store, [newPayment({ payment_id: 'longer', merchant_id: 'm_11' })]);
    for (const status of [undefined, 'processing'] as const) {
      await expectList({ status }, [mine]);
      await expectList({ merchant_id: 'm_2', status }, [theirs]);
      await expectList({ livemode: true, status }, [live]);
      await expectList({ merchant_id: 'm_2', livemode: true, status }, []);
      await expectList({ merchant_id: 'm_', status }, []);
    }
  });
}

function describeDue(use: () => PaymentStoreHarness): void {
  async function due(
    beforeMs: number,
    limit = 10,
    visit?: (payment: Payment) => Promise<unknown>,
  ): Promise<Payment[]> {
    const all: Payment[] = [];
    let cursor: string | null = null;
    for (let page = 0; page < MAX_PAGES; page++) {
      const got = await use().store.due(beforeMs, cursor, limit);
      expect(got.payments.length).toBeLessThanOrEqual(limit);
      all.push(...got.payments);
      for (const payment of got.payments) await visit?.(payment);
      if (got.cursor === null) return all;
      cursor = got.cursor;
    }
    throw new Error(`due() did not end after ${MAX_PAGES} pages`);
  }

  const names = (payments: readonly Payment[]) => payments.map(versionName).sort();

  async function expectDue(beforeMs: number, expected: readonly Payment[]): Promise<void> {
    await expect.poll(async () => names(await due(beforeMs)), WAIT).toEqual(names(expected));
  }

  /** One of each kind of unsettled payment, in several partitions. */
  async function unsettled(): Promise<Payment[]> {
    const stored: Payment[] = [];
    for (const [n, { lived }] of Object.values(UNSETTLED).entries()) {
      const given = { payment_id: `p-${n}`, merchant_id: `m_${n % 3}`, livemode: n % 2 === 0 };
      stored.push(await save(use().store, lived(given)));
    }
    return stored;
  }

  it('finds nothing in an empty store', async () => {
    expect(await due(START_MS + 365 * DAY_MS)).toEqual([]);
  });

  it.each(Object.entries(UNSETTLED))(
    '%s is due from its time on, and no more once settled',
    async (_, life) => {
      const { store } = use();
      const payment = await save(store, life.lived());
      expect(payment.status).toBe(life.status);
      const dueMs = dueAtMs(payment) as number;
      await expect.poll(() => due(dueMs), WAIT).toEqual([payment]);
      await expectDue(dueMs + 365 * DAY_MS, [payment]);
      await expectDue(dueMs - 1, []);
      await save(store, life.settled(payment));
      await expectDue(dueMs + 365 * DAY_MS, []);
    },
  );

  it.each(['completed', 'failed', 'canceled'] as const)(
    'a payment that is %s is never due',
    async (status) => {
      await save(use().store, LIVES[status]());
      await expectDue(START_MS + 365 * DAY_MS, []);
    },
  );

  it('finds what is due in every status, merchant and mode', async () => {
    const stored = await unsettled();
    await save(use().store, LIVES.completed({ payment_id: 'done' }));
    await expectDue(START_MS + 365 * DAY_MS, stored);
    for (const dueMs of stored.map(dueAtMs) as number[]) {
      const expected = stored.filter((payment) => (dueAtMs(payment) as number) <= dueMs);
      await expectDue(dueMs, expected);
    }
  });

  it.each([1, 2, 3, 20])('visits each due payment exactly once in pages of %i', async (limit) => {
    const stored = await unsettled();
    // Ties, to be told apart by more than their time.
    for (let n = 0; n < 5; n++)
      stored.push(await save(use().store, [newPayment({ payment_id: `tie-${n}` })]));
    await expectDue(START_MS + 365 * DAY_MS, stored);
    expect(names(await due(START_MS + 365 * DAY_MS, limit))).toEqual(names(stored));
  });

  it('visits every due payment while those visited are being settled', async () => {
    const { store } = use();
    const stored: Payment[] = [];
    for (let n = 0; n < 11; n++) {
      stored.push(await save(store, [newPayment({ payment_id: `p-${n}`, nowMs: START_MS + (n % 4) })]));
    }
    await expectDue(START_MS + DAY_MS, stored);
    const visited = await due(START_MS + DAY_MS, 2, (payment) => save(store, [answered(payment, SUCCEEDED)]));
    expect(names(visited)).toEqual(names(stored));
    await expectDue(START_MS + 365 * DAY_MS, []);
  });
}
