import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FILES } from '../../src/wiring.ts';
import type { Answer } from '../http/answer-rules.ts';
import { type RunningService, startService } from '../http/service.fixture.ts';

let service: RunningService;

beforeAll(async () => {
  service = await startService({ RATE_LIMIT_PER_SECOND: '0' });
});
afterAll(() => service.stop());

const AT_ONCE = 50;

interface Effect {
  kind: string;
  amount: number;
}

/** What the PSP has in its own books of a payment: the truth about money, whatever we say of it. */
function effectsOf(paymentId: string): Effect[] {
  const books = new DatabaseSync(join(service.folder, FILES.simulator), { readOnly: true });
  try {
    const rows = books
      .prepare('SELECT kind, amount FROM operations WHERE payment_id = ? ORDER BY seq')
      .all(paymentId);
    return rows.map(({ kind, amount }) => ({ kind: String(kind), amount: Number(amount) }));
  } finally {
    books.close();
  }
}

function fifty(make: (n: number) => Promise<Answer<unknown>>): Promise<Answer<unknown>[]> {
  return Promise.all(Array.from({ length: AT_ONCE }, (_, n) => make(n)));
}

/** One was taken, and the others were told that their key stands for another request. */
function winnerOf(answers: readonly Answer<unknown>[], taken: number): Answer<unknown> {
  const won = answers.filter(({ status }) => status === taken);
  const refused = answers.filter(({ status }) => status === 422);
  expect([won.length, refused.length]).toEqual([1, AT_ONCE - 1]);
  return won[0] as Answer<unknown>;
}

describe('fifty requests at once with the same key and fifty different bodies have one effect at the PSP', () => {
  const headers = { 'Idempotency-Key': 'same', Prefer: 'wait=20' };

  it('when they create a payment', async () => {
    const answers = await fifty((n) => service.pay({ amount: 100 + n }, { headers }));
    const { payment_id, amount } = winnerOf(answers, 201).json as { payment_id: string; amount: number };
    expect(effectsOf(payment_id)).toEqual([{ kind: 'charge', amount }]);
  });

  it('when they capture', async () => {
    await service.pay({ payment_id: 'held', amount: 1_000, capture_method: 'manual' });
    const answers = await fifty((n) => service.ask('held', 'capture', { amount: 100 + n }, { headers }));
    const { amount_captured } = winnerOf(answers, 202).json as { amount_captured: number };
    const [hold, ...captures] = effectsOf('held');
    expect(hold).toEqual({ kind: 'authorize', amount: 1_000 });
    expect(captures).toEqual([{ kind: 'capture', amount: amount_captured }]);
  });

  it.each([
    ['by Idempotency-Key', {}, headers],
    ['by refund_id', { refund_id: 'one' }, {}],
  ])('when they refund, %s', async (name, named, given) => {
    const paymentId = `refunded-${name.slice(3)}`.replaceAll(/[^a-zA-Z-]/g, '-');
    await service.pay({ payment_id: paymentId, amount: 10_000 });
    const answers = await fifty((n) =>
      service.refund(paymentId, { ...named, amount: 100 + n }, { headers: { ...given, Prefer: 'wait=20' } }),
    );
    const { amount } = winnerOf(answers, 202).json as { amount: number };
    expect(effectsOf(paymentId)).toEqual([
      { kind: 'charge', amount: 10_000 },
      { kind: 'refund', amount },
    ]);
  });
});
