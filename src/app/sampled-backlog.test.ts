import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../adapters/memory/fake-clock.ts';
import { createFakeTimers } from '../adapters/memory/fake-timers.ts';
import { UnavailableError } from '../ports/faults.ts';
import { settled } from './app.fixture.ts';
import { createSampledBacklog } from './sampled-backlog.ts';

const SAMPLE_EVERY_MS = 5_000;

function start(waiting: number) {
  const clock = createFakeClock();
  const timers = createFakeTimers(clock);
  const load = { waiting, asked: 0, isDown: false };
  const warned: string[] = [];
  const ignore = () => undefined;
  const queue = {
    async depth() {
      load.asked += 1;
      if (load.isDown) throw new UnavailableError('The queue is down.');
      return { waiting: load.waiting, delayed: 1_000, inFlight: 1_000 };
    },
  };
  const logger = {
    debug: ignore,
    info: ignore,
    warn: (_: object, text: string) => warned.push(text),
    error: ignore,
  };
  const backlog = createSampledBacklog({ queue, timers, logger, limit: 10 });
  async function advance(ms: number): Promise<void> {
    clock.advance(ms);
    await settled();
  }
  return { timers, load, warned, backlog, advance };
}

describe('the sampled backlog', () => {
  it('admits by the last measurement, and asks the queue nothing for a request', async () => {
    const { load, backlog, advance } = start(10);
    expect([await backlog.admit(), backlog.limit]).toEqual([true, 10]);
    const loop = backlog.start();
    await settled();
    expect(await backlog.admit()).toBe(false);
    load.waiting = 9;
    await advance(SAMPLE_EVERY_MS - 1);
    expect([await backlog.admit(), load.asked]).toEqual([false, 1]);
    await advance(1);
    expect([await backlog.admit(), load.asked]).toEqual([true, 2]);
    await loop.stop();
  });

  it('goes by the last measurement while the queue cannot be asked, and asks it again', async () => {
    const { load, warned, backlog, advance } = start(10);
    const loop = backlog.start();
    await settled();
    load.isDown = true;
    await advance(SAMPLE_EVERY_MS);
    expect(await backlog.admit()).toBe(false);
    expect(warned).toEqual(['the queue could not be measured']);
    Object.assign(load, { isDown: false, waiting: 0 });
    await advance(SAMPLE_EVERY_MS);
    expect(await backlog.admit()).toBe(true);
    await loop.stop();
  });

  it('measures at once for those who ask how much there is, and goes by that too', async () => {
    const { backlog } = start(10);
    expect(await backlog.waiting()).toBe(10);
    expect(await backlog.admit()).toBe(false);
  });

  it('leaves no timer behind when it is stopped', async () => {
    const { timers, backlog, load } = start(0);
    const loop = backlog.start();
    await settled();
    expect(timers.pending()).toBe(1);
    await loop.stop();
    expect([timers.pending(), load.asked]).toEqual([0, 1]);
  });
});
