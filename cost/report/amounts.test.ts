import { describe, expect, it } from 'vitest';
import { percent, quantity, usd, usdIn, volumeName } from './amounts.ts';

describe('amounts for a person', () => {
  it.each([
    [1, '1'],
    [1_000, '1 thousand'],
    [100_000, '100 thousand'],
    [2_500_000, '2.5 million'],
    [1_000_000_000, '1 billion'],
    [1_234_567, '1,234,567'],
    [999, '999'],
  ])('%d payments', (payments, name) => {
    expect(volumeName(payments)).toBe(name);
  });

  it('have cents where they can be seen beside the largest', () => {
    expect(usdIn(999)(0.4)).toBe('0.40');
    expect(usdIn(20_000)(1_234.56)).toBe('1,235');
    expect(usd(12.3)).toBe('$12.30');
    expect(usd(54_321)).toBe('$54,321');
  });

  it('never show a nothing with a sign', () => {
    expect(usdIn(999)(-0.001)).toBe('0.00');
    expect(percent(-0.001)).toBe('0 %');
  });

  it('show quantities with three figures, or whole', () => {
    expect([0, 0.012345, 12.345, 730, 12_060_000].map(quantity)).toEqual([
      '0',
      '0.0123',
      '12.3',
      '730',
      '12,060,000',
    ]);
  });
});
