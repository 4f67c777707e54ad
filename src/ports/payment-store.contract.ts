import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Payment } from '../domain/payment.ts';
import { describeChangeFeed, drain } from './change-feed.contract.ts';
import { describePaymentLists } from './payment-lists.contract.ts';
import {
  answered,
  LIVES,
  newPayment,
  type PaymentStoreHarness,
  refundAsked,
  SUCCEEDED,
  save,
  UNKNOWN,
  versions,
} from './payment-store.fixture.ts';

const OTHER_PARTITIONS = {
  'another merchant': { merchant_id: 'm_2' },
  'the other mode': { livemode: true },
} as const;

/**
 * The suite of the payment store and its change feed, which every adapter runs. It asks for no more than one
 * conditional write per item, a stream of what was written that keeps the order of each item, and lists that catch up.
 * @param open opens a store with nothing in it; called for each test
 */
export function describePaymentStore(name: string, open: () => Promise<PaymentStoreHarness>): void {
  describe(name, () => {
    let harness: PaymentStoreHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    describe('writing a payment', () => describeWrites(() => harness));
    describe('what is stored', () => describeStored(() => harness));
    describePaymentLists(() => harness);
    describeChangeFeed(() => harness);
  });
}

function describeWrites(use: () => PaymentStoreHarness): void {
  /** What the feed holds of one payment. `last` must be its last version. */
  async function changesOf(last: Payment): Promise<Payment[]> {
    const { feed, consumers } = use();
    const seen = await drain(feed, consumers[0] as string, [last]);
    return seen.filter(({ payment_id }) => payment_id === last.payment_id);
  }

  it('answers null for what was never created', async () => {
    expect(await use().store.get(newPayment())).toBeNull();
  });

  it('answers null for an id that is longer than any, as a path may hold', async () => {
    expect(await use().store.get({ ...newPayment(), payment_id: 'a'.repeat(2_100) })).toBeNull();
  });

  it('gives back what was created', async () => {
    const { store } = use();
    const payment = newPayment();
    expect(await store.create(payment)).toEqual({ created: true });
    expect(await store.get(payment)).toEqual(payment);
  });

  it('answers a second create with what is there, and writes nothing', async () => {
    const { store } = use();
    const first = newPayment({ description: 'first' });
    const second = answered(first, SUCCEEDED);
    await save(store, [first, second]);
    expect(await store.create(newPayment({ description: 'again' }))).toEqual({
      created: false,
      existing: second,
    });
    expect(await store.get(first)).toEqual(second);
    const third = await save(store, [refundAsked(second, 'r1')]);
    expect(await changesOf(third)).toEqual([first, second, third]);
  });

  it('creates exactly one of fifty at once, and shows it to all the others', async () => {
    const { store } = use();
    const rivals = Array.from({ length: 50 }, (_, n) => newPayment({ description: `rival ${n}` }));
    const answers = await Promise.all(rivals.map((rival) => store.create(rival)));
    const winners = rivals.filter((_, n) => answers[n]?.created);
    expect(winners).toHaveLength(1);
    const winner = winners[0] as Payment;
    expect(await store.get(winner)).toEqual(winner);
    const refused = answers.filter(({ created }) => !created);
    expect(refused).toEqual(refused.map(() => ({ created: false, existing: winner })));
    const next = await save(store, [answered(winner, SUCCEEDED)]);
    expect(await changesOf(next)).toEqual([winner, next]);
  });

  it('lets a refused create fail alone among others at the same time', async () => {
    const { store } = use();
    const taken = await save(store, [newPayment({ payment_id: 'taken' })]);
    const fresh = Array.from({ length: 20 }, (_, n) => newPayment({ payment_id: `fresh-${n}` }));
    const [refused, ...created] = await Promise.all(
      [newPayment({ payment_id: 'taken', description: 'again' }), ...fresh].map((one) => store.create(one)),
    );
    expect(refused).toEqual({ created: false, existing: taken });
    expect(created).toEqual(fresh.map(() => ({ created: true })));
    expect(await Promise.all(fresh.map((payment) => store.get(payment)))).toEqual(fresh);
  });

  it('replaces a version by the next one', async () => {
    const { store } = use();
    const [first, second] = LIVES.completed() as [Payment, Payment];
    await store.create(first);
    expect(await store.update(second)).toBe(true);
    expect(await store.get(first)).toEqual(second);
  });

  it('refuses an update that is not of the stored version, and writes no change', async () => {
    const { store } = use();
    const [first, second] = LIVES.completed() as [Payment, Payment];
    const third = refundAsked(second, 'r1');
    await store.create(first);
    expect(await store.update(third)).toBe(false);
    expect(await store.update(second)).toBe(true);
    expect(await store.update(answered(first, UNKNOWN))).toBe(false);
    expect(await store.update(first)).toBe(false);
    expect(await store.get(first)).toEqual(second);
    expect(await store.update(third)).toBe(true);
    expect(await changesOf(third)).toEqual([first, second, third]);
  });

  it('takes exactly one of many updates at once', async () => {
    const { store } = use();
    const [first, second] = LIVES.completed() as [Payment, Payment];
    await save(store, [first, second]);
    const rivals = Array.from({ length: 30 }, (_, n) => refundAsked(second, `r${n}`, n + 1));
    const taken = await Promise.all(rivals.map((rival) => store.update(rival)));
    const winners = rivals.filter((_, n) => taken[n]);
    expect(winners).toHaveLength(1);
    const winner = winners[0] as Payment;
    expect(await store.get(first)).toEqual(winner);
    const next = await save(store, [answered(winner, SUCCEEDED)]);
    expect(await changesOf(next)).toEqual([first, second, winner, next]);
  });

  it('does not create by updating', async () => {
    const { store } = use();
    const [first, second] = LIVES.completed() as [Payment, Payment];
    expect(await store.update(second)).toBe(false);
    expect(await store.get(first)).toBeNull();
    expect(await store.create(first)).toEqual({ created: true });
    await save(store, [second]);
    expect(await changesOf(second)).toEqual([first, second]);
  });

  it.each(Object.entries(OTHER_PARTITIONS))('does not show a payment to %s', async (_, other) => {
    const { store } = use();
    const [mine, next] = LIVES.completed() as [Payment, Payment];
    await store.create(mine);
    expect(await store.get({ ...mine, ...other })).toBeNull();
    expect(await store.update({ ...next, ...other })).toBe(false);
    expect(await store.get(mine)).toEqual(mine);
  });

  it.each(Object.entries(OTHER_PARTITIONS))('keeps the same id apart for %s', async (_, other) => {
    const { store } = use();
    const mine = newPayment({ amount: 100 });
    const theirs = newPayment({ ...other, amount: 200 });
    expect(await store.create(mine)).toEqual({ created: true });
    expect(await store.create(theirs)).toEqual({ created: true });
    const next = await save(store, [answered(theirs, SUCCEEDED)]);
    expect(await store.get(mine)).toEqual(mine);
    expect(await store.get(theirs)).toEqual(next);
  });

  it('does not run merchant and payment id together', async () => {
    const { store } = use();
    const all = [
      newPayment({ merchant_id: 'm', payment_id: '1_2' }),
      newPayment({ merchant_id: 'm_1', payment_id: '2' }),
      newPayment({ merchant_id: 'm-1', payment_id: '2' }),
      newPayment({ merchant_id: 'm', payment_id: '1-2' }),
    ];
    for (const payment of all) expect(await store.create(payment)).toEqual({ created: true });
    for (const payment of all) expect(await store.get(payment)).toEqual(payment);
  });

  it('tells ids apart that differ only by case', async () => {
    const { store } = use();
    const lower = await save(store, [newPayment({ payment_id: 'order-a', amount: 1 })]);
    const upper = await save(store, [newPayment({ payment_id: 'ORDER-A', amount: 2 })]);
    expect(await store.get(lower)).toEqual(lower);
    expect(await store.get(upper)).toEqual(upper);
  });
}

