import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../adapters/memory/fake-clock.ts';
import { createFakeTimers } from '../adapters/memory/fake-timers.ts';
import { deferred, settled } from './app.fixture.ts';
import { startLoop } from './loop.ts';

const IDLE_MS = 100;
const ERROR_PAUSE_MS = 500;

/** A loop whose steps do as they are told, one after the other, and then have nothing to do. */
function start(script: (boolean | Error | Promise<boolean>)[] = []) {
  const clock = createFakeClock();
  const timers = createFakeTimers(clock);
  const seen = { steps: 0, errors: [] as unknown[] };
  const loop = startLoop({
    async step() {
      seen.steps++;
      const next = await (script.shift() ?? false);
      if (next instanceof Error) throw next;
      return next;
    },
    idleMs: IDLE_MS,
    timers,
    onError: (error) => seen.errors.push(error),
  });
  const advance = async (ms: number) => {
    clock.advance(ms);
    await settled();
  };
  return { timers, seen, loop, advance };
}

describe('a loop', () => {
  it('steps again at once while there is more, and pauses when there is not', async () => {
    const { seen, advance, loop } = start([true, true, false]);
    await settled();
    expect(seen.steps).toBe(3);
    await advance(IDLE_MS - 1);
    expect(seen.steps).toBe(3);
    await advance(1);
    expect(seen.steps).toBe(4);
    await loop.stop();
  });

  it('looks at once when it is woken from its pause', async () => {
    const { seen, loop } = start();
    await settled();
    loop.wake();
    await settled();
    expect(seen.steps).toBe(2);
    await loop.stop();
  });

  it('forgets no wake that comes while a step is running', async () => {
    const gate = deferred<boolean>();
    const { seen, loop } = start([gate.promise]);
    await settled();
    loop.wake();
    gate.resolve(false);
    await settled();
    expect(seen.steps).toBe(2);
    await loop.stop();
  });

  it('tells of a step that fails, and tries again after a pause', async () => {
    const error = new Error('The disk is full.');
    const { seen, advance, loop } = start([error, true]);
    await settled();
    expect(seen).toEqual({ steps: 1, errors: [error] });
    await advance(ERROR_PAUSE_MS - 1);
    expect(seen.steps).toBe(1);
    await advance(1);
    expect(seen.steps).toBe(3);
    await loop.stop();
  });

  it('does not let whoever wakes it cut the pause after a failure short', async () => {
    const { seen, advance, loop } = start(Array.from({ length: 50 }, () => new Error('The disk is full.')));
    await settled();
    for (let n = 0; n < 20; n++) {
      loop.wake();
      await settled();
    }
    expect(seen.steps).toBe(1);
    await advance(ERROR_PAUSE_MS);
    expect(seen.steps).toBe(2);
    await loop.stop();
  });

  it.each<[string, (boolean | Error)[]]>([
    ['in its pause', []],
    ['in the pause after a failure', [new Error('The disk is full.')]],
  ])('stops at once %s, and leaves no timer', async (_what, script) => {
    const { timers, seen, loop } = start(script);
    await settled();
    expect(timers.pending()).toBe(1);
    await loop.stop();
    expect(timers.pending()).toBe(0);
    loop.wake();
    await settled();
    expect(seen.steps).toBe(1);
  });

  it('stops only when the step that is running has ended, whatever it ends with', async () => {
    for (const last of [true, new Error('The disk is full.')]) {
      const gate = deferred<boolean>();
      const ended = gate.promise.then(() => {
        if (last instanceof Error) throw last;
        return last;
      });
      const { timers, seen, loop } = start([ended]);
      await settled();
      let stopped = false;
      const stop = loop.stop().then(() => {
        stopped = true;
      });
      await settled();
      expect(stopped).toBe(false);
      gate.resolve(true);
      await stop;
      expect([seen.steps, timers.pending()]).toEqual([1, 0]);
    }
  });
});
