import { describe, expect, it } from 'vitest';
import { containsCardNumber } from '../../domain/card-number.ts';
import { describeIds } from '../../ports/ids.contract.ts';
import { createSystemIds } from './system-ids.ts';

describeIds('system ids', createSystemIds);

describe('system ids', () => {
  it('are a prefix and 26 letters and digits that are not misread', () => {
    const ids = createSystemIds();
    for (const prefix of ['pay', 'req', '']) {
      const id = ids.next(prefix);
      expect(id.slice(0, prefix.length + 1)).toBe(`${prefix}_`);
      expect(id.slice(prefix.length + 1)).toMatch(/^[0-9a-hjkmnp-tv-z]{26}$/);
    }
  });

  it('do not repeat over many fillings of the pool, nor between two sources', () => {
    const sources = [createSystemIds(), createSystemIds()];
    const made = new Set<string>();
    for (let n = 0; n < 5_000; n += 1) for (const ids of sources) made.add(ids.next('x'));
    expect(made.size).toBe(10_000);
    expect([...made].filter(containsCardNumber)).toEqual([]);
  });

  it('use every character in every place', () => {
    const ids = createSystemIds();
    const seen = Array.from({ length: 26 }, () => new Set<string>());
    for (let n = 0; n < 3_000; n += 1) {
      for (const [place, character] of [...ids.next('x').slice(2)].entries()) seen[place]?.add(character);
    }
    expect(seen.map((characters) => characters.size)).toEqual(Array.from({ length: 26 }, () => 32));
  });

  it('draw chance from 0 to below 1, while ids are made between', () => {
    const ids = createSystemIds();
    const drawn = Array.from({ length: 5_000 }, (_, n) => {
      if (n % 3 === 0) ids.next('x');
      return ids.random();
    });
    expect(drawn.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(new Set(drawn).size).toBe(drawn.length);
    expect(drawn.some((value) => value < 0.1) && drawn.some((value) => value > 0.9)).toBe(true);
  });
});
