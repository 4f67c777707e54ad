import { type Options, parseOptions, USAGE } from './report/parse-options.ts';
import { renderFailure, title } from './report/render-failure.ts';
import { renderSummary } from './report/render-summary.ts';
import { runtimeOf } from './report/runtime-of.ts';
import { runPool } from './report/seed-pool.ts';
import { livesOf, missingFaults, type Summary } from './report/summary.ts';
import { runChecked } from './run-checked.ts';

/** Failures that are made small and printed whole; of further ones a line must do. */
const SHOWN_FAILURES = 3;

const options = parseOptions(process.argv.slice(2));
if (options === 'help') process.stdout.write(USAGE);
else if ('problem' in options) {
  process.stderr.write(`${options.problem}\n\n${USAGE}`);
  process.exitCode = 2;
} else if (options.seed === null) process.exitCode = await liveMany(options);
else process.exitCode = await liveOne(options.seed, options);

async function liveOne(seed: bigint, { runtime, trace }: Options): Promise<number> {
  const lives = runtimeOf(seed, runtime);
  const life = await runChecked(
    seed,
    lives,
    trace ? { trace: (line) => process.stdout.write(`${line}\n`) } : {},
  );
  const { failure, events, traceHash } = life;
  if (failure) {
    const failed = { seed: String(seed), runtime: lives, failure };
    // After a trace, that all of it is there to be read; it must be the same bytes each time, and this is.
    process.stdout.write(
      trace ? `${title(failure.invariant)}: ${failure.message}\n` : await renderFailure(failed),
    );
  }
  process.stdout.write(
    `seed ${seed} (${lives}): ${events} events, ${failure ? 'FAILED' : 'nothing broke'}\n`,
  );
  process.stdout.write(`trace ${traceHash}\n`);
  return failure ? 1 : 0;
}

async function liveMany(given: Options): Promise<number> {
  const startedMs = performance.now();
  const summary = await runPool({ ...given, onProgress: (soFar) => progress(soFar, given, startedMs) });
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  process.stdout.write(`${renderSummary(summary, performance.now() - startedMs, given.jobs)}\n`);
  return verdict(summary, given);
}

function progress(soFar: Summary, { seeds, minutes }: Options, startedMs: number): void {
  if (!process.stderr.isTTY) return;
  const seconds = (performance.now() - startedMs) / 1_000;
  const whole = seeds === null ? `${(seconds / 60).toFixed(1)} of ${minutes} minutes` : `of ${seeds}`;
  process.stderr.write(`\r\u001b[K${livesOf(soFar)} lives, ${whole}, ${soFar.failed} failed`);
}

async function verdict(summary: Summary, { from, runtime }: Options): Promise<number> {
  const last = from + BigInt(livesOf(summary)) - 1n;
  // Made small one after the other: each is many lives again.
  for (const failed of summary.failures.slice(0, SHOWN_FAILURES)) {
    process.stdout.write(`${await renderFailure(failed)}\n`);
  }
  for (const { seed, runtime: lived, failure } of summary.failures.slice(SHOWN_FAILURES)) {
    process.stdout.write(`seed ${seed} (${lived}) at event ${failure.event}: ${title(failure.invariant)}\n`);
  }
  const missing = missingFaults(summary);
  if (missing.length > 0)
    process.stdout.write(`these faults never struck, so nothing is proved: ${missing.join(', ')}\n`);
  const broke = summary.failed === 0 ? 'nothing broke' : `${summary.failed} FAILED`;
  process.stdout.write(`seeds ${from} to ${last} (${runtime}): ${broke}\n`);
  return summary.failed === 0 && missing.length === 0 ? 0 : 1;
}
