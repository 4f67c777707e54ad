import { expect, it } from 'vitest';
import { describePaymentStore } from '../../ports/payment-store.contract.ts';
import { createMemoryPaymentStore } from './memory-payment-store.ts';

const consumers = ['relay', 'audit'];

describePaymentStore('the memory payment store', async () => {
  const store = createMemoryPaymentStore({ consumers });
  return { store, feed: store, signal: store, consumers, close: async () => undefined };
});

it('refuses a consumer that it was not made for, since its changes may be forgotten already', async () => {
  const store = createMemoryPaymentStore({ consumers });
  await expect(store.read('stranger', 10)).rejects.toThrow('no consumer "stranger"');
});
