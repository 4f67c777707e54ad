import { describe, expect, it } from 'vitest';
import { parseLoadArguments } from './arguments.ts';

describe('the arguments of npm run load', () => {
  it('name what is run, in its order; all of it if none is named', () => {
    expect(parseLoadArguments(['neighbour', 'shed'])).toMatchObject({ scenarios: ['shed', 'neighbour'] });
    for (const args of [[], ['all'], ['shed', 'all']]) {
      expect(parseLoadArguments(args)).toMatchObject({
        scenarios: ['shed', 'neighbour', 'soak'],
        minutes: 30,
      });
    }
    expect(parseLoadArguments(['soak', '--minutes', '2'])).toMatchObject({ scenarios: ['soak'], minutes: 2 });
    expect(parseLoadArguments(['--help', '--rounds', 'x'])).toBe('help');
  });

  it('are refused with what was received and what to give', () => {
    expect(() => parseLoadArguments(['sched'])).toThrow(
      '"sched" is none of them; give shed, neighbour, soak or all',
    );
    expect(() => parseLoadArguments(['--minutes', '0'])).toThrow(
      '--minutes is "0"; give a whole number from 1',
    );
    for (const text of ['1.5', '-1', '', '1e3'])
      expect(() => parseLoadArguments([`--rounds=${text}`])).toThrow(`--rounds is "${text}"`);
    expect(() => parseLoadArguments(['--minuts', '3'])).toThrow('--minuts');
  });
});
