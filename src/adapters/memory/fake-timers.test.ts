import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { describeClock } from '../../ports/clock.contract.ts';
import { createFakeClock } from './fake-clock.ts';
import { createFakeTimers } from './fake-timers.ts';

describeClock('the fake clock and timers', async () => {
  const clock = createFakeClock();
  const timers = createFakeTimers(clock);
  return {
    clock,
    timers,
    async advance(ms) {
      clock.advance(ms);
      await settle();
    },
    pending: timers.pending,
    close: async () => undefined,
  };
});

function start() {
  const clock = createFakeClock(0);
  const timers = createFakeTimers(clock);
  const woken: string[] = [];
  const sleep = async (name: string, ms: number, signal?: AbortSignal): Promise<void> => {
    await timers.sleep(ms, signal);
    woken.push(name);
  };
  return { clock, timers, woken, sleep };
}

/** Lets everything run that is ready to. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

describe('fake timers', () => {
  it('wake whoever is due, earliest first, when the clock moves', async () => {
    const { clock, timers, woken, sleep } = start();
    for (const [name, ms] of [
      ['late', 300],
      ['early', 100],
      ['middle', 200],
      ['later', 400],
    ] as const)
      void sleep(name, ms);
    expect([timers.pending(), timers.nextAtMs()]).toEqual([4, 100]);
    clock.advance(99);
    await settle();
    expect(woken).toEqual([]);
    clock.advance(201);
    await settle();
    expect(woken).toEqual(['early', 'middle', 'late']);
    expect([timers.pending(), timers.nextAtMs()]).toEqual([1, 400]);
    clock.advance(100);
    await settle();
    expect([timers.pending(), timers.nextAtMs()]).toEqual([0, null]);
  });

  it('do not sleep for no time, nor under an aborted signal', async () => {
    const { timers, woken, sleep } = start();
    await sleep('zero', 0);
    await sleep('negative', -5);
    await sleep('aborted', 1_000, AbortSignal.abort());
    expect(woken).toEqual(['zero', 'negative', 'aborted']);
    expect(timers.pending()).toBe(0);
  });

  it('wake on abort, and leave no listener behind either way', async () => {
    const { clock, timers, woken, sleep } = start();
    const controller = new AbortController();
    void sleep('slept', 100, controller.signal);
    void sleep('aborted', 200, controller.signal);
    clock.advance(100);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(1);
    controller.abort();
    await settle();
    expect(woken).toEqual(['slept', 'aborted']);
    expect(timers.pending()).toBe(0);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });
});
