import { describe, expect, it, vi } from 'vitest';
import type { Payment } from '../domain/payment.ts';
import type { ChangeFeed, ChangePage } from './change-feed.ts';
import {
  answered,
  LIVES,
  newPayment,
  type PaymentStoreHarness,
  refundAsked,
  SUCCEEDED,
  save,
  UNKNOWN,
  versionName,
  versions,
} from './payment-store.fixture.ts';

/** A stream may answer empty pages before the next change: so many are no reason yet to call it lost. */
const MAX_EMPTY_PAGES = 50;

type Only = 'dispatched' | undefined;

/** The next page that has changes in it, not committed; empty ones on the way are. */
async function nextPage(feed: ChangeFeed, consumer: string, limit: number, only: Only): Promise<ChangePage> {
  for (let empty = 0; empty < MAX_EMPTY_PAGES; empty++) {
    const page = await feed.read(consumer, limit, only);
    expect(page.changes.length).toBeLessThanOrEqual(limit);
    if (page.changes.length > 0) return page;
    await feed.commit(consumer, page.position);
  }
  throw new Error(`${consumer} got ${MAX_EMPTY_PAGES} empty pages in a row`);
}

/** Reads and commits until each of `last` was seen. Answers the images in the order of the feed. */
export async function drain(
  feed: ChangeFeed,
  consumer: string,
  last: readonly Payment[],
  limit = 10,
  only?: Only,
): Promise<Payment[]> {
  const missing = new Set(last.map(versionName));
  const seen: Payment[] = [];
  while (missing.size > 0) {
    const page = await nextPage(feed, consumer, limit, only);
    for (const { payment } of page.changes) {
      seen.push(payment);
      missing.delete(versionName(payment));
    }
    await feed.commit(consumer, page.position);
  }
  return seen;
}

/** The change feed and the signal. Nothing is asked about the order between payments. */
export function describeChangeFeed(use: () => PaymentStoreHarness): void {
  describe('the change feed', () => {
    describeReading(use);
    describeCommitting(use);
    describeInterleaving(use);
  });
  describe('the change signal', () => describeSignal(use));
}

const refundedTwice = (payment_id: string) =>
  versions(
    newPayment({ payment_id }),
    (payment) => answered(payment, UNKNOWN),
    (payment) => answered(payment, SUCCEEDED),
    (payment) => refundAsked(payment, 'r1', 100),
    (payment) => refundAsked(payment, 'r2', 200),
    (payment) => answered(payment, SUCCEEDED),
  );

function describeReading(use: () => PaymentStoreHarness): void {
  it.each([1, 2, 5, 100])(
    'has one change per write with the image of that version, in pages of %i',
    async (limit) => {
      const { store, feed, consumers } = use();
      const lived = ['a', 'b', 'c'].map(refundedTwice);
      // Their writes take turns, so that the feed must keep three histories apart.
      for (let n = 0; n < 6; n++) for (const life of lived) await save(store, [life[n] as Payment]);
      for (const consumer of consumers) {
        const seen = await drain(
          feed,
          consumer,
          lived.map((life) => life.at(-1) as Payment),
          limit,
        );
        for (const life of lived) {
          expect(seen.filter(({ payment_id }) => payment_id === life[0]?.payment_id)).toEqual(life);
        }
        expect(seen).toHaveLength(18);
      }
    },
  );

  it('carries the changes of every merchant and mode', async () => {
    const { store, feed, consumers } = use();
    const all = [{}, { merchant_id: 'm_2' }, { livemode: true }].map((given) => newPayment(given));
    for (const payment of all) await save(store, [payment]);
    const seen = await drain(feed, consumers[0] as string, all);
    expect(seen.map(versionName).sort()).toEqual(all.map(versionName).sort());
  });

  it.each([1, 2, 100])('gives only what asks to be sent, if told so, in pages of %i', async (limit) => {
    const { store, feed, consumers } = use();
    const life = refundedTwice('p1');
    await save(store, life);
    const dispatched = life.filter(({ dispatch }) => dispatch !== null);
    expect(dispatched.map(({ version }) => version)).toEqual([1, 4, 5]);
    const seen = await drain(feed, consumers[0] as string, dispatched, limit, 'dispatched');
    expect(seen).toEqual(dispatched);
  });

  it('has nothing to give before anything is written, and gives what comes after that page', async () => {
    const { store, feed, consumers } = use();
    for (const only of [undefined, 'dispatched'] as const) {
      const consumer = consumers[only ? 1 : 0] as string;
      const empty = await feed.read(consumer, 10, only);
      expect(empty.changes).toEqual([]);
      await feed.commit(consumer, empty.position);
    }
    const payment = await save(store, LIVES.processing());
    expect(await drain(feed, consumers[0] as string, [payment])).toEqual([payment]);
    expect(await drain(feed, consumers[1] as string, [payment], 10, 'dispatched')).toEqual([payment]);
  });
}

