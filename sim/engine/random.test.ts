import { describe, expect, it } from 'vitest';
import { createRandom } from './random.ts';

const draw = (random: { next(): number }, count = 5) => Array.from({ length: count }, () => random.next());

describe('seeded chance', () => {
  it('is the same for the same seed, and another for another', () => {
    expect(draw(createRandom(7n))).toEqual(draw(createRandom(7n)));
    expect(draw(createRandom(7n))).not.toEqual(draw(createRandom(8n)));
    expect(draw(createRandom(1n << 40n))).not.toEqual(draw(createRandom(0n)));
  });

  it('has streams that do not move each other', () => {
    const random = createRandom(7n);
    const alone = draw(createRandom(7n).fork('a'));
    draw(random.fork('b'), 100);
    draw(random, 100);
    expect(draw(random.fork('a'))).toEqual(alone);
    expect(draw(random.fork('a').fork('b'))).not.toEqual(draw(random.fork('b').fork('a')));
  });

  it('is about uniform, and stays within bounds', () => {
    const random = createRandom(1n);
    const counts = [0, 0, 0, 0];
    for (let n = 0; n < 40_000; n += 1) {
      const drawn = random.int(4);
      counts[drawn] = (counts[drawn] as number) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500);
    for (let n = 0; n < 1_000; n += 1) expect([2, 3, 4]).toContain(random.between(2, 4));
  });

  it('never happens at a rate of 0, and always at 1', () => {
    const random = createRandom(1n);
    for (let n = 0; n < 100; n += 1) {
      expect(random.chance(0)).toBe(false);
      expect(random.chance(1)).toBe(true);
    }
  });
});
