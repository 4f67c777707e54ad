import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock, Timers } from './clock.ts';

/** What an adapter opens for each test of the contract: a clock, its timers, and the hand that moves both. */
export interface ClockHarness {
  clock: Clock;
  timers: Timers;
  /** Lets time pass, and whoever sleeps until then wake and run on; 0 lets others run, and no time pass. */
  advance(ms: number): Promise<void>;
  /** How many sleep now. */
  pending(): number;
  close(): Promise<void>;
}

const DAY_MS = 86_400_000;

/** The suite of the clock and the timers, which every pair of adapters runs. */
export function describeClock(name: string, open: () => Promise<ClockHarness>): void {
  describe(name, () => {
    let harness: ClockHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(async () => {
      expect(harness.pending()).toBe(0);
      await harness.close();
    });

    describe('the clock', () => describeNow(() => harness));
    describe('the timers', () => describeSleep(() => harness));
    describe('a deadline', () => describeAfter(() => harness));
  });
}

function describeNow(use: () => ClockHarness): void {
  it('tells whole milliseconds since 1970, in our time', () => {
    const now = use().clock.now();
    expect(Number.isSafeInteger(now)).toBe(true);
    expect(new Date(now).getUTCFullYear()).toBeGreaterThanOrEqual(2024);
    expect(new Date(now).getUTCFullYear()).toBeLessThan(2200);
  });

  it('moves with the time that passes, and not by being asked', async () => {
    const { clock, advance } = use();
    const before = clock.now();
    expect(clock.now()).toBe(before);
    await advance(1_500);
    expect(clock.now()).toBe(before + 1_500);
  });
}

function describeSleep(use: () => ClockHarness): void {
  /** Begins to sleep; tells how often the clock has woken it: never, or once. */
  function sleeper(ms: number, signal?: AbortSignal): () => number {
    let woken = 0;
    void use()
      .timers.sleep(ms, signal)
      .then(() => {
        woken++;
      });
    return () => woken;
  }

  it.each([1, 250, 60_000, 24.8 * DAY_MS, 60 * DAY_MS])('sleep for %i ms, and no less', async (ms) => {
    const { advance } = use();
    const woken = sleeper(ms);
    await advance(ms - 1);
    expect(woken()).toBe(0);
    await advance(1);
    expect(woken()).toBe(1);
    await advance(ms);
    expect(woken()).toBe(1);
  });

  it.each([0, -1])('sleep for no time when told %i ms', async (ms) => {
    const woken = sleeper(ms);
    await use().advance(0);
    expect(woken()).toBe(1);
  });

  it('wake each sleeper at its own time, in the order of their times', async () => {
    const { timers, advance } = use();
    const order: number[] = [];
    for (const ms of [300, 100, 200]) void timers.sleep(ms).then(() => order.push(ms));
    await advance(100);
    expect(order).toEqual([100]);
    await advance(200);
    expect(order).toEqual([100, 200, 300]);
  });

  it('wake at once, and do not reject, when the signal is aborted', async () => {
    const { advance, pending } = use();
    const controller = new AbortController();
    const [ours, other] = [sleeper(5_000, controller.signal), sleeper(5_000)];
    controller.abort(new Error('for any reason'));
    await advance(0);
    expect([ours(), other(), pending()]).toEqual([1, 0, 1]);
    await advance(5_000);
    expect([ours(), other()]).toEqual([1, 1]);
  });

  it('do not begin to sleep when the signal was aborted before', async () => {
    const woken = sleeper(5_000, AbortSignal.abort());
    expect(use().pending()).toBe(0);
    await use().advance(0);
    expect(woken()).toBe(1);
  });

  it('are not disturbed by a signal that is aborted after the sleep', async () => {
    const controller = new AbortController();
    const woken = sleeper(100, controller.signal);
    await use().advance(100);
    controller.abort();
    await use().advance(0);
    expect(woken()).toBe(1);
  });
}

function describeAfter(use: () => ClockHarness): void {
  it.each([1, 10_000, 120_000])('of %i ms that is not met is told of once, and not before', async (ms) => {
    const { timers, advance } = use();
    let late = 0;
    timers.after(ms, () => late++);
    await advance(ms - 1);
    expect(late).toBe(0);
    await advance(1);
    expect(late).toBe(1);
    await advance(ms);
    expect(late).toBe(1);
  });

  it('that is met is told of never, and leaves no timer', async () => {
    const { timers, advance, pending } = use();
    let late = 0;
    const met = timers.after(10_000, () => late++);
    await advance(9_999);
    met();
    expect(pending()).toBe(0);
    await advance(10_000);
    expect(late).toBe(0);
  });

  it('can be said to be met more than once, and too late', async () => {
    const { timers, advance } = use();
    let late = 0;
    const met = timers.after(100, () => late++);
    await advance(100);
    met();
    met();
    await advance(100);
    expect(late).toBe(1);
  });

  it('can be called off by another that ends at the same time', async () => {
    const { timers, advance } = use();
    const late: string[] = [];
    timers.after(100, () => {
      late.push('first');
      met();
    });
    const met = timers.after(100, () => late.push('second'));
    await advance(100);
    expect(late).toEqual(['first']);
  });
}
