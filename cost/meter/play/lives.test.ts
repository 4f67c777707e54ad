import { describe, expect, it } from 'vitest';
import { readMix } from '../../mix/mix.ts';
import { planLives } from './lives.ts';

const mix = readMix();
const lives = planLives(mix, 1);
const count = (test: (life: (typeof lives)[number]) => boolean) => lives.filter(test).length;

describe('a round of the mix', () => {
  it('has each life as often as the mix says', () => {
    expect(lives).toHaveLength(200);
    expect(count(({ name }) => name === 'completed')).toBe(172);
    expect(count(({ name }) => name === 'unknown')).toBe(2);
    expect(count(({ replayed }) => replayed)).toBe(1);
    expect(lives.reduce((sum, { reads }) => sum + reads, 0)).toBe(40);
  });

  it('refunds what was completed, and nothing else', () => {
    const refunded = lives.filter(({ refundId }) => refundId !== null);
    expect(refunded.map(({ name }) => name)).toEqual(['completed', 'completed', 'completed', 'completed']);
  });

  it('is the same for the same seed, and has other payments for another', () => {
    expect(planLives(mix, 1)).toEqual(lives);
    const ids = new Set([1, 2, 3].flatMap((seed) => planLives(mix, seed).map(({ paymentId }) => paymentId)));
    expect(ids.size).toBe(600);
  });

  it('has texts of the sizes that the mix gives', () => {
    for (const { paymentId, description, metadata } of lives) {
      expect([paymentId.length, description.length, metadata.order_id?.length]).toEqual([20, 24, 12]);
    }
  });

  it('spreads the lives and the reads over the round', () => {
    const firstHalf = lives.slice(0, 100);
    expect(firstHalf.filter(({ reads }) => reads > 0)).toHaveLength(20);
    expect(firstHalf.some(({ name }) => name === 'captured')).toBe(true);
    expect(lives.slice(100).some(({ name }) => name === 'captured')).toBe(true);
  });
});
