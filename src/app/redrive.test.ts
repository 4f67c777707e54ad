import { expect, it } from 'vitest';
import { createFakeClock } from '../adapters/memory/fake-clock.ts';
import { createMemoryPaymentStore } from '../adapters/memory/memory-payment-store.ts';
import { createMemoryWorkQueue } from '../adapters/memory/memory-work-queue.ts';
import { anOperation, aPayment, aRef, NOW_MS } from '../domain/payment.fixture.ts';
import type { Operation, Payment } from '../domain/payment.ts';
import type { DeadLetter } from '../ports/work-queue.ts';
import { createRedrive } from './redrive.ts';

async function letterOf(operation: Operation) {
  const clock = createFakeClock(NOW_MS);
  const queue = createMemoryWorkQueue({ clock, visibilityTimeoutMs: 60_000 });
  const store = createMemoryPaymentStore({ consumers: ['relay'] });
  const payment: Payment = { ...aPayment({ operations: [operation] }), version: 1 };
  await store.create(payment);
  await queue.deadLetter({ ...aRef(), operation_id: operation.id, attempt: 0 }, 'why');
  const [letter] = await queue.deadLetters(1);
  return { queue, redrive: createRedrive({ store, queue }), letter: letter as DeadLetter };
}

it('sends an unsettled operation again, once', async () => {
  const { queue, redrive, letter } = await letterOf(anOperation({ outcome: 'unknown' }));
  expect(await redrive(letter)).toBe('sent');
  expect(await redrive(letter)).toBe('gone');
  expect(await queue.receive(10)).toHaveLength(1);
  expect(await queue.deadLetterCount()).toBe(0);
});

it('keeps a hold that could not be voided: the worker would skip it, and nobody would see it again', async () => {
  const hold = anOperation({ kind: 'authorize', dead_lettered_at: '2026-03-01T00:00:00.000Z' });
  const { queue, redrive, letter } = await letterOf(hold);
  expect(await redrive(letter)).toBe('needs_resolve');
  expect(await queue.receive(10)).toEqual([]);
  expect(await queue.deadLetterCount()).toBe(1);
});
