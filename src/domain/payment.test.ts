import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anOperation, aPayment, NOW_MS } from './payment.fixture.ts';
import { findOperation, firstOperation, isSettled, type Outcome, timestamp } from './payment.ts';

/** All that ECMAScript can write, before 1970 and beyond the year 9999 too. */
const anyTime = fc.integer({ min: -8.64e15, max: 8.64e15 });

describe('payment', () => {
  it('writes times as RFC 3339 UTC with milliseconds', () => {
    expect(timestamp(NOW_MS)).toBe('2026-03-02T10:00:00.000Z');
  });

  it('writes every time as the platform does, whatever was written before', () => {
    const written = fc.array(fc.oneof(anyTime, fc.nat({ max: 200_000 })), { minLength: 1 });
    fc.assert(
      fc.property(written, (times) => {
        expect(times.map(timestamp)).toEqual(times.map((ms) => new Date(ms).toISOString()));
      }),
      { seed: 5 },
    );
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 8.64e15 + 1])('throws at %s, which is no time', (ms) => {
    expect(() => timestamp(ms)).toThrow(RangeError);
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
