import { createPayment } from '../../src/domain/create-payment.ts';
import type { Partition, Payment } from '../../src/domain/payment.ts';
import type { Random } from '../engine/random.ts';

/** What the history has written so far, so that its next step can be about it: every version of every payment. */
export interface Book {
  /** By payment, in the order of their versions. */
  lives: readonly Payment[][];
  /** A payment that has never been written. */
  fresh(random: Random, nowMs: number): Payment;
  /** Another request for an id that is taken. */
  rival(random: Random, of: Payment, nowMs: number): Payment;
  /** To be called for what was written, and for nothing else. */
  wrote(payment: Payment): void;
}

/** Their names begin alike and one runs into the other, so that keys which run together would be found. */
export const PARTITIONS: readonly Partition[] = [
  { merchant_id: 'm_1', livemode: false },
  { merchant_id: 'm_1', livemode: true },
  { merchant_id: 'm', livemode: false },
  { merchant_id: 'm_10', livemode: false },
];

const TEXTS = [
  null,
  '',
  'plain',
  '👩‍👩‍👧‍👦 e\u0301 \u00e9 𝒳',
  '\u0000\u0001\u2028 "quoted" \\ \' ; -- %',
  '漢'.repeat(40),
] as const;
const NAMES = ['order', 'ORDER', '1_order', '0_order', '-', '_'] as const;

const nameOf = ({ livemode, merchant_id, payment_id }: Payment) => `${livemode}/${merchant_id}/${payment_id}`;

export function createBook(): Book {
  const lives = new Map<string, Payment[]>();

  function made(random: Random, place: Partition & { payment_id: string }, nowMs: number): Payment {
    const text = random.pick(TEXTS);
    return createPayment({
      ...place,
      amount: random.pick([1, 100, 999, 999_999_999_999]),
      currency: random.pick(['usd', 'jpy', 'kwd']),
      capture_method: random.pick(['automatic', 'manual']),
      payment_method: 'pm_card_visa',
      description: text,
      // A name has a character at least: the edge refuses others, as DynamoDB does.
      metadata: text === null ? {} : { text, [text.slice(0, 5) || 'empty']: 'as a name' },
      return_url: random.chance(0.3) ? 'https://shop.example/done' : null,
      connector: 'simulator',
      request_hash: `1:${random.int(1_000)}`,
      actor: 'key_1',
      nowMs,
    });
  }

  return {
    get lives() {
      return [...lives.values()];
    },
    fresh(random, nowMs) {
      const { merchant_id, livemode } = random.pick(PARTITIONS);
      // The same ids in all partitions, in no order.
      let payment_id = `${random.pick(NAMES)}${random.int(30)}`;
      while (lives.has(`${livemode}/${merchant_id}/${payment_id}`)) payment_id += random.int(10);
      return made(random, { merchant_id, livemode, payment_id }, nowMs);
    },
    rival: (random, { merchant_id, livemode, payment_id }, nowMs) =>
      made(random, { merchant_id, livemode, payment_id }, nowMs),
    wrote(payment) {
      const life = lives.get(nameOf(payment));
      if (life) life.push(payment);
      else lives.set(nameOf(payment), [payment]);
    },
  };
}
