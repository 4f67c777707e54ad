import { describe, expect, it } from 'vitest';
import { createEngine, type Engine } from './engine.ts';
import { createMachine } from './machine.ts';
import { createTrace } from './trace.ts';

const MANY = 1_000;

function world() {
  const lines: string[] = [];
  const engine = createEngine(
    0,
    createTrace((line) => lines.push(line)),
  );
  return { engine, lines, machine: createMachine('m', engine) };
}

/** Plans something that only notes that it happened. */
function note(engine: Engine, happened: string[], afterMs: number, what: string) {
  return engine.plan(afterMs, 'm', what, () => {
    happened.push(`${what} at ${engine.nowMs()}`);
    return undefined;
  });
}

describe('the engine', () => {
  it('lets things happen in the order of their time, and of one time in the order of planning', async () => {
    const { engine } = world();
    const happened: string[] = [];
    for (const [afterMs, what] of [
      [20, 'late'],
      [10, 'first'],
      [10, 'second'],
      [0, 'now'],
      [10, 'third'],
    ] as const)
      note(engine, happened, afterMs, what);
    expect(await engine.run(MANY)).toBeNull();
    expect(happened).toEqual(['now at 0', 'first at 10', 'second at 10', 'third at 10', 'late at 20']);
  });

  it('keeps that order however many things there are', async () => {
    const { engine } = world();
    const times: number[] = [];
    for (let n = 0; n < MANY; n += 1) {
      engine.plan((n * 7919) % 1_009, 'm', 'x', () => {
        times.push(engine.nowMs());
        return undefined;
      });
    }
    await engine.run(2 * MANY);
    expect(times).toHaveLength(MANY);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  it('lets every promise settle that can before the next thing happens', async () => {
    const { engine } = world();
    const happened: string[] = [];
    engine.plan(1, 'm', 'begin', () => {
      (async () => {
        for (let n = 0; n < 50; n += 1) await null;
        happened.push('settled');
      })();
      return undefined;
    });
    note(engine, happened, 1, 'next');
    await engine.run(MANY);
    expect(happened).toEqual(['settled', 'next at 1']);
  });

  it('does not let time go on while real work is being done', async () => {
    const { engine } = world();
    const happened: string[] = [];
    engine.plan(1, 'm', 'works', () => {
      engine.hold(
        new Promise<void>((resolve) => setImmediate(resolve)).then(() => void happened.push('done')),
      );
      return undefined;
    });
    note(engine, happened, 2, 'next');
    await engine.run(MANY);
    expect(happened).toEqual(['done', 'next at 2']);
  });

  it('forgets what was called off, and stops at the first failure', async () => {
    const { engine } = world();
    const happened: string[] = [];
    note(engine, happened, 1, 'never')();
    engine.plan(2, 'm', 'breaks', () => {
      engine.stop(new Error('first'));
      engine.stop(new Error('second'));
      return undefined;
    });
    note(engine, happened, 3, 'too late');
    expect(await engine.run(MANY)).toMatchObject({ message: 'first' });
    expect(happened).toEqual([]);
    expect(engine.events).toBe(1);
  });

  it('writes a line for each event, with what was told while it happened', async () => {
    const { engine, lines } = world();
    engine.plan(5, 'm', 'asks', () => {
      engine.note('looks', 'twice');
      return 'politely';
    });
    await engine.run(MANY);
    expect(lines).toEqual(['#1 t=5 m asks | looks twice politely']);
  });
});

describe('a machine', () => {
  const way = { effectAfterMs: 5, answerAfterMs: 5 };
  const done: () => Promise<string> = async () => 'done';

  it('gets its answer after the effect', async () => {
    const { engine, machine } = world();
    const seen: string[] = [];
    machine
      .io('write', way, async () => {
        seen.push(`effect at ${engine.nowMs()}`);
        return 'done';
      })
      .then((answer) => seen.push(`${answer} at ${engine.nowMs()}`));
    await engine.run(MANY);
    expect(seen).toEqual(['effect at 5', 'done at 10']);
  });

  it.each([
    ['before', 0],
    ['after', 1],
  ] as const)('is told of a fault %s the effect, which happened %i times', async (when, times) => {
    const { engine, machine } = world();
    let effects = 0;
    const asked = machine.io('write', { ...way, fails: { when, error: new Error('lost') } }, async () => {
      effects += 1;
    });
    const told = expect(asked).rejects.toThrow('lost');
    await engine.run(MANY);
    await told;
    expect(effects).toBe(times);
  });

  it.each([2, 7])(
    'never gets the answer to what it asked before it died %i ms later',
    async (diesAfterMs) => {
      const { engine, machine } = world();
      const seen: string[] = [];
      machine.io('write', way, done).then(() => seen.push('answered'));
      machine.timers.sleep(8).then(() => seen.push('woken'));
      engine.plan(diesAfterMs, 'm', 'dies', () => {
        machine.crash();
        machine.restart();
        return undefined;
      });
      await engine.run(MANY);
      expect(seen).toEqual([]);
      expect(machine.life).toBe(2);
    },
  );

  it('works again in its next life', async () => {
    const { engine, machine } = world();
    machine.crash();
    machine.restart();
    const answer = machine.io('write', way, done);
    await engine.run(MANY);
    await expect(answer).resolves.toBe('done');
  });

  it('wakes from a sleep when it is called, and no later', async () => {
    const { engine, machine } = world();
    const calling = new AbortController();
    const seen: number[] = [];
    machine.timers.sleep(1_000, calling.signal).then(() => seen.push(engine.nowMs()));
    machine.timers.after(10, () => calling.abort('now'));
    await engine.run(MANY);
    expect(seen).toEqual([10]);
    expect(engine.nowMs()).toBe(10);
  });

  it('has a clock of its own', async () => {
    const { engine, machine } = world();
    machine.skewMs = -3;
    engine.plan(10, 'm', 'x', () => undefined);
    await engine.run(MANY);
    expect(machine.clock.now()).toBe(7);
  });
});