function describeCommitting(use: () => PaymentStoreHarness): void {
  it.each([undefined, 'dispatched'] as const)('repeats what was not committed (only: %s)', async (only) => {
    const { store, feed, consumers } = use();
    const consumer = consumers[0] as string;
    for (const payment_id of ['a', 'b', 'c']) await save(store, [newPayment({ payment_id })]);
    const first = await nextPage(feed, consumer, 2, only);
    const again = await nextPage(feed, consumer, 2, only);
    expect(again.changes).toEqual(first.changes);
    await feed.commit(consumer, again.position);
    const next = await nextPage(feed, consumer, 100, only);
    const committed = first.changes.map(({ payment }) => payment.payment_id);
    for (const { payment } of next.changes) expect(committed).not.toContain(payment.payment_id);
  });

  it('takes the same commit twice', async () => {
    const { store, feed, consumers } = use();
    const consumer = consumers[0] as string;
    const [first, second] = LIVES.completed() as [Payment, Payment];
    await save(store, [first]);
    const page = await nextPage(feed, consumer, 10, undefined);
    await feed.commit(consumer, page.position);
    await save(store, [second]);
    await feed.commit(consumer, page.position);
    expect(await drain(feed, consumer, [second])).toEqual([second]);
  });

  it('moves one consumer and not another, and loses nothing that one of them has not committed', async () => {
    const { store, feed, consumers } = use();
    const [ahead, behind] = consumers as [string, string];
    const life = refundedTwice('p1');
    const seen: Payment[] = [];
    for (const payment of life) {
      await save(store, [payment]);
      seen.push(...(await drain(feed, ahead, [payment])));
    }
    expect(seen).toEqual(life);
    expect(await drain(feed, behind, [life.at(-1) as Payment], 2)).toEqual(life);
  });

  it('goes on after everything has been dealt with by everyone, again and again', async () => {
    const { store, feed, consumers } = use();
    for (let round = 0; round < 5; round++) {
      const life = LIVES.completed({ payment_id: `p-${round}` });
      await save(store, life);
      for (const consumer of consumers) {
        expect(await drain(feed, consumer, life)).toEqual(life);
        expect((await feed.read(consumer, 10)).changes).toEqual([]);
      }
    }
  });

  it.each([
    { only: undefined, limit: 1 },
    { only: undefined, limit: 100 },
    { only: 'dispatched', limit: 1 },
    { only: 'dispatched', limit: 100 },
  ] as const)(
    'gives what was written between a read and its commit ($only, pages of $limit)',
    async ({ only, limit }) => {
      const { store, feed, consumers } = use();
      const consumer = consumers[0] as string;
      for (let round = 0; round < 4; round++) {
        const [first, second] = LIVES.completed({ payment_id: `a-${round}` }) as [Payment, Payment];
        const meanwhile = newPayment({ payment_id: `b-${round}` });
        await save(store, [first]);
        const page = await nextPage(feed, consumer, limit, only);
        expect(page.changes.map(({ payment }) => payment)).toEqual([first]);
        await save(store, [second]);
        await save(store, [meanwhile]);
        await feed.commit(consumer, page.position);
        const expected = only ? [meanwhile] : [second, meanwhile];
        const seen = await drain(feed, consumer, expected, limit, only);
        expect(seen.map(versionName).sort()).toEqual(expected.map(versionName).sort());
      }
    },
  );

  it('counts what a consumer has not dealt with down to nothing', async () => {
    const { store, feed, consumers } = use();
    const [everything, dispatched] = consumers as [string, string];
    expect(feed.lag(everything)).toBe(0);
    // The last change asks for nothing to be sent: a reader of the dispatched ones must get past it too.
    const life = LIVES.completed();
    await save(store, life);
    await expect.poll(() => feed.lag(everything)).toBeGreaterThan(0);
    await expect.poll(() => feed.lag(dispatched)).toBeGreaterThan(0);
    await drain(feed, everything, life);
    await expect.poll(() => feed.lag(everything)).toBe(0);
    await expect.poll(() => feed.lag(dispatched)).toBeGreaterThan(0);
    await drain(feed, dispatched, life.slice(0, 1), 1, 'dispatched');
    const rest = async () => {
      const page = await feed.read(dispatched, 1, 'dispatched');
      await feed.commit(dispatched, page.position);
      return [page.changes.length, feed.lag(dispatched)];
    };
    await expect.poll(rest).toEqual([0, 0]);
  });
}

