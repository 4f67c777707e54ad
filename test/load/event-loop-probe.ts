import { appendFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * Loaded into the server under test (`--import`), since nothing outside sees its event loop or its heap: writes a line a
 * second to LOAD_VITALS_FILE. On SIGUSR2 it collects garbage first, so that what is left is what is really held.
 */
export interface InsideVitals {
  atMs: number;
  /** How late the event loop was in this second: longest, and 99 % of the looks every 5 ms. */
  loopMaxMs: number;
  loopP99Ms: number;
  heapUsedBytes: number;
  /** Of the heap, right after a collection that was asked for; else null. */
  settledHeapBytes: number | null;
}

const RESOLUTION_MS = 5;
const EVERY_MS = 1_000;
const NANOSECONDS_PER_MS = 1e6;

const file = process.env.LOAD_VITALS_FILE;
if (file !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  const report = (settledHeapBytes: number | null) => {
    const late = (nanoseconds: number) => Math.max(0, nanoseconds / NANOSECONDS_PER_MS - RESOLUTION_MS);
    const line: InsideVitals = {
      atMs: Date.now(),
      loopMaxMs: late(delay.max),
      loopP99Ms: late(delay.percentile(99)),
      heapUsedBytes: process.memoryUsage().heapUsed,
      settledHeapBytes,
    };
    delay.reset();
    appendFileSync(file, `${JSON.stringify(line)}\n`);
  };
  setInterval(() => report(null), EVERY_MS).unref();
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  process.on('SIGUSR2', () => {
    if (typeof collect === 'function') collect();
    report(process.memoryUsage().heapUsed);
  });
}
