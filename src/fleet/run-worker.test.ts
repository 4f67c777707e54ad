import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../adapters/memory/fake-clock.ts';
import { createFakeTimers } from '../adapters/memory/fake-timers.ts';
import { deferred, settled } from '../app/app.fixture.ts';
import type { InterruptionNotice } from './interruption-notice.ts';
import { runWorker } from './run-worker.ts';
import { createScriptedWorker, deliveries } from './scripted-worker.fixture.ts';

const LOOK_EVERY_MS = 5_000;

async function start(notice: InterruptionNotice | null = null) {
  const clock = createFakeClock();
  const timers = createFakeTimers(clock);
  const worker = createScriptedWorker();
  const stop = new AbortController();
  const ready = deferred<number>();
  const state = { over: false };
  const running = runWorker({
    worker,
    timers,
    logger: worker.logger,
    concurrency: 2,
    healthPort: 0,
    notice,
    stop: stop.signal,
    onReady: ready.resolve,
  }).then(() => {
    state.over = true;
  });
  const port = await ready.promise;
  async function health(): Promise<[number, unknown]> {
    const response = await fetch(`http://127.0.0.1:${port}/`);
    return [response.status, await response.json()];
  }
  /** Tells it to stop, and lets it hear that. */
  async function end(): Promise<void> {
    stop.abort('SIGTERM');
    await settled();
  }
  async function advance(ms: number): Promise<void> {
    clock.advance(ms);
    await settled();
  }
  return { timers, worker, end, state, running, port, health, advance };
}

describe('the worker as a process', () => {
  it('tells on its port whether it takes work, and how much it has in hand', async () => {
    const { worker, end, running, health } = await start();
    expect(await health()).toEqual([200, { status: 'ok', in_hand: 0 }]);
    await worker.give(deliveries(1));
    expect(await health()).toEqual([200, { status: 'ok', in_hand: 1 }]);
    await end();
    await worker.give([]);
    await worker.finishAll();
    await running;
  });

  it('is unhealthy when no work can be taken', async () => {
    const { worker, end, running, health, advance } = await start();
    for (let fault = 0; fault < 5; fault++) {
      await worker.refuse();
      await advance(1_000);
    }
    expect(await health()).toEqual([503, { status: 'unhealthy', in_hand: 0 }]);
    await end();
    await worker.give([]);
    await running;
  });

  it('drains when it is told to stop: ends with nothing in hand, no port and no timer', async () => {
    const { timers, worker, end, state, running, health, port } = await start();
    await worker.give(deliveries(1));
    await end();
    expect(await health()).toEqual([503, { status: 'unhealthy', in_hand: 1 }]);
    await worker.give([]);
    expect(state.over).toBe(false);
    await worker.finish();
    await running;
    expect(timers.pending()).toBe(0);
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed');
    expect(worker.logger.lines).toEqual([
      'info: taking work',
      'info: draining: no new work; finishing what is in hand',
      'info: drained',
    ]);
  });

  it('ends although somebody has begun a request and does not end it', async () => {
    const { worker, end, running, port } = await start();
    const socket = connect(port, '127.0.0.1');
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\n');
    // The first of the two is answered, so the second has been begun.
    await new Promise((resolve) => socket.once('data', resolve));
    await end();
    await worker.give([]);
    await running;
    await closed;
  });

  it('looks every five seconds whether its instance is taken away, and drains when it is', async () => {
    const told: { reason: string | null; looks: number } = { reason: null, looks: 0 };
    const { worker, state, running, advance } = await start(async () => {
      told.looks += 1;
      return told.reason;
    });
    await settled();
    await advance(LOOK_EVERY_MS - 1);
    expect(told.looks).toBe(1);
    await advance(1);
    expect(told.looks).toBe(2);
    told.reason = 'spot interruption';
    await advance(LOOK_EVERY_MS);
    expect([told.looks, state.over]).toEqual([3, false]);
    await worker.give([]);
    await running;
  });

  it('ends at once when it was told to stop before it began', async () => {
    const worker = createScriptedWorker();
    const timers = createFakeTimers(createFakeClock());
    const ready = deferred<number>();
    const stop = AbortSignal.abort('SIGTERM');
    const running = runWorker({
      worker,
      timers,
      logger: worker.logger,
      concurrency: 1,
      healthPort: 0,
      notice: null,
      stop,
      onReady: ready.resolve,
    });
    await ready.promise;
    await settled();
    await worker.give([]);
    await running;
    expect(worker.asked).toEqual([1]);
  });

  it('takes no work at all when its port is taken', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const { port: healthPort } = taken.address() as AddressInfo;
    const worker = createScriptedWorker();
    const timers = createFakeTimers(createFakeClock());
    const { signal: stop } = new AbortController();
    const running = runWorker({
      worker,
      timers,
      logger: worker.logger,
      concurrency: 1,
      healthPort,
      notice: null,
      stop,
    });
    await expect(running).rejects.toThrow('EADDRINUSE');
    expect([worker.asked, timers.pending()]).toEqual([[], 0]);
    await new Promise((resolve) => taken.close(resolve));
  });
});
