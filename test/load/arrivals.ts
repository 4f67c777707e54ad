export interface ArrivalsDeps {
  /** In ms, from any beginning. */
  now(): number;
  /** Resolves after that time, or later; with 0 after whatever else is ready has had its turn. */
  sleep(ms: number): Promise<void>;
  /** From 0 to below 1. */
  random(): number;
}

/** Requests sent in one go when it is behind, before answers are read again. */
const MOST_AT_ONCE = 64;

/**
 * Open loop: calls `send` for each request with the moment at which it was due. These moments are drawn beforehand, as
 * of a Poisson process, and depend on no answer and on no delay: a server that stalls is charged for everyone who
 * came meanwhile (no coordinated omission).
 */
export async function sendArrivals(
  { startMs, seconds, ratePerSecond }: { startMs: number; seconds: number; ratePerSecond: number },
  { now, sleep, random }: ArrivalsDeps,
  send: (dueMs: number) => void,
): Promise<void> {
  const endMs = startMs + seconds * 1_000;
  const gapMs = () => (-Math.log(1 - random()) * 1_000) / ratePerSecond;
  let atOnce = 0;
  for (let dueMs = startMs + gapMs(); dueMs < endMs; dueMs += gapMs()) {
    let waitMs = dueMs - now();
    if (waitMs > 0) atOnce = 0;
    else if (++atOnce % MOST_AT_ONCE === 0) await sleep(0);
    // A timer may fire early by a part of a millisecond.
    for (; waitMs > 0; waitMs = dueMs - now()) await sleep(waitMs);
    send(dueMs);
  }
}
