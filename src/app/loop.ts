import type { Timers } from '../ports/clock.ts';

export interface Loop {
  /** There may be something to do: look now instead of after the pause. */
  wake(): void;
  /** Resolves when the step that is running, if any, has ended; none is started after it. */
  stop(): Promise<void>;
}

export interface LoopOptions {
  /** One bounded step; whether there is more to do at once. */
  step: () => Promise<boolean>;
  /** Pause when there is nothing to do, in ms; asked each time where it is a function. */
  idleMs: number | (() => number);
  timers: Timers;
  onError: (error: unknown) => void;
}

/** Pause after a step that failed, in ms: whatever failed is given time, and the log is not flooded. */
const ERROR_PAUSE_MS = 500;

/** Drives a step of the core on a machine that has no triggers (design §2.9). */
export function startLoop({ step, idleMs, timers, onError }: LoopOptions): Loop {
  const stopping = new AbortController();
  let stopped = false;
  let woken = false;
  let nap: AbortController | null = null;

  async function pause(ms: number): Promise<void> {
    nap = new AbortController();
    await timers.sleep(ms, nap.signal);
    nap = null;
  }

  async function run(): Promise<void> {
    while (!stopped) {
      woken = false;
      try {
        const more = await step();
        if (!more && !woken && !stopped) await pause(typeof idleMs === 'number' ? idleMs : idleMs());
      } catch (error) {
        onError(error);
        // Being woken does not cut this short: under load that would be at once, and forever.
        await timers.sleep(ERROR_PAUSE_MS, stopping.signal);
      }
    }
  }

  const running = run();
  return {
    wake() {
      woken = true;
      nap?.abort('woken');
    },
    async stop() {
      stopped = true;
      stopping.abort('stopped');
      nap?.abort('stopped');
      await running;
    },
  };
}
