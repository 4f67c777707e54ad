import { describe, expect, it } from 'vitest';
import { parseFuzzArguments } from './arguments.ts';

describe('the arguments of npm run fuzz', () => {
  it('have defaults, and may be given', () => {
    expect(parseFuzzArguments([])).toEqual({ seed: 1, requests: 20_000, only: undefined });
    const given = ['--seed', '7', '--requests', '10', '--only', '3'];
    expect(parseFuzzArguments(given)).toEqual({ seed: 7, requests: 10, only: 3 });
    expect(parseFuzzArguments(['--help'])).toEqual({ help: true });
  });

  it.each([
    [['--seed', 'x'], '--seed is "x": give a whole number from 0 to 536870911.'],
    [['--requests', '0'], '--requests is "0": give a whole number from 1 to 16777215.'],
    [['--only=-1'], '--only is "-1": give a whole number from 0 to 16777215.'],
    [['--sed', '1'], "Unknown option '--sed'"],
    [['more'], "Unexpected argument 'more'"],
  ])('%j are refused, with what to do', (args, problem) => {
    expect(parseFuzzArguments(args)).toEqual({ problem: expect.stringContaining(problem) });
  });
});
