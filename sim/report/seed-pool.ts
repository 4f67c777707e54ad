import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { RuntimeChoice } from './runtime-of.ts';
import type { Chunk } from './seed-worker.ts';
import { addSummary, emptySummary, type Summary } from './summary.ts';

export interface PoolOptions {
  from: bigint;
  /** Null: until `minutes` are over. */
  seeds: number | null;
  minutes: number | null;
  runtime: RuntimeChoice;
  jobs: number;
  /** Told after each chunk. */
  onProgress: (soFar: Summary) => void;
}

/** Lives that a worker is told at once: a fraction of a second. */
const CHUNK_SEEDS = 20;

/** Lives the seeds in worker processes; rejects if one of them dies. */
export async function runPool(options: PoolOptions): Promise<Summary> {
  const { from, seeds, minutes, runtime, jobs, onProgress } = options;
  const endsMs = minutes === null ? Number.POSITIVE_INFINITY : performance.now() + minutes * 60_000;
  const summary = emptySummary();
  let given = 0;

  function next(): Chunk | null {
    const left = (seeds ?? Number.MAX_SAFE_INTEGER) - given;
    if (left <= 0 || performance.now() >= endsMs) return null;
    const count = Math.min(CHUNK_SEEDS, left);
    const chunk = { from: String(from + BigInt(given)), count, runtime };
    given += count;
    return chunk;
  }

  async function work(): Promise<void> {
    const first = next();
    if (!first) return;
    const worker = fork(join(import.meta.dirname, 'seed-worker.ts'), {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    try {
      for (let chunk: Chunk | null = first; chunk; chunk = next()) {
        addSummary(summary, await live(worker, chunk));
        onProgress(summary);
      }
    } finally {
      worker.kill();
    }
  }

  await Promise.all(Array.from({ length: jobs }, work));
  return summary;
}

function live(worker: ChildProcess, chunk: Chunk): Promise<Summary> {
  return new Promise((resolve, reject) => {
    const died = (code: number | null, signal: string | null) =>
      reject(
        new Error(`A worker died (${signal ?? code}) in seeds ${chunk.from} and the next ${chunk.count}.`),
      );
    worker.once('exit', died);
    worker.once('message', (summary) => {
      worker.off('exit', died);
      resolve(summary as Summary);
    });
    worker.send(chunk);
  });
}
