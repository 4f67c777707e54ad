import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../adapters/memory/fake-clock.ts';
import { createFakeTimers } from '../adapters/memory/fake-timers.ts';
import { settled } from '../app/app.fixture.ts';
import { publishBacklog, readSharedBacklog, sharedBacklogMemory } from './shared-backlog.ts';

const LIMIT = 3;

async function shared(waiting: number) {
  const clock = createFakeClock();
  const timers = createFakeTimers(clock);
  const load = { waiting, isDown: false };
  const warned: string[] = [];
  const ignore = () => undefined;
  const memory = sharedBacklogMemory();
  const loop = publishBacklog(memory, {
    backlog: {
      limit: LIMIT,
      async waiting() {
        if (load.isDown) throw new Error('down');
        return load.waiting;
      },
    },
    timers,
    logger: {
      debug: ignore,
      info: ignore,
      warn: (_: object, text: string) => warned.push(text),
      error: ignore,
    },
  });
  await settled();
  const threads = [readSharedBacklog(memory, LIMIT), readSharedBacklog(memory, LIMIT)] as const;
  async function advance(ms: number): Promise<void> {
    clock.advance(ms);
    await settled();
  }
  return { threads, load, loop, advance, warned };
}

describe('the backlog that threads share', () => {
  it('admits no more between two measurements than there is room for, whichever thread is asked', async () => {
    const { threads, loop } = await shared(1);
    const [one, other] = threads;
    expect([await one.admit(), await other.admit(), await one.admit(), await other.admit()]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    await loop.stop();
  });

  it('is measured soon again while it is full, and forgets then what was admitted since', async () => {
    const { threads, load, advance, loop } = await shared(LIMIT);
    expect(await threads[0].admit()).toBe(false);
    load.waiting = 0;
    await advance(5);
    expect(await threads[1].admit()).toBe(true);
    await loop.stop();
  });

  it('is measured every 100 ms while there is room', async () => {
    const { threads, load, advance, loop } = await shared(0);
    load.waiting = LIMIT;
    await advance(99);
    expect(await threads[0].admit()).toBe(true);
    await advance(1);
    expect(await threads[0].admit()).toBe(false);
    await loop.stop();
  });

  it('keeps its last measurement, and says so, when it cannot be measured', async () => {
    const { threads, load, advance, loop, warned } = await shared(0);
    load.isDown = true;
    await advance(100);
    expect([await threads[0].admit(), warned]).toEqual([true, ['the backlog could not be measured']]);
    await loop.stop();
  });
});
