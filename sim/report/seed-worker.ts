import { runChecked } from '../run-checked.ts';
import { type RuntimeChoice, runtimeOf } from './runtime-of.ts';
import { addLife, emptySummary } from './summary.ts';

/** Seeds `from` … `from + count - 1`, as they go from process to process. */
export interface Chunk {
  from: string;
  count: number;
  runtime: RuntimeChoice;
}

/** A worker process: lives the seeds that it is told, and tells what came of them. */
process.on('message', async ({ from, count, runtime }: Chunk) => {
  const summary = emptySummary();
  const before = process.cpuUsage();
  for (let n = 0n; n < BigInt(count); n += 1n) {
    const seed = BigInt(from) + n;
    addLife(summary, await runChecked(seed, runtimeOf(seed, runtime)));
  }
  // Of the processor, not of the clock: who else works on this machine has nothing to do with it.
  const { user, system } = process.cpuUsage(before);
  summary.busyMs = (user + system) / 1_000;
  process.send?.(summary);
});
