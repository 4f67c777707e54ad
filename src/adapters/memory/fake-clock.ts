import type { Clock } from '../../ports/clock.ts';

/** A clock that stands still until it is told to move. */
export interface FakeClock extends Clock {
  /** Sets the time, backwards too. */
  set(epochMs: number): void;
  advance(ms: number): void;
  /** Calls `listener` after each move. Answers how to stop. */
  onMove(listener: () => void): () => void;
}

export function createFakeClock(startMs = Date.UTC(2026, 0, 1)): FakeClock {
  let nowMs = startMs;
  const listeners = new Set<() => void>();
  const clock: FakeClock = {
    now: () => nowMs,
    set(epochMs) {
      nowMs = epochMs;
      for (const listener of [...listeners]) listener();
    },
    advance: (ms) => clock.set(nowMs + ms),
    onMove(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  return clock;
}
