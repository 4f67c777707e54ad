import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../adapters/memory/fake-clock.ts';
import { createMemoryPaymentStore } from '../adapters/memory/memory-payment-store.ts';
import { createMemoryWorkQueue } from '../adapters/memory/memory-work-queue.ts';
import { createBacklog } from './backlog.ts';

function start(limit: number) {
  const clock = createFakeClock();
  const load = { changes: 0, waiting: 0, samples: 0 };
  const lag = () => {
    if (load.changes < 0) throw new Error('The feed is gone.');
    return load.changes;
  };
  const feed = { ...createMemoryPaymentStore({ consumers: [] }), lag };
  const queue = {
    ...createMemoryWorkQueue({ clock, visibilityTimeoutMs: 60_000 }),
    async depth() {
      load.samples++;
      if (load.waiting < 0) throw new Error('The queue is down.');
      return { waiting: load.waiting, delayed: 1_000, inFlight: 1_000 };
    },
  };
  const backlog = createBacklog({ feed, queue, clock, limit });
  const admitted = async (count: number) => {
    const answers = await Promise.all(Array.from({ length: count }, () => backlog.admit()));
    return answers.filter(Boolean).length;
  };
  return { clock, load, backlog, admitted };
}

describe('the backlog', () => {
  it('is what the relay has not seen and what is ready in the queue', async () => {
    const { load, backlog } = start(10);
    Object.assign(load, { changes: 3, waiting: 4 });
    expect(await backlog.waiting()).toBe(7);
  });

  it('admits up to its limit, and not one more', async () => {
    const { load, admitted } = start(10);
    Object.assign(load, { changes: 3, waiting: 4 });
    expect(await admitted(10)).toBe(3);
    expect(await admitted(10)).toBe(0);
  });

  it('does not let a burst slip in, neither before the first measurement nor between two', async () => {
    const { clock, load, admitted } = start(10);
    expect(await admitted(4)).toBe(4);
    clock.advance(4);
    expect(await admitted(100)).toBe(6);
    expect(load.samples).toBe(1);
  });

  it('measures anew every 100 ms, and every 5 ms while it is full', async () => {
    const { clock, load, admitted } = start(10);
    await admitted(1);
    clock.advance(99);
    await admitted(1);
    expect(load.samples).toBe(1);
    clock.advance(1);
    load.waiting = 10;
    expect(await admitted(1)).toBe(0);
    expect(load.samples).toBe(2);
    load.waiting = 9;
    clock.advance(4);
    expect(await admitted(1)).toBe(0);
    expect(load.samples).toBe(2);
    clock.advance(1);
    expect(await admitted(5)).toBe(1);
    expect(load.samples).toBe(3);
  });

  it('measures anew when the clock was set back', async () => {
    const { clock, load, admitted } = start(10);
    await admitted(1);
    load.waiting = 10;
    clock.advance(-60_000);
    expect(await admitted(1)).toBe(0);
  });

  it('refuses with a fault, and not for ever, when it cannot be measured', async () => {
    const { clock, load, backlog } = start(10);
    load.waiting = -1;
    await expect(backlog.admit()).rejects.toThrow('The queue is down.');
    Object.assign(load, { waiting: 1, changes: -1 });
    clock.advance(100);
    await expect(backlog.admit()).rejects.toThrow('The feed is gone.');
    load.changes = 0;
    clock.advance(100);
    expect(await backlog.admit()).toBe(true);
  });
});
