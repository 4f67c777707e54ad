import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../adapters/memory/fake-clock.ts';
import { createFakeTimers } from '../adapters/memory/fake-timers.ts';
import { createSeededIds } from '../adapters/memory/seeded-ids.ts';
import { settled } from '../app/app.fixture.ts';
import type { Asked } from '../http/app.ts';
import { UnavailableError } from '../ports/faults.ts';
import { reopening } from './reopening.ts';

type Parts = Parameters<typeof reopening>[0];

const EIO = new UnavailableError('EIO: i/o error, fdatasync');
const PAUSE_MS = 1_000;
const ASKED = {} as Asked;

/** @param openings how the openings after the first end: an error, a disk whose probe fails, or well */
function start(openings: readonly ('cannot open' | 'cannot write' | 'well')[]) {
  const clock = createFakeClock(0);
  const timers = createFakeTimers(clock);
  const events: string[] = [];
  const logged: string[] = [];
  const note = (_fields: object, message: string) => void logged.push(message);
  let opened = 0;

  function parts(name: string, canWrite: boolean): Parts & { fail(): void } {
    let listener: (error: UnavailableError) => void = () => undefined;
    return {
      app: {
        answer: async () => ({ status: 200, headers: {}, body: name }),
        mountAt: () => null,
        show: async () => new Response(name),
      },
      edge: name,
      ids: createSeededIds(1),
      timers,
      outcome: { release: () => void events.push(`${name} releases`) },
      database: {
        write: async (work) => {
          if (!canWrite) throw EIO;
          return work();
        },
        onBroken: (heard) => {
          listener = heard;
        },
      },
      start: (url) => {
        events.push(`${name} starts at ${url}`);
        return { stop: async () => void events.push(`${name} stops`) };
      },
      close: async () => {
        events.push(`${name} closes`);
        if (name === 'first') throw EIO;
      },
      fail: () => listener(EIO),
    };
  }

  const first = parts('first', true);
  const later: ReturnType<typeof parts>[] = [];
  async function open(): Promise<Parts> {
    const how = openings[opened++];
    if (how === 'cannot open') throw EIO;
    const made = parts(`opening ${opened}`, how === 'well');
    later.push(made);
    return made;
  }
  const service = reopening(first, open, { debug: note, info: note, warn: note, error: note });
  const running = service.start('http://here');
  async function pass(ms: number): Promise<void> {
    await settled();
    clock.advance(ms);
    await settled();
  }
  return { service, running, first, later, events, logged, pass, timers };
}

describe('a service whose disk failed', () => {
  it('closes what it had, opens it anew, and goes on with that', async () => {
    const { service, running, first, events, pass } = start(['well']);
    first.fail();
    await pass(0);
    expect(events).toEqual([
      'first starts at http://here',
      'first releases',
      'first stops',
      'first closes',
      'opening 1 starts at http://here',
    ]);
    expect((await service.app.answer(ASKED)).body).toBe('opening 1');
    service.outcome.release();
    await running.stop();
    await service.close();
    expect(events.slice(5)).toEqual(['opening 1 releases', 'opening 1 stops', 'opening 1 closes']);
  });

  it('tries until the disk takes a write, with pauses, and starts nothing before', async () => {
    const { service, first, events, pass } = start(['cannot open', 'cannot write', 'well']);
    first.fail();
    await pass(0);
    expect((await service.app.answer(ASKED)).body).toBe('first');
    await pass(PAUSE_MS - 1);
    expect(events.at(-1)).toBe('first closes');
    await pass(1);
    expect(events.at(-1)).toBe('opening 2 closes');
    await pass(PAUSE_MS);
    expect(events.at(-1)).toBe('opening 3 starts at http://here');
  });

  it('does so as often as the disk fails', async () => {
    const { service, first, later, pass } = start(['well', 'well']);
    first.fail();
    await pass(0);
    later[0]?.fail();
    await pass(0);
    expect((await service.app.answer(ASKED)).body).toBe('opening 2');
  });

  it('stops at once when it is told to while nothing is open, and closes nothing twice', async () => {
    const { service, running, first, events, pass, timers } = start(['cannot open', 'well']);
    first.fail();
    await pass(0);
    await running.stop();
    await service.close();
    expect(events.at(-1)).toBe('first closes');
    expect(timers.pending()).toBe(0);
  });
});

it('a service whose disk is sound is stopped and closed as it is', async () => {
  const { service, running, events } = start([]);
  await running.stop();
  expect(events).toEqual(['first starts at http://here', 'first stops']);
  await expect(service.close()).rejects.toThrow('EIO');
});
