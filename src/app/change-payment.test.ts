import { describe, expect, it } from 'vitest';
import { createMemoryPaymentStore } from '../adapters/memory/memory-payment-store.ts';
import { accepted, aNewPayment, answered, aRef, aRequest, RESULTS } from '../domain/payment.fixture.ts';
import type { Payment } from '../domain/payment.ts';
import { requestRefund } from '../domain/request-operation.ts';
import { UnavailableError } from '../ports/faults.ts';
import { type Choice, changePayment, MAX_DECISIONS } from './change-payment.ts';

async function start() {
  const real = createMemoryPaymentStore({ consumers: [] });
  const payment = aNewPayment();
  await real.create(payment);
  const calls: string[] = [];
  const store = {
    ...real,
    get: (ref: Parameters<typeof real.get>[0]) => {
      calls.push('get');
      return real.get(ref);
    },
    update: (next: Payment) => {
      calls.push('update');
      return real.update(next);
    },
  };
  return { real, store, payment, calls };
}

const succeed = (payment: Payment): Choice<string> => ({
  write: answered(payment, RESULTS.succeeded),
  answer: `from ${payment.version}`,
});

describe('changing a payment', () => {
  it('reads, decides and writes once', async () => {
    const { store, calls } = await start();
    expect(await changePayment(store, aRef(), succeed)).toBe('from 1');
    expect(calls).toEqual(['get', 'update']);
    expect(await store.get(aRef())).toMatchObject({ version: 2, status: 'completed' });
  });

  it('answers null for a payment that there is not, and decides nothing', async () => {
    const { store } = await start();
    expect(await changePayment(store, aRef({ payment_id: 'other' }), succeed)).toBeNull();
  });

  it('writes nothing where the decision is to leave it', async () => {
    const { store, calls } = await start();
    expect(await changePayment(store, aRef(), () => ({ leave: 'as it is' }))).toBe('as it is');
    expect(calls).toEqual(['get']);
  });

  it('does not read what the caller has just read', async () => {
    const { store, payment, calls } = await start();
    expect(await changePayment(store, aRef(), succeed, payment)).toBe('from 1');
    expect(calls).toEqual(['update']);
  });

  it('decides anew, from what is stored then, after a write that another one won', async () => {
    const { real, store, payment, calls } = await start();
    await real.update(answered(payment, RESULTS.unknown));
    const decided: number[] = [];
    const answer = await changePayment(
      store,
      aRef(),
      (current): Choice<string> => {
        decided.push(current.version);
        return current.version === 1 ? succeed(current) : { leave: 'no more' };
      },
      payment,
    );
    expect([answer, decided, calls]).toEqual(['no more', [1, 2], ['update', 'get']]);
    expect(await real.get(aRef())).toMatchObject({ version: 2, status: 'processing' });
  });

  it('gives up with a fault that can be tried again, not never', async () => {
    const { store, calls } = await start();
    const beaten = { ...store, update: async () => false };
    await expect(changePayment(beaten, aRef(), succeed)).rejects.toThrow(UnavailableError);
    expect(calls).toHaveLength(1 + MAX_DECISIONS);
  });

  it('lets a fault of the store through and does not repeat a write of unknown fate', async () => {
    const { store } = await start();
    let writes = 0;
    const failing = {
      ...store,
      update: async () => {
        writes++;
        throw new UnavailableError('The disk is full.');
      },
    };
    await expect(changePayment(failing, aRef(), succeed)).rejects.toThrow('The disk is full.');
    expect(writes).toBe(1);
  });

  it('lets as many writers as there is room for through at once', async () => {
    const { store } = await start();
    await changePayment(store, aRef(), succeed);
    const refund = (n: number) =>
      changePayment(store, aRef(), (payment): Choice<null> => {
        const write = accepted(requestRefund(payment, `r${n}`, 1, aRequest()));
        return { write, answer: null };
      });
    await Promise.all(Array.from({ length: 50 }, (_, n) => refund(n)));
    const { version, operations } = (await store.get(aRef())) as Payment;
    expect([version, new Set(operations.map(({ id }) => id)).size]).toEqual([52, 51]);
  });
});
