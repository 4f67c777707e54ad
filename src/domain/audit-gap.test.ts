import { expect, it } from 'vitest';
import { gapEntry } from './audit-gap.ts';
import { aPayment, NOW_MS } from './payment.fixture.ts';

it('a gap names the change by payment and version, and says when and why it was found missing', () => {
  expect(gapEntry(aPayment(), 3, NOW_MS, 'The payment is gone.')).toEqual({
    payment_id: 'order-1',
    merchant_id: 'm_1',
    livemode: false,
    version: 3,
    at: '2026-03-02T10:00:00.000Z',
    kind: 'gap',
    reason: 'The payment is gone.',
  });
});
