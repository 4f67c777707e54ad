import { createSystemTimers } from '../src/adapters/system/system-timers.ts';
import { ServerGoneError } from './client.ts';
import type { Merchant } from './merchant.ts';
import type { Planned } from './plan.ts';
import { SCENARIOS } from './scenarios.ts';

/** A day takes this long, and longer if more is to be done than a merchant's rate limit is meant for. */
const SHORTEST_DAY_MS = 9_000;
const MS_PER_PAYMENT = 4;
/** Payments that are seen to at once; who comes later waits in line, as when a server is slow. */
const AT_ONCE = 64;

const timers = createSystemTimers();

/** Plays the day: each payment begins at its time. Stops at once if the server is gone. */
export async function playDay(
  day: readonly Planned[],
  merchant: Merchant,
  /** Told whenever a payment has been seen to; `at` is the time of day of the latest, from 0 to 1. */
  progress: (done: number, at: number) => void,
): Promise<void> {
  const dayMs = Math.max(SHORTEST_DAY_MS, day.length * MS_PER_PAYMENT);
  const startedAt = performance.now();
  const active = new Set<Promise<void>>();
  let gone: ServerGoneError | null = null;
  let done = 0;
  let latest = 0;

  async function play(planned: Planned): Promise<void> {
    try {
      await SCENARIOS[planned.scenario].act(merchant, planned);
    } catch (error) {
      if (!(error instanceof ServerGoneError)) throw error;
      gone ??= error;
    }
    done++;
    latest = Math.max(latest, planned.at);
    progress(done, latest);
  }

  for (const planned of day) {
    await timers.sleep(Math.max(0, planned.at * dayMs - (performance.now() - startedAt)));
    if (active.size >= AT_ONCE) await Promise.race(active);
    if (gone) break;
    const playing = play(planned).finally(() => active.delete(playing));
    active.add(playing);
  }
  await Promise.all(active);
  if (gone) throw gone;
}
