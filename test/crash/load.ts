import type { Ids } from '../../src/ports/ids.ts';
import { type CallsDeps, createCalls } from './calls.ts';
import type { Call } from './client.ts';
import type { AcknowledgedOperation, SubmittedPayment } from './ledger.ts';

export interface LoadDeps extends CallsDeps {
  /** Chance, seeded. */
  ids: Ids;
  merchants: readonly string[];
  /** Distinguishes the payments of this life of the server. */
  prefix: string;
  connections: number;
}

export interface Load {
  answers(): number;
  /** Resolves once so many requests were answered; or none will be, as the server is gone. */
  reached(answers: number): Promise<void>;
  /** Starts no further request; resolves when those under way have ended. */
  stop(): Promise<void>;
}

const CURRENCIES = ['usd', 'eur', 'jpy', 'kwd'];
const DECLINES = [
  'pm_card_visa_chargeDeclined',
  'pm_card_visa_chargeDeclinedInsufficientFunds',
  'pm_card_chargeDeclinedExpiredCard',
];
const WAIT = { prefer: 'wait=5' };

/** Keeps a number of connections busy with what merchants do, and notes in the ledger whatever is acknowledged. */
export function startLoad(deps: LoadDeps): Load {
  const { ids, ledger, merchants, prefix, found } = deps;
  const calls = createCalls(deps);
  const numbers = new Map(merchants.map((merchant) => [merchant, 0]));
  const made: { merchant: string; id: string }[] = [];
  let stopped = false;

  const below = (limit: number) => Math.floor(ids.random() * limit);
  const oneOf = <T>(items: readonly T[]): T => items[below(items.length)] as T;

  /** Merchants number their payments alike: the same id is another payment for each of them. */
  function newPayment(given: Partial<SubmittedPayment> = {}): [string, SubmittedPayment] {
    const merchant = oneOf(merchants);
    const number = (numbers.get(merchant) ?? 0) + 1;
    numbers.set(merchant, number);
    const payment_id = `${prefix}-${number}`;
    const submitted: SubmittedPayment = {
      payment_id,
      amount: 100 + below(100_000),
      currency: oneOf(CURRENCIES),
      payment_method: 'pm_card_visa',
      capture_method: 'automatic',
      description: `Order ${payment_id} of ${merchant}`,
      metadata: { cart: String(below(1_000)) },
      ...given,
    };
    made.push({ merchant, id: payment_id });
    return [merchant, submitted];
  }

  async function pay(payment_method: string): Promise<void> {
    const [merchant, submitted] = newPayment({ payment_method });
    await calls.create(merchant, submitted);
  }

  async function replay(): Promise<void> {
    const [merchant, submitted] = newPayment();
    const answers = await Promise.all([1, 2, 3].map(() => calls.create(merchant, submitted)));
    const whole = answers.filter((answer) => answer !== null);
    if (whole.length === 3 && whole.filter(({ replayed }) => replayed).length !== 2) {
      found(`Three equal requests for ${merchant} ${submitted.payment_id}: not exactly two were replays`);
    }
  }

  async function capture(): Promise<void> {
    const [merchant, submitted] = newPayment({ capture_method: 'manual' });
    const answer = await calls.create(merchant, submitted, WAIT);
    if (answer?.json.status !== 'authorized') return;
    const amount = 1 + below(submitted.amount);
    await calls.operate(merchant, submitted.payment_id, 'capture', {
      kind: 'capture',
      id: null,
      amount,
      reason: null,
    });
  }

  async function cancel(): Promise<void> {
    const [merchant, submitted] = newPayment({ capture_method: 'manual' });
    const answer = await calls.create(merchant, submitted, WAIT);
    if (answer?.json.status !== 'authorized') return;
    const reason = 'The customer changed their mind';
    await calls.operate(merchant, submitted.payment_id, 'cancel', {
      kind: 'cancel',
      id: null,
      amount: null,
      reason,
    });
  }

  /** Several at once, of more than the whole together: whatever is accepted must never exceed it. */
  async function refund(count: number): Promise<void> {
    const [merchant, submitted] = newPayment();
    const answer = await calls.create(merchant, submitted, WAIT);
    if (answer?.json.status !== 'completed') return;
    const amount = Math.ceil(submitted.amount * 0.6);
    const refunds = Array.from({ length: count }, (_, n): AcknowledgedOperation => {
      return { kind: 'refund', id: `r${n + 1}`, amount, reason: 'Returned' };
    });
    const expected = count > 1 ? [202, 409] : [202];
    await Promise.all(
      refunds.map((asked) => calls.operate(merchant, submitted.payment_id, 'refunds', asked, expected)),
    );
  }

  async function look(): Promise<void> {
    const { merchant, id } = made.length > 0 ? oneOf(made) : { merchant: '', id: '' };
    if (!ledger.get(merchant, id)) return pay('pm_card_visa');
    const call: Call = { merchant, method: 'GET', path: `/payments/${id}` };
    await calls.ask(call, [200], (answer) => ledger.shown(merchant, answer));
  }

  /** What is done, and how often of a hundred times. */
  const mix: readonly (readonly [number, () => Promise<void>])[] = [
    [36, () => pay('pm_card_visa')],
    [8, () => pay(oneOf(DECLINES))],
    [8, () => pay('pm_sim_unavailable_1')],
    [3, () => pay('pm_sim_timeout')],
    [2, () => pay('pm_sim_timeout_lost')],
    [10, capture],
    [8, cancel],
    [8, () => refund(1)],
    [4, () => refund(2)],
    [5, replay],
    [8, look],
  ];

  function next(): () => Promise<void> {
    let place = below(100);
    for (const [share, scenario] of mix) {
      if (place < share) return scenario;
      place -= share;
    }
    return look;
  }

  async function connection(): Promise<void> {
    while (!stopped && !calls.lost()) await next()();
  }

  const running = Promise.all(Array.from({ length: deps.connections }, connection)).finally(calls.end);
  // Awaited by `stop`; until then nobody looks, and a rejection must not end the process.
  running.catch(() => undefined);
  return {
    answers: calls.answers,
    reached: calls.reached,
    async stop() {
      stopped = true;
      await running;
    },
  };
}
