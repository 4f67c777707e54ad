import { describe, expect, it } from 'vitest';
import { recordedLog, recordedMeasurements } from './recorded.fixture.ts';
import { createSweepPass } from './sweep-pass.ts';

const DOWN = 'It is down.';
type Part = 'sweep' | 'recoverFailed' | 'callbacks' | 'depth' | 'deadLetters';

/** @param broken the parts that throw */
function start(
  broken: readonly Part[] = [],
  { steps = 3, callbacks = 2, remainingMs = 120_000, simulator = true } = {},
) {
  const done: Part[] = [];
  const time = { remainingMs };
  const measurements = recordedMeasurements();
  const logger = recordedLog();
  const work = async (part: Part) => {
    if (broken.includes(part)) throw new Error(DOWN);
    done.push(part);
    time.remainingMs -= 1_000;
  };
  const count = (part: Part) => done.filter((one) => one === part).length;
  const pass = createSweepPass({
    sweep: {
      async step() {
        await work('sweep');
        return count('sweep') < steps;
      },
    },
    async recoverFailed(hasTime) {
      if (hasTime()) await work('recoverFailed');
      return 4;
    },
    deliverCallbacks: simulator
      ? async () => {
          await work('callbacks');
          return count('callbacks') < callbacks ? 10 : 0;
        }
      : null,
    queue: {
      async depth() {
        await work('depth');
        return { waiting: 5, delayed: 6, inFlight: 7 };
      },
      async deadLetterCount() {
        await work('deadLetters');
        return 8;
      },
    },
    measurements,
    logger,
  });
  return { done, count, measurements, logger, run: () => pass(() => time.remainingMs) };
}

const FIGURES = [
  ['FailedEvents', 4],
  ['Backlog', 5],
  ['DeadLetters', 8],
];

describe('a pass of the sweep function', () => {
  it('sweeps all that is due, recovers, delivers and tells the figures', async () => {
    const { done, measurements, logger, run } = start();
    await run();
    const expected: Part[] = [
      'sweep',
      'sweep',
      'sweep',
      'recoverFailed',
      'callbacks',
      'callbacks',
      'depth',
      'deadLetters',
    ];
    expect(done).toEqual(expected);
    expect(measurements.taken).toEqual(FIGURES);
    expect(logger.lines).toEqual([]);
  });

  it('delivers nothing where there is no simulator', async () => {
    const { count, measurements, run } = start([], { simulator: false });
    await run();
    expect(count('callbacks')).toBe(0);
    expect(measurements.taken).toEqual(FIGURES);
  });

  it.each<[Part, Part[]]>([
    ['sweep', ['recoverFailed', 'callbacks', 'callbacks', 'depth', 'deadLetters']],
    ['recoverFailed', ['sweep', 'sweep', 'sweep', 'callbacks', 'callbacks', 'depth', 'deadLetters']],
    ['callbacks', ['sweep', 'sweep', 'sweep', 'recoverFailed', 'depth', 'deadLetters']],
    ['depth', ['sweep', 'sweep', 'sweep', 'recoverFailed', 'callbacks', 'callbacks']],
    ['deadLetters', ['sweep', 'sweep', 'sweep', 'recoverFailed', 'callbacks', 'callbacks', 'depth']],
  ])('does all else when %s fails, and then fails, for its alarm to see', async (broken, rest) => {
    const { done, logger, run } = start([broken]);
    await expect(run()).rejects.toThrow('1 parts of the sweep failed');
    expect(done).toEqual(rest);
    expect(logger.lines).toEqual(['error: a part of the sweep failed; the next pass tries it again']);
  });

  it('tells every fault, when everything is down', async () => {
    const { done, measurements, run } = start([
      'sweep',
      'recoverFailed',
      'callbacks',
      'depth',
      'deadLetters',
    ]);
    const fault = await run().catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(AggregateError);
    expect((fault as AggregateError).errors.map(({ message }: Error) => message)).toEqual([
      DOWN,
      DOWN,
      DOWN,
      DOWN,
    ]);
    expect([done, measurements.taken]).toEqual([[], []]);
  });

  it('leaves time for the other parts when more is due than it can see to', async () => {
    const { count, measurements, logger, run } = start([], { steps: 1_000, remainingMs: 60_000 });
    await run();
    expect(count('sweep')).toBe(30);
    expect([count('recoverFailed'), count('callbacks')]).toEqual([1, 2]);
    expect(measurements.taken).toEqual(FIGURES);
    expect(logger.lines).toEqual(['warn: more is due than one pass can see to; the next goes on']);
  });

  it('leaves time for the figures when call-backs never come to an end', async () => {
    const { count, measurements, run } = start([], { callbacks: 1_000, remainingMs: 60_000 });
    await run();
    expect(count('callbacks')).toBeGreaterThan(10);
    expect(measurements.taken).toEqual(FIGURES);
  });

  it('tells the figures even when there was time for nothing else', async () => {
    const { done, measurements, run } = start([], { remainingMs: 9_000 });
    await run();
    expect(done).toEqual(['depth', 'deadLetters']);
    expect(measurements.taken).toEqual(FIGURES);
  });
});
