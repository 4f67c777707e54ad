import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryDelayMs } from './backoff.ts';
import { MAX_ATTEMPTS, RETRY_BASE_MS, RETRY_CAP_MS } from './limits.ts';

const ALMOST_ONE = 1 - Number.EPSILON / 2;

describe('retryDelayMs', () => {
  it.each([
    [1, 999],
    [2, 1_999],
    [3, 3_999],
    [4, 7_999],
    [5, 15_999],
    [6, 31_999],
    [7, 59_999],
    [8, 59_999],
    [2_000, 59_999],
  ])('waits at attempt %i between 0 and %i ms', (attempt, longestMs) => {
    expect(retryDelayMs(attempt, 0)).toBe(0);
    expect(retryDelayMs(attempt, ALMOST_ONE)).toBe(longestMs);
  });

  it('spreads evenly over the whole range (full jitter)', () => {
    expect([0.25, 0.5, 0.75].map((random) => retryDelayMs(1, random))).toEqual([250, 500, 750]);
  });

  it('waits whole milliseconds, never longer than the cap (invariant 13)', () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MAX_ATTEMPTS * 200 }), random, (attempt, chance) => {
        const delayMs = retryDelayMs(attempt, chance);
        expect(Number.isInteger(delayMs)).toBe(true);
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThan(Math.min(RETRY_CAP_MS, RETRY_BASE_MS * 2 ** (attempt - 1)));
      }),
      { seed: 13 },
    );
  });
});
