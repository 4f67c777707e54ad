import { describeWorkQueue } from '../../ports/work-queue.contract.ts';
import { createFakeClock } from './fake-clock.ts';
import { createMemoryWorkQueue } from './memory-work-queue.ts';

const visibilityTimeoutMs = 30_000;

describeWorkQueue('the memory work queue', async () => {
  const clock = createFakeClock(Date.parse('2026-03-02T09:30:00.000Z'));
  return {
    queue: createMemoryWorkQueue({ clock, visibilityTimeoutMs }),
    visibilityTimeoutMs,
    advance: async (ms) => {
      clock.advance(ms);
    },
    close: async () => undefined,
  };
});
