import { describe, expect, it } from 'vitest';
import { containsCardNumber } from '../domain/card-number.ts';
import type { Ids } from './ids.ts';

const DRAWS = 10_000;
const TENTHS = 10;
/** Eight standard deviations: a fair source does not miss it in a lifetime of runs. */
const TOLERANCE = 240;

/** The suite of identifiers and chance, which every adapter runs. */
export function describeIds(name: string, open: () => Ids): void {
  describe(name, () => {
    it('makes ids of the prefix, an underscore, and lower-case letters and digits', () => {
      const ids = open();
      for (const prefix of ['pay', 're', 'evt', 'req', 'k']) {
        expect(ids.next(prefix)).toMatch(new RegExp(`^${prefix}_[a-z0-9]{24,60}$`));
      }
    });

    it('makes no id twice', () => {
      const ids = open();
      const made = Array.from({ length: DRAWS }, () => ids.next('x'));
      expect(new Set(made).size).toBe(DRAWS);
    });

    it('puts at least 120 random bits into an id', () => {
      const ids = open();
      const made = Array.from({ length: 2_000 }, () => ids.next('x').slice(2));
      // Bits of each place, as if its characters were drawn evenly from those that were seen in it.
      const places = made[0]?.length ?? 0;
      const bits = Array.from({ length: places }, (_, n) => Math.log2(new Set(made.map((id) => id[n])).size));
      expect(Math.round(bits.reduce((sum, place) => sum + place, 0))).toBeGreaterThanOrEqual(120);
    });

    it('makes no id that looks like a card number', () => {
      const ids = open();
      const made = Array.from({ length: DRAWS }, () => ids.next('pay'));
      expect(made.filter(containsCardNumber)).toEqual([]);
    });

    it('draws chance evenly from 0 to below 1, whatever ids are made between', () => {
      const ids = open();
      const counts = Array.from({ length: TENTHS }, () => 0);
      for (let n = 0; n < DRAWS; n++) {
        if (n % 7 === 0) ids.next('x');
        const drawn = ids.random();
        expect(drawn >= 0 && drawn < 1).toBe(true);
        counts[Math.floor(drawn * TENTHS)]!++;
      }
      for (const count of counts) expect(Math.abs(count - DRAWS / TENTHS)).toBeLessThan(TOLERANCE);
    });
  });
}
