import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../adapters/memory/fake-clock.ts';
import { createFakeTimers } from '../adapters/memory/fake-timers.ts';
import { settled } from '../app/app.fixture.ts';
import { createScriptedWorker, deliveries } from './scripted-worker.fixture.ts';
import { startWorkLoop } from './work-loop.ts';

function start(concurrency = 10) {
  const clock = createFakeClock();
  const timers = createFakeTimers(clock);
  const worker = createScriptedWorker();
  const loop = startWorkLoop({ worker, timers, logger: worker.logger, concurrency });
  async function advance(ms: number): Promise<void> {
    clock.advance(ms);
    await settled();
  }
  /** Whether it has drained, once everything ran that is ready to. */
  function draining(): () => Promise<boolean> {
    const seen = { over: false };
    void loop.drain().then(() => {
      seen.over = true;
    });
    return async () => {
      await settled();
      return seen.over;
    };
  }
  return { timers, worker, loop, advance, draining };
}

describe('the work loop', () => {
  it('asks for as much as it has room for, and for no more than SQS gives at once', async () => {
    const { worker, loop, draining } = start(12);
    expect(worker.asked).toEqual([10]);
    await worker.give(deliveries(10));
    expect([worker.asked, loop.inHand]).toEqual([[10, 2], 10]);
    await worker.give(deliveries(1));
    expect(worker.asked).toEqual([10, 2, 1]);
    const isDrained = draining();
    await worker.give([]);
    await worker.finishAll();
    expect(await isDrained()).toBe(true);
  });

  it('has never more in hand than it may, and asks for nothing while it is full', async () => {
    const { worker, loop, draining } = start(3);
    await worker.give(deliveries(3));
    expect([worker.asked, worker.waiting(), loop.inHand]).toEqual([[3], 0, 3]);
    await worker.finish();
    expect([worker.asked, worker.waiting(), loop.inHand]).toEqual([[3, 1], 1, 2]);
    await worker.give(deliveries(1));
    await worker.finishAll();
    expect(worker.asked).toEqual([3, 1, 3]);
    expect(worker.most()).toBe(3);
    const isDrained = draining();
    await worker.give([]);
    expect(await isDrained()).toBe(true);
  });

  it('goes on when a message cannot be seen to: SQS gives it again', async () => {
    const { worker, loop, draining } = start(1);
    await worker.give(deliveries(1));
    await worker.fail();
    expect([loop.inHand, loop.healthy(), worker.asked]).toEqual([0, true, [1, 1]]);
    expect(worker.logger.lines).toEqual(['warn: work will be tried again']);
    const isDrained = draining();
    await worker.give([]);
    expect(await isDrained()).toBe(true);
  });
});

describe('a drain', () => {
  it('waits for a receive that is under way, sees to what it brings, and asks for nothing more', async () => {
    const { worker, loop, draining } = start();
    const isDrained = draining();
    expect([await isDrained(), loop.healthy()]).toEqual([false, false]);
    await worker.give(deliveries(2));
    expect([await isDrained(), loop.inHand, worker.asked]).toEqual([false, 2, [10]]);
    await worker.finish();
    expect(await isDrained()).toBe(false);
    await worker.finish();
    expect([await isDrained(), loop.inHand, worker.asked]).toEqual([true, 0, [10]]);
  });

  it('waits for what is in hand when the loop is full, and takes nothing in its place', async () => {
    const { worker, draining } = start(2);
    await worker.give(deliveries(2));
    const isDrained = draining();
    await worker.finish();
    expect(await isDrained()).toBe(false);
    await worker.fail();
    expect([await isDrained(), worker.asked]).toEqual([true, [2]]);
  });

  it('does not fail with a receive that fails, and leaves no timer behind', async () => {
    const { worker, timers, advance, draining } = start();
    const isDrained = draining();
    await worker.refuse();
    await advance(1_000);
    expect([await isDrained(), worker.asked, timers.pending()]).toEqual([true, [10], 0]);
  });

  it('may be asked for twice', async () => {
    const { worker, loop } = start();
    const both = Promise.all([loop.drain(), loop.drain()]);
    await worker.give([]);
    expect(await both).toHaveLength(2);
  });
});

describe('a queue that cannot be asked', () => {
  it('is asked again after a second, and makes the worker unhealthy when it fails five times in a row', async () => {
    const { worker, loop, advance, draining } = start();
    const health: boolean[] = [];
    for (let fault = 1; fault <= 5; fault++) {
      await worker.refuse();
      health.push(loop.healthy());
      await advance(999);
      expect(worker.waiting()).toBe(0);
      await advance(1);
      expect(worker.waiting()).toBe(1);
    }
    expect(health).toEqual([true, true, true, true, false]);
    await worker.give([]);
    expect(loop.healthy()).toBe(true);
    await worker.refuse();
    expect(loop.healthy()).toBe(true);
    const isDrained = draining();
    await advance(1_000);
    expect(await isDrained()).toBe(true);
  });

  it('does not disturb what is in hand', async () => {
    const { worker, loop, advance, draining } = start();
    await worker.give(deliveries(1));
    await worker.refuse();
    expect(loop.inHand).toBe(1);
    await worker.finish();
    expect(loop.inHand).toBe(0);
    const isDrained = draining();
    await advance(1_000);
    expect(await isDrained()).toBe(true);
  });
});
