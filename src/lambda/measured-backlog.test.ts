import { expect, it } from 'vitest';
import { createFakeClock } from '../adapters/memory/fake-clock.ts';
import { UnavailableError } from '../ports/faults.ts';
import { createMeasuredBacklog } from './measured-backlog.ts';
import { recordedLog } from './recorded.fixture.ts';

const LIMIT = 10;

function start(everyMs = 60_000) {
  const clock = createFakeClock();
  const logger = recordedLog();
  const load = { waiting: 0, asked: 0, isDown: false };
  const queue = {
    async depth() {
      load.asked += 1;
      if (load.isDown) throw new UnavailableError('The queue is down.');
      return { waiting: load.waiting, delayed: 1_000, inFlight: 1_000 };
    },
  };
  return {
    clock,
    logger,
    load,
    backlog: createMeasuredBacklog({ queue, clock, logger, limit: LIMIT, everyMs }),
  };
}

it('admits below the limit and sheds from it on', async () => {
  const { load, backlog } = start();
  load.waiting = LIMIT - 1;
  expect(await backlog.admit()).toBe(true);
  const other = start();
  other.load.waiting = LIMIT;
  expect(await other.backlog.admit()).toBe(false);
});

it('asks the queue once in its time, however many payments come', async () => {
  const { clock, load, backlog } = start();
  await backlog.admit();
  load.waiting = LIMIT;
  clock.advance(59_999);
  expect([await backlog.admit(), load.asked]).toEqual([true, 1]);
  clock.advance(1);
  expect([await backlog.admit(), load.asked]).toEqual([false, 2]);
});

it('asks sooner once it was full, so that room is seen', async () => {
  const { clock, load, backlog } = start();
  load.waiting = LIMIT;
  await backlog.admit();
  load.waiting = 0;
  clock.advance(4_999);
  expect(await backlog.admit()).toBe(false);
  clock.advance(1);
  expect(await backlog.admit()).toBe(true);
});

it('sheds nobody where the queue cannot be asked, and does not ask each time', async () => {
  const { logger, load, backlog } = start();
  load.isDown = true;
  expect([await backlog.admit(), await backlog.admit(), load.asked]).toEqual([true, true, 1]);
  expect(logger.lines).toEqual(['warn: the backlog could not be measured']);
});

it('measures for whoever wants to know how much waits', async () => {
  const { load, backlog } = start();
  load.waiting = 7;
  expect([await backlog.waiting(), backlog.limit]).toEqual([7, LIMIT]);
});
