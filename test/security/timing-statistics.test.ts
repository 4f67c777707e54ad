import { expect, it } from 'vitest';
import { median, permutationTest, seededChance, shuffle } from './timing-statistics.ts';

function sample(count: number, mean: number, seed: number): number[] {
  const chance = seededChance(seed);
  return Array.from({ length: count }, () => mean + 20 * (chance() + chance() - 1));
}

it('the median stands in the middle', () => {
  expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([7])]).toEqual([2, 2.5, 7]);
});

it('a shuffle keeps everything, is of its seed, and puts each item in each place', () => {
  const items = [1, 2, 3, 4];
  expect(shuffle([...items], seededChance(1))).toEqual(shuffle([...items], seededChance(1)));
  const chance = seededChance(2);
  const firsts = Array.from({ length: 400 }, () => shuffle([...items], chance));
  for (const dealt of firsts) expect(dealt.toSorted()).toEqual(items);
  for (const item of items) expect(firsts.filter(([first]) => first === item).length).toBeGreaterThan(60);
});

it('samples of one kind are not told apart, and those of two are', () => {
  const test = (mean: number) =>
    permutationTest(sample(200, 100, 31), sample(200, mean, 41), 400, seededChance(5));
  expect(test(100)).toBeGreaterThan(0.05);
  expect(test(108)).toBeLessThan(0.01);
  expect(permutationTest([1, 1, 1], [1, 1, 1], 50, seededChance(6))).toBe(1);
});
