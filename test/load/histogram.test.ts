import { describe, expect, it } from 'vitest';
import { createHistogram, median } from './histogram.ts';

function histogramOf(values: readonly number[]) {
  const histogram = createHistogram();
  for (const value of values) histogram.add(value);
  return histogram;
}

describe('a histogram', () => {
  it('gives quantiles that are at most 1 % too long, and never too short', () => {
    const values = Array.from({ length: 1_000 }, (_, at) => 0.1 * 1.012 ** at);
    const histogram = histogramOf(values.toReversed());
    for (const share of [0.01, 0.5, 0.9, 0.99, 0.999]) {
      const exact = values[Math.ceil(share * values.length) - 1] as number;
      expect(histogram.quantile(share)).toBeGreaterThanOrEqual(exact * 0.999_999);
      expect(histogram.quantile(share)).toBeLessThanOrEqual(exact * 1.01);
    }
  });

  it('finds the one slow request in a hundred, and no slower one than there was', () => {
    const values = [...Array<number>(98).fill(2), 500, 500];
    expect(histogramOf(values).summary()).toMatchObject({ count: 100, p99Ms: 500, maxMs: 500 });
    expect(histogramOf([3]).summary()).toEqual({ count: 1, p50Ms: 3, p99Ms: 3, maxMs: 3 });
  });

  it('holds what is shorter or longer than its buckets, and refuses what is no duration', () => {
    expect(histogramOf([0]).quantile(0.5)).toBe(0);
    expect(histogramOf([5e9]).summary().maxMs).toBe(5e9);
    expect(createHistogram().summary()).toEqual({ count: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 });
    expect(() => histogramOf([-1])).toThrow('-1 ms');
    expect(() => histogramOf([Number.NaN])).toThrow('NaN');
  });
});

it('the median is the one in the middle, the mean of the two, or nothing', () => {
  expect(median([9, 1, 5])).toBe(5);
  expect(median([4, 1, 9, 2])).toBe(3);
  expect(median([])).toBeNaN();
});
