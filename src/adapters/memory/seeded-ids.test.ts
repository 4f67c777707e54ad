import { describe, expect, it } from 'vitest';
import { describeIds } from '../../ports/ids.contract.ts';
import { createSeededIds } from './seeded-ids.ts';

describeIds('seeded ids', () => createSeededIds(7));

describe('seeded ids', () => {
  it('are the same for the same seed, and others for another', () => {
    const draw = (seed: number) => {
      const ids = createSeededIds(seed);
      return [ids.next('pay'), ids.random(), ids.next('re'), ids.random()];
    };
    expect(draw(1)).toEqual(draw(1));
    const firsts = [0, 1, 2, 3, -1, 2 ** 32, 2 ** 32 + 1, 2 ** 40].map((seed) => draw(seed)[0]);
    expect(new Set(firsts).size).toBe(firsts.length);
  });

  it('have the form of real ids and do not repeat', () => {
    const ids = createSeededIds(7);
    const made = Array.from({ length: 10_000 }, () => ids.next('pay'));
    expect(made.every((id) => /^pay_[0-9a-hjkmnp-tv-z]{26}$/.test(id))).toBe(true);
    expect(new Set(made).size).toBe(made.length);
  });

  it('draw chance evenly from 0 to below 1', () => {
    const ids = createSeededIds(7);
    const drawn = Array.from({ length: 10_000 }, () => ids.random());
    expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
    for (let tenth = 0; tenth < 10; tenth += 1) {
      const count = drawn.filter((value) => Math.floor(value * 10) === tenth).length;
      expect(Math.abs(count - 1_000)).toBeLessThan(150);
    }
  });
});
