import type { Timers } from '../../ports/clock.ts';
import type { FakeClock } from './fake-clock.ts';

/** Sleeps that end when the fake clock reaches their time, earliest first. */
export interface FakeTimers extends Timers {
  /** How many sleep now: 0 at the end of a test that leaks none. */
  pending(): number;
  /** When the next one wakes, in epoch ms; null if none sleeps. */
  nextAtMs(): number | null;
}

interface Sleeper {
  wakeAtMs: number;
  wake: () => void;
}

export function createFakeTimers(clock: FakeClock): FakeTimers {
  const sleepers = new Set<Sleeper>();

  function inOrder(): Sleeper[] {
    return [...sleepers].sort((one, other) => one.wakeAtMs - other.wakeAtMs);
  }

  clock.onMove(() => {
    // One who wakes may call off another whose time has come too.
    for (const sleeper of inOrder()) {
      if (sleepers.has(sleeper) && sleeper.wakeAtMs <= clock.now()) sleeper.wake();
    }
  });

  return {
    sleep(ms, signal) {
      if (ms <= 0 || signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const wake = (): void => {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', wake);
          resolve();
        };
        const sleeper: Sleeper = { wakeAtMs: clock.now() + ms, wake };
        sleepers.add(sleeper);
        signal?.addEventListener('abort', wake, { once: true });
      });
    },
    after(ms, late) {
      const sleeper: Sleeper = {
        wakeAtMs: clock.now() + ms,
        wake: () => {
          sleepers.delete(sleeper);
          late();
        },
      };
      sleepers.add(sleeper);
      return () => sleepers.delete(sleeper);
    },
    pending: () => sleepers.size,
    nextAtMs: () => inOrder()[0]?.wakeAtMs ?? null,
  };
}
