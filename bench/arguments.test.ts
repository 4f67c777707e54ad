import { describe, expect, it } from 'vitest';
import { parseCounts } from './arguments.ts';

const DEFAULTS = { rounds: 5, seconds: 10 };

describe('the options of a benchmark', () => {
  it('are counts, each with its default', () => {
    expect(parseCounts(['--rounds', '7'], DEFAULTS)).toEqual({ rounds: 7, seconds: 10 });
    expect(parseCounts(['--rounds', 'x', '--help'], DEFAULTS)).toBe('help');
  });

  it('are refused with what was received and what to give', () => {
    for (const text of ['0', '-1', '1.5', '1e3', '', 'x', '10000000000'])
      expect(() => parseCounts([`--rounds=${text}`], DEFAULTS)).toThrow(
        `--rounds is "${text}"; give a whole number from 1`,
      );
    expect(() => parseCounts(['--round', '3'], DEFAULTS)).toThrow('--round');
    expect(() => parseCounts(['3'], DEFAULTS)).toThrow('3');
  });
});
