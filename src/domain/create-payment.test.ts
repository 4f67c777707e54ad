import { describe, expect, it } from 'vitest';
import { createPayment } from './create-payment.ts';
import { aCreateInput, NOW_MS } from './payment.fixture.ts';
import { timestamp } from './payment.ts';

describe('createPayment', () => {
  it('asks for a charge, at version 1, and dispatches it', () => {
    const at = timestamp(NOW_MS);
    const {
      actor,
      nowMs: _nowMs,
      ...submitted
    } = aCreateInput({ description: 'Order 1', metadata: { order: '1' } });
    expect(createPayment({ ...submitted, actor, nowMs: NOW_MS })).toEqual({
      ...submitted,
      version: 1,
      status: 'processing',
      amount_capturable: 0,
      amount_captured: 0,
      amount_refunded: 0,
      amount_refundable: 0,
      failure: null,
      cancellation_reason: null,
      operations: [
        expect.objectContaining({ id: 'charge.1', kind: 'charge', amount: 1000, outcome: 'pending' }),
      ],
      history: [
        {
          version: 1,
          at,
          kind: 'charge',
          operation_id: 'charge.1',
          outcome: 'pending',
          status: 'processing',
          actor: 'key_1',
        },
      ],
      dispatch: 'charge.1',
      created_at: at,
      updated_at: at,
      authorization_expires_at: null,
    });
  });

  it('asks for an authorization where the merchant will capture', () => {
    const payment = createPayment(aCreateInput({ capture_method: 'manual' }));
    expect(payment.operations).toMatchObject([{ id: 'authorize.1', kind: 'authorize' }]);
    expect(payment.history).toMatchObject([{ kind: 'authorize' }]);
    expect(payment.dispatch).toBe('authorize.1');
  });
});
