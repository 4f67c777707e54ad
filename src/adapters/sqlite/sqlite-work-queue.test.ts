import { expect, it } from 'vitest';
import { describeWorkQueue } from '../../ports/work-queue.contract.ts';
import { openTestDatabase } from './sqlite.fixture.ts';
import { createSqliteWorkQueue } from './sqlite-work-queue.ts';

const visibilityTimeoutMs = 30_000;

describeWorkQueue('the SQLite work queue', async () => {
  let nowMs = Date.parse('2026-03-02T09:30:00.000Z');
  const { database, remove } = openTestDatabase();
  return {
    queue: createSqliteWorkQueue(database, { clock: { now: () => nowMs }, visibilityTimeoutMs }),
    visibilityTimeoutMs,
    advance: async (ms) => {
      nowMs += ms;
    },
    close: remove,
  };
});

it('has what a dead server held ready again at once, as received before, and leaves delayed messages alone', async () => {
  const { database, remove } = openTestDatabase();
  const clock = { now: () => 1_000_000 };
  const item = {
    merchant_id: 'm_1',
    livemode: false,
    payment_id: 'p1',
    operation_id: 'charge.1',
    attempt: 0,
  };
  const before = createSqliteWorkQueue(database, { clock, visibilityTimeoutMs });
  await before.send([item]);
  await before.send([{ ...item, payment_id: 'later' }], 5_000);
  await before.receive(10);

  const beside = createSqliteWorkQueue(database, { clock, visibilityTimeoutMs });
  expect(await beside.receive(10)).toEqual([]);
  const after = createSqliteWorkQueue(database, { clock, visibilityTimeoutMs, soleReader: true });
  expect(await after.receive(10)).toMatchObject([{ item, receiveCount: 2 }]);
  await remove();
});

it('counts a long queue for no more than a small part of the time', async () => {
  const { database, remove } = openTestDatabase();
  let nowMs = 1_000_000;
  let looks = 0;
  // Each look at the clock takes 4 ms, so that counting seems to take as long.
  const clock = { now: () => nowMs + 4 * looks++ };
  const queue = createSqliteWorkQueue(database, { clock, visibilityTimeoutMs });
  const item = {
    merchant_id: 'm_1',
    livemode: false,
    payment_id: 'p1',
    operation_id: 'charge.1',
    attempt: 0,
  };
  const waiting = async () => (await queue.depth()).waiting;
  expect(await waiting()).toBe(0);
  await queue.send([item]);
  expect(await waiting()).toBe(0);
  nowMs += 80;
  expect(await waiting()).toBe(1);
  nowMs -= 10_000;
  expect(await waiting()).toBe(0);
  await remove();
});

it('writes nothing when there is nothing to receive', async () => {
  const { database, remove } = openTestDatabase();
  const commits: unknown[] = [];
  const counting = {
    ...database,
    write: <T>(work: () => T, options?: { durable: boolean }) => {
      commits.push(work);
      return database.write(work, options);
    },
  };
  const clock = { now: () => 1_000_000 };
  const queue = createSqliteWorkQueue(counting, { clock, visibilityTimeoutMs });
  expect([await queue.receive(10), commits.length]).toEqual([[], 0]);
  await remove();
});
