import { describe, expect, it } from 'vitest';
import { aNewPayment, anOperation, answered, aPayment, RESULTS } from '../domain/payment.fixture.ts';
import { firstOperation, type Operation, type Payment } from '../domain/payment.ts';
import { pspRequest } from './psp-request.ts';

const ofFirst = (payment: Payment) => pspRequest(payment, firstOperation(payment));

describe('what a PSP is asked', () => {
  it('is one key with one body, whatever the attempts have taught (invariant 1)', () => {
    const fresh = aNewPayment();
    const lives = [RESULTS.unknown, RESULTS.not_executed, RESULTS.pending, RESULTS.succeeded];
    for (const result of lives) expect(ofFirst(answered(fresh, result))).toEqual(ofFirst(fresh));
  });

  it('names the charge that an operation acts on by reference and by key', () => {
    const refund = anOperation({ id: 'r1', kind: 'refund', amount: 10, outcome: 'pending' });
    const payment = aPayment({ operations: [anOperation({ psp_reference: 'ref_1' }), refund] });
    expect(pspRequest(payment, refund)).toMatchObject({
      kind: 'refund',
      amount: 10,
      original_reference: 'ref_1',
      original_key: ofFirst(payment).idempotency_key,
    });
    expect(ofFirst(payment).original_reference).toBeNull();
  });

  it('has another key for each operation, payment, merchant and mode', () => {
    const payment = aNewPayment();
    const others = [
      payment,
      aNewPayment({ payment_id: 'order-2' }),
      aNewPayment({ merchant_id: 'm_2' }),
      aNewPayment({ livemode: true }),
    ];
    const keys = others.map((other) => ofFirst(other).idempotency_key);
    const second = { ...firstOperation(payment), id: 'r1' } satisfies Operation;
    keys.push(pspRequest(payment, second).idempotency_key);
    expect(new Set(keys).size).toBe(keys.length);
  });
});
