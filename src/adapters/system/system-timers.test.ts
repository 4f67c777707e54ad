import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { describeClock } from '../../ports/clock.contract.ts';
import { createSystemClock } from './system-clock.ts';
import { createSystemTimers } from './system-timers.ts';

const DAY_MS = 86_400_000;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describeClock('the system clock and timers', async () => ({
  clock: createSystemClock(),
  timers: createSystemTimers(),
  advance: async (ms) => void (await vi.advanceTimersByTimeAsync(ms)),
  pending: () => vi.getTimerCount(),
  close: async () => undefined,
}));

function sleepOf(ms: number, signal?: AbortSignal): { done: () => boolean; promise: Promise<void> } {
  let done = false;
  const promise = createSystemTimers()
    .sleep(ms, signal)
    .then(() => {
      done = true;
    });
  return { done: () => done, promise };
}

describe('system timers', () => {
  it('sleep as long as asked', async () => {
    const sleep = sleepOf(1_000);
    await vi.advanceTimersByTimeAsync(999);
    expect(sleep.done()).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(sleep.done()).toBe(true);
  });

  it('let others run first even for no time, so that a loop starves nobody', async () => {
    const sleep = sleepOf(0);
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    expect(sleep.done()).toBe(false);
    await vi.advanceTimersByTimeAsync(0);
    expect(sleep.done()).toBe(true);
  });

  it('sleep longer than setTimeout can', async () => {
    const sleep = sleepOf(60 * DAY_MS);
    await vi.advanceTimersByTimeAsync(60 * DAY_MS - 1);
    expect(sleep.done()).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect(sleep.done()).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('wake on abort at once, and leave no timer and no listener', async () => {
    for (const ms of [1_000, 60 * DAY_MS]) {
      const controller = new AbortController();
      const sleep = sleepOf(ms, controller.signal);
      controller.abort();
      await sleep.promise;
      expect(vi.getTimerCount()).toBe(0);
      expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    }
  });

  it('leave no listener on a signal that is never aborted', async () => {
    const controller = new AbortController();
    const sleeps = Array.from({ length: 50 }, () => sleepOf(10, controller.signal).promise);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(50);
    await vi.advanceTimersByTimeAsync(10);
    await Promise.all(sleeps);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
  });

  it('do not begin under an aborted signal', async () => {
    await sleepOf(1_000, AbortSignal.abort()).promise;
    expect(vi.getTimerCount()).toBe(0);
  });
});
