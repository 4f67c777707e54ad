import { describe, expect, it } from 'vitest';
import { anOperation, aPayment, NOW_MS } from './payment.fixture.ts';
import { findOperation, firstOperation, isSettled, type Outcome, timestamp } from './payment.ts';

describe('payment', () => {
  it('writes times as RFC 3339 UTC with milliseconds', () => {
    expect(timestamp(NOW_MS)).toBe('2026-03-02T10:00:00.000Z');
  });

  it.each<[Outcome, boolean]>([
    ['pending', false],
    ['unknown', false],
    ['requires_action', false],
    ['succeeded', true],
    ['failed', true],
  ])('takes %s as settled: %s', (outcome, settled) => {
    expect(isSettled(anOperation({ outcome }))).toBe(settled);
  });

  it('finds its first operation, and one by its id', () => {
    const refund = anOperation({ id: 'r1', kind: 'refund' });
    const payment = aPayment({ operations: [anOperation(), refund] });
    expect(firstOperation(payment).kind).toBe('charge');
    expect(findOperation(payment, 'r1')).toBe(refund);
    expect(findOperation(payment, 'r2')).toBeUndefined();
  });
});
