import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from './answer-rules.ts';
import { type PaymentJson, type RunningService, startService } from './service.fixture.ts';

let service: RunningService;

beforeAll(async () => {
  service = await startService({ RATE_LIMIT_PER_SECOND: '0' });
});
afterAll(() => service.stop());

const AT_ONCE = 50;
/** Rounds that run side by side. */
const BATCH = 25;
const NO_WAIT = { headers: { Prefer: '' } };

function times<T>(count: number, make: (n: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, n) => make(n)));
}

/** `rounds` of them, a batch at a time. */
async function inBatches(rounds: number, round: (n: number) => Promise<void>): Promise<void> {
  for (let from = 0; from < rounds; from += BATCH) await times(BATCH, (n) => round(from + n));
}

/** What fifty equal requests are all answered alike. */
function submitted({ status, json }: Answer<PaymentJson>) {
  const { payment_id, amount, currency, description, metadata, payment_method, capture_method, created_at } =
    json;
  return {
    status,
    payment_id,
    amount,
    currency,
    description,
    metadata,
    payment_method,
    capture_method,
    created_at,
  };
}

async function chargesOf(paymentId: string): Promise<unknown[]> {
  const charges: unknown[] = [];
  const { json } = await service.call<{ data: { kind: string; outcome: string }[] }>(
    'GET',
    `/payments/${paymentId}/history`,
  );
  for (const { kind, outcome } of json.data) if (kind === 'charge') charges.push(outcome);
  return charges;
}

describe('fifty equal requests at once', () => {
  const fields = { amount: 4_200, currency: 'EUR', description: 'tee', metadata: { order: 'o-1' } };

  it.each([
    ['by payment_id', { payment_id: 'fifty' }, {}],
    ['by Idempotency-Key', {}, { 'Idempotency-Key': 'fifty' }],
    [
      'by both, waiting for the outcome',
      { payment_id: 'fifty-2' },
      { 'Idempotency-Key': 'f', Prefer: 'wait=20' },
    ],
  ])('make one payment and fifty equal answers: %s', async (_, id, headers) => {
    const answers = await times(AT_ONCE, () => service.pay({ ...id, ...fields }, { headers }));
    expect(new Set(answers.map((answer) => JSON.stringify(submitted(answer)))).size).toBe(1);
    expect(answers.filter((answer) => answer.headers['idempotent-replayed'] === undefined)).toHaveLength(1);
    const [first] = answers as [Answer<PaymentJson>];
    expect(await chargesOf(first.json.payment_id)).toEqual(['pending', 'succeeded']);
    expect(first.json).toMatchObject({ ...fields, currency: 'eur' });
  });

  it('make one payment of fifty different ones with the same id: the others are refused', async () => {
    const answers = await times(AT_ONCE, (n) => service.pay({ payment_id: 'race', amount: n + 1 }));
    const made = answers.filter(({ status }) => status === 201);
    expect(made).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(AT_ONCE - 1);
    expect((await service.get('race')).json.amount).toBe(made[0]?.json.amount);
  });

  it('refund once, by refund_id and by Idempotency-Key', async () => {
    await service.pay({ payment_id: 'refunded' });
    const byId = await times(AT_ONCE, () => service.refund('refunded', { refund_id: 'r', amount: 10 }));
    const headers = { 'Idempotency-Key': 'r' };
    const byKey = await times(AT_ONCE, () => service.refund('refunded', { amount: 10 }, { headers }));
    for (const answers of [byId, byKey]) {
      expect(
        new Set(answers.map(({ status, json }) => `${status} ${json.refund_id} ${json.amount}`)).size,
      ).toBe(1);
    }
    expect((await service.get('refunded')).json.amount_refunded).toBe(20);
  });
});

describe('two at once', () => {
  it('refunds of 60 on 100: exactly one, in 200 rounds', async () => {
    await inBatches(200, async (n) => {
      const paymentId = `hundred-${n}`;
      await service.pay({ payment_id: paymentId, amount: 100 });
      const refunds = await times(2, () => service.refund(paymentId, { amount: 60 }, NO_WAIT));
      const told = refunds.map(({ status, json }) =>
        status === 202 ? 'accepted' : (json as { code?: string }).code,
      );
      expect(told.sort()).toEqual(['accepted', 'refund_exceeds_captured']);
    });
    const { json } = await service.refund('hundred-0', { amount: 40 });
    expect(json.status).toBe('succeeded');
  });

  it('a capture and a cancel: exactly one, in 50 rounds', async () => {
    const ends: string[] = [];
    await inBatches(50, async (n) => {
      const paymentId = `either-${n}`;
      await service.pay({ payment_id: paymentId, capture_method: 'manual' });
      const both = [service.ask(paymentId, 'capture'), service.ask(paymentId, 'cancel')] as const;
      const answers = await Promise.all(n % 2 === 0 ? both : both.toReversed());
      expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
      const { status, amount_captured } = (await service.get(paymentId)).json;
      expect([status, amount_captured]).toEqual(
        status === 'completed' ? ['completed', 1000] : ['canceled', 0],
      );
      ends.push(status);
    });
    expect(ends).toHaveLength(50);
  });

  it('many small refunds: never more than was captured, and nothing left over', async () => {
    await service.pay({ payment_id: 'small', amount: 100 });
    const asked = await times(AT_ONCE, () => service.refund('small', { amount: 3 }));
    expect(asked.filter(({ status }) => status === 202)).toHaveLength(33);
    expect((await service.get('small')).json).toMatchObject({ amount_refunded: 99, amount_refundable: 1 });
  });
});
