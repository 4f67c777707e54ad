import { describe, expect, it } from 'vitest';
import { parseOptions } from './parse-options.ts';
import { runtimeOf } from './runtime-of.ts';

describe('the options of the simulation', () => {
  it('are 2,000 seeds from 1 on, on every runtime, unless they say otherwise', () => {
    expect(parseOptions([])).toMatchObject({
      from: 1n,
      seeds: 2_000,
      minutes: null,
      runtime: 'mix',
      seed: null,
    });
    expect(parseOptions(['--minutes', '0.5', '--from', '7'])).toMatchObject({
      from: 7n,
      seeds: null,
      minutes: 0.5,
    });
    expect(parseOptions(['--seed', '9', '--trace'])).toMatchObject({ seed: 9n, trace: true });
    expect(parseOptions(['--help', '--seeds', '3'])).toBe('help');
  });

  it.each([
    [['--seeds', '0'], '--seeds was "0"'],
    [['--seeds', '3x'], '--seeds was "3x"'],
    [['--from', '-1'], '--from'],
    [['--seed', '18446744073709551616'], '--seed was "18446744073709551616"'],
    [['--minutes', 'soon'], '--minutes was "soon"'],
    [['--runtime', 'azure'], '--runtime was "azure". Give one of mix, memory, sqlite, aws.'],
    [['--jobs', '1.5'], '--jobs was "1.5"'],
    [['--seeds', '1', '--minutes', '1'], 'Give one of them.'],
    [['--seed', '1', '--seeds', '1'], '--seed names one life.'],
    [['--trace'], 'Name it with --seed X.'],
    [['--sedes', '1'], "'--sedes'"],
    [['7'], "'7'"],
  ])('say what is wrong with %j', (args, problem) => {
    expect(parseOptions(args)).toEqual({ problem: expect.stringContaining(problem) });
  });

  it('put the same seed on the same runtime each time, and every runtime to use', () => {
    const runtimes = Array.from({ length: 20 }, (_, n) => runtimeOf(BigInt(n), 'mix'));
    expect(runtimes.filter((runtime) => runtime === 'memory')).toHaveLength(16);
    expect(new Set(runtimes)).toEqual(new Set(['memory', 'sqlite', 'aws']));
    expect(runtimeOf(3n, 'aws')).toBe('aws');
  });
});
