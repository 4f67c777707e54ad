import { describe, expect, it } from 'vitest';
import { dueAtMs } from '../../domain/derive.ts';
import { firstOperation, PAYMENT_STATUSES, type Payment } from '../../domain/payment.ts';
import { LIVES, newPayment, UNSETTLED } from '../../ports/payment-store.fixture.ts';
import { fromItem, type Item, type StoredItem } from './attributes.ts';
import { isPaymentItem, toPayment, toPaymentItem } from './payment-item.ts';
import { indexPartitions, indexPlace, parseIndexPlace, paymentKey } from './payment-keys.ts';
import { decodeStreamImage, isPaymentImage } from './stream-image.ts';

const last = (lived: readonly Payment[]) => lived.at(-1) as Payment;
const attributesOf = (payment: Payment, hotRetentionDays = 0) =>
  fromItem(toPaymentItem(payment, hotRetentionDays));

/** Every payment that the contracts know, at each of its versions. */
const EVERY = [
  ...Object.values(LIVES).flatMap((lived) => lived()),
  ...Object.values(UNSETTLED).flatMap(({ lived, settled }) => [...lived(), ...settled(last(lived()))]),
];

/** As Lambda passes it: binary attributes are text in base64. */
function asStreamed({ record, ...item }: Item): StoredItem {
  if (!record || !('B' in record)) throw new Error('fixture: an item of a payment has a record');
  return { ...item, record: { B: Buffer.from(record.B).toString('base64') } };
}

describe('the payment item', () => {
  it.each(EVERY.map((payment) => [`${payment.status} version ${payment.version}`, payment] as const))(
    'gives back a payment that is %s, from the table as from the stream',
    (_, payment) => {
      const item = toPaymentItem(payment, 0);
      expect(toPayment(item)).toEqual(payment);
      expect(decodeStreamImage(asStreamed(item))).toEqual(payment);
    },
  );

  it('has the key of its mode, merchant and id, and says version and status', () => {
    const attributes = attributesOf(newPayment());
    expect(attributes).toMatchObject({
      pk: 'test#m_1#p1',
      version: 1,
      status: 'processing',
      dispatch: 'charge.1',
    });
    expect(attributes.index_sk).toBe('test#m_1#2026-03-02T09:30:00.000Z#p1');
    expect(attributesOf(newPayment({ livemode: true })).pk).toBe('live#m_1#p1');
  });

  it('says when it is due, and only if it is', () => {
    for (const payment of EVERY) expect(attributesOf(payment).due_at ?? null).toBe(dueAtMs(payment));
  });

  it('asks for a dispatch only in the write that dispatches', () => {
    const [first, second] = LIVES.completed() as [Payment, Payment];
    expect(toPaymentItem(first, 0).dispatch).toEqual({ S: 'charge.1' });
    expect(toPaymentItem(second, 0)).not.toHaveProperty('dispatch');
  });

  it('stands among the open ones until nothing about it is unsettled, and then by its merchant and status', () => {
    for (const { lived, settled } of Object.values(UNSETTLED)) {
      const open = last(lived());
      expect(attributesOf(open).index_pk).toMatch(/^open#[0-7]$/);
      const done = last(settled(open));
      expect(attributesOf(done).index_pk).toMatch(new RegExp(`^test#m_1#${done.status}#[01]$`));
    }
  });

  it('stands in a partition of the index that a list of its status reads', () => {
    for (const payment of EVERY) {
      expect(indexPartitions(payment, [payment.status])).toContain(attributesOf(payment).index_pk);
    }
    expect(indexPartitions(newPayment(), PAYMENT_STATUSES)).toHaveLength(16);
    expect(indexPartitions(newPayment(), ['processing'])).toHaveLength(8);
  });

  it('stays open after a dead letter, so that neither a list by status nor TTL forgets it', () => {
    const payment = newPayment();
    const operation = {
      ...firstOperation(payment),
      next_step_at: null,
      dead_lettered_at: payment.updated_at,
    };
    const dead = { ...payment, operations: [operation] };
    expect(dueAtMs(dead)).toBeNull();
    const attributes = attributesOf(dead, 180);
    expect(attributes.index_pk).toMatch(/^open#/);
    expect(attributes).not.toHaveProperty('expires_at');
    expect(attributes).not.toHaveProperty('due_at');
  });

  it('tells a payment from an API key, which the table holds too', () => {
    const item = toPaymentItem(newPayment(), 0);
    const { record, ...other } = item;
    expect([isPaymentItem(item), isPaymentImage(item)]).toEqual([true, true]);
    expect([isPaymentItem(other), isPaymentImage(other)]).toEqual([false, false]);
    expect(record).toHaveProperty('B');
    expect(() => decodeStreamImage(other)).toThrow('Not a payment');
  });
});

describe('the time at which TTL may delete a payment', () => {
  const DAY_SECONDS = 86_400;

  it.each(['completed', 'failed', 'canceled'] as const)(
    'is counted in days from the last change of one that is %s',
    (status) => {
      const payment = last(LIVES[status]());
      expect(attributesOf(payment, 180).expires_at).toBe(
        Math.ceil(Date.parse(payment.updated_at) / 1_000) + 180 * DAY_SECONDS,
      );
    },
  );

  it('is never set while anything is unsettled, nor on an authorization', () => {
    const open = Object.values(UNSETTLED).map(({ lived }) => last(lived()));
    for (const payment of [...open, last(LIVES.authorized())]) {
      expect(attributesOf(payment, 180)).not.toHaveProperty('expires_at');
    }
  });

  it('is never set where hot retention is off', () => {
    for (const payment of EVERY) expect(attributesOf(payment, 0)).not.toHaveProperty('expires_at');
  });
});

describe('the keys of payments', () => {
  it('name a payment from its place in the index', () => {
    const payment = newPayment({ livemode: true, merchant_id: 'M-2_x', payment_id: '_-9' });
    const parsed = parseIndexPlace(indexPlace(payment));
    expect(parsed).toEqual({
      livemode: true,
      merchant_id: 'M-2_x',
      payment_id: '_-9',
      created_at: payment.created_at,
    });
    expect(paymentKey(parsed)).toBe(paymentKey(payment));
  });

  it('spread numbered payments evenly over the shards', () => {
    const SIZE = 8_000;
    const count = (partitionOf: (payment_id: string) => string) => {
      const counts = new Map<string, number>();
      for (let n = 0; n < SIZE; n += 1) {
        const partition = partitionOf(`order-${n}`);
        counts.set(partition, (counts.get(partition) ?? 0) + 1);
      }
      return [...counts.values()];
    };
    const open = count((payment_id) => attributesOf(newPayment({ payment_id })).index_pk as string);
    const settled = count(
      (payment_id) => attributesOf(last(LIVES.completed({ payment_id }))).index_pk as string,
    );
    expect([open.length, settled.length]).toEqual([8, 2]);
    for (const counted of open) expect(Math.abs(counted - SIZE / 8)).toBeLessThan(SIZE / 80);
    for (const counted of settled) expect(Math.abs(counted - SIZE / 2)).toBeLessThan(SIZE / 20);
  });
});