function describeStored(use: () => PaymentStoreHarness): void {
  it.each(Object.entries(LIVES))('a payment that is %s comes back whole', async (_, lived) => {
    const { store } = use();
    const last = await save(store, lived());
    expect(await store.get(last)).toEqual(last);
  });

  it('a refund keeps its reason, its keys and its failure', async () => {
    const { store } = use();
    const lived = versions(
      newPayment({ return_url: 'https://shop.example/done', livemode: true }),
      (payment) => answered(payment, SUCCEEDED),
      (payment) => refundAsked(payment, 'r1', 400),
      (payment) => answered(payment, { outcome: 'rejected', message: 'No.' }),
      (payment) => refundAsked(payment, 'r2'),
    );
    const last = await save(store, lived);
    expect(await store.get(last)).toEqual(last);
  });

  it('any text survives: emoji, combining marks, astral and control characters, quotes, empty values', async () => {
    const { store } = use();
    const text = '👩‍👩‍👧‍👦 🏳️‍🌈 e\u0301 \u00e9 𝒳 \u{10ffff} עברית \u0000\u0001\u2028 "quoted" \\ \' ; -- % ﷽';
    const payment = newPayment({
      description: text,
      metadata: { [text.slice(0, 40)]: text, empty: '', 'e\u0301': 'decomposed', '\u00e9': 'composed' },
    });
    await store.create(payment);
    expect(await store.get(payment)).toEqual(payment);
  });

  it('the largest metadata survives', async () => {
    const { store } = use();
    const entries = Array.from(
      { length: 50 },
      (_, n) => [String(n).padEnd(40, 'k'), '漢'.repeat(500)] as const,
    );
    const payment = newPayment({ metadata: Object.fromEntries(entries), amount: 999_999_999_999 });
    await store.create(payment);
    expect(await store.get(payment)).toEqual(payment);
  });

  it('changing what was given or answered changes nothing in the store', async () => {
    const { store, feed, signal, consumers } = use();
    const consumer = consumers[0] as string;
    const stop = signal.onChange(spoil);
    const given = newPayment({ metadata: { order: '1' } });
    const first = structuredClone(given);
    await store.create(given);
    spoil(given);
    spoil(await store.get(first));
    const again = await store.create(first);
    spoil(again.created ? null : again.existing);
    for (const payment of await store.list({ ...first, limit: 10 })) spoil(payment);
    for (const payment of (await store.due(Date.parse('2027-01-01'), null, 10)).payments) spoil(payment);
    for (const { payment } of (await feed.read(consumer, 10)).changes) spoil(payment);
    expect(await store.get(first)).toEqual(first);

    const next = structuredClone(answered(first, SUCCEEDED));
    const second = structuredClone(next);
    await store.update(next);
    spoil(next);
    stop();
    expect(await store.get(first)).toEqual(second);
    expect(await drain(feed, consumer, [second])).toEqual([first, second]);
  });
}

function spoil(payment: Payment | null): void {
  if (!payment) return;
  payment.metadata.order = 'spoiled';
  payment.amount = 1;
  for (const operation of payment.operations) operation.outcome = 'failed';
}
