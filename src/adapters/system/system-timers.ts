import type { Timers } from '../../ports/clock.ts';

/** The longest delay that setTimeout knows; a longer one would end at once. */
const MAX_DELAY_MS = 2 ** 31 - 1;

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const wake = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    signal?.addEventListener('abort', wake, { once: true });
  });
}

export function createSystemTimers(): Timers {
  return {
    async sleep(ms, signal) {
      for (let leftMs = ms; !signal?.aborted; leftMs -= MAX_DELAY_MS) {
        await pause(Math.min(leftMs, MAX_DELAY_MS), signal);
        if (leftMs <= MAX_DELAY_MS) return;
      }
    },

    after(ms, late) {
      const timer = setTimeout(late, Math.min(ms, MAX_DELAY_MS));
      return () => clearTimeout(timer);
    },
  };
}
