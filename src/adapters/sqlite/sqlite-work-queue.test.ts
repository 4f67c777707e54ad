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