function describeInterleaving(use: () => PaymentStoreHarness): void {
  const ROUNDS = 25;

  it.each([
    { only: undefined, limit: 1 },
    { only: undefined, limit: 7 },
    { only: 'dispatched', limit: 2 },
    { only: 'dispatched', limit: 50 },
  ] as const)('misses nothing while writes go on ($only, pages of $limit)', async ({ only, limit }) => {
    const { store, feed, consumers } = use();
    const [reader, idler] = consumers as [string, string];
    const wanted = (payment: Payment) => only === undefined || payment.dispatch !== null;
    const seen: Payment[] = [];
    const lives = Array.from({ length: ROUNDS }, (_, round) => refundedTwice(`p-${round}`));
    const step = async (): Promise<void> => {
      const page = await feed.read(reader, limit, only);
      seen.push(...page.changes.map(({ payment }) => payment));
      await feed.commit(reader, page.position);
    };
    for (let round = 0; round < ROUNDS + 6; round++) {
      // One version of each of six payments, all at once, while the reader reads.
      const writes = lives.flatMap((life, n) => {
        const payment = life[round - n];
        return payment ? [save(store, [payment])] : [];
      });
      await Promise.all([...writes, step()]);
      if (round % 3 === 0) await step();
    }
    const expected = lives.flat().filter(wanted);
    const names = new Set(seen.map(versionName));
    seen.push(
      ...(await drain(
        feed,
        reader,
        expected.filter((payment) => !names.has(versionName(payment))),
        limit,
        only,
      )),
    );
    for (const life of lives) {
      expect(seen.filter(({ payment_id }) => payment_id === life[0]?.payment_id)).toEqual(
        life.filter(wanted),
      );
    }
    const all = await drain(feed, idler, lives.flat());
    expect(all).toHaveLength(ROUNDS * 6);
  });
}

function describeSignal(use: () => PaymentStoreHarness): void {
  it('tells each listener of each change once, with the image, and of nothing that was refused', async () => {
    const { store, signal } = use();
    const heard: [Payment[], Payment[]] = [[], []];
    const stops = heard.map((list) => signal.onChange((payment) => list.push(payment)));
    const life = refundedTwice('p1');
    for (const payment of life) {
      await save(store, [payment]);
      await store.create(life[0] as Payment);
      await store.update(payment);
    }
    for (const list of heard) await vi.waitFor(() => expect(list).toEqual(life));
    for (const stop of stops) stop();
  });

  it('is quiet to who has unsubscribed, and goes on for the others', async () => {
    const { store, signal } = use();
    const [first, second] = LIVES.completed() as [Payment, Payment];
    const gone: Payment[] = [];
    const here: Payment[] = [];
    const stopGone = signal.onChange((payment) => gone.push(payment));
    const stopHere = signal.onChange((payment) => here.push(payment));
    await save(store, [first]);
    await vi.waitFor(() => expect(gone).toEqual([first]));
    stopGone();
    await save(store, [second]);
    await vi.waitFor(() => expect(here).toEqual([first, second]));
    expect(gone).toEqual([first]);
    stopHere();
  });
}
