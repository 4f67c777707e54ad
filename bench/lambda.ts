import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { BUNDLE_ENVIRONMENT } from '../infra/bundle-environment.ts';
import { bundleBytes, bundleFunction, FUNCTION_NAMES, type FunctionName } from '../infra/bundles.ts';
import { table } from '../src/cli/table.ts';

/** What the functions' bundles weigh, and how long a cold start spends on loading them: `npm run bench:lambda`. */

const RUNS = 9;

/** KB of 1,000 bytes; ms of the median import. */
const GOALS: Partial<Record<FunctionName, { kilobytes: number; importMs?: number }>> = {
  api: { kilobytes: 600, importMs: 150 },
  worker: { kilobytes: 500 },
  relay: { kilobytes: 500 },
  audit: { kilobytes: 510 },
};

const IMPORT = `const start = performance.now();
await import(process.argv[1]);
process.stdout.write(String(performance.now() - start));`;

/** One process each time, as each cold start is one. */
function importMs(file: string): number {
  const out = execFileSync(process.execPath, ['--input-type=module', '-e', IMPORT, file], {
    env: BUNDLE_ENVIRONMENT,
  });
  return Number(out);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] as number;
}

interface Measured {
  name: FunctionName;
  kilobytes: number;
  times: readonly number[];
}

function measure(name: FunctionName): Measured {
  const folder = bundleFunction(name);
  const file = join(folder, 'index.mjs');
  return {
    name,
    kilobytes: bundleBytes(folder) / 1_000,
    times: Array.from({ length: RUNS }, () => importMs(file)),
  };
}

function missed({ name, kilobytes, times }: Measured): boolean {
  const goal = GOALS[name];
  if (!goal) return false;
  return kilobytes > goal.kilobytes || median(times) > (goal.importMs ?? Number.POSITIVE_INFINITY);
}

const measured = FUNCTION_NAMES.map(measure);
const ms = (value: number) => value.toFixed(0);
const text = table(measured, [
  { title: 'FUNCTION', of: ({ name }) => name },
  { title: 'MINIFIED', of: ({ kilobytes }) => `${ms(kilobytes)} KB` },
  { title: 'GOAL', of: ({ name }) => (GOALS[name] ? `${GOALS[name]?.kilobytes} KB` : '') },
  { title: `IMPORT, MEDIAN OF ${RUNS}`, of: ({ times }) => `${ms(median(times))} ms` },
  { title: 'RANGE', of: ({ times }) => `${ms(Math.min(...times))}–${ms(Math.max(...times))}` },
  { title: 'GOAL', of: ({ name }) => (GOALS[name]?.importMs ? `${GOALS[name]?.importMs} ms` : '') },
  { title: '', of: (one) => (missed(one) ? 'missed' : '') },
]);
process.stdout.write(`${text}\n`);
process.exitCode = measured.some(missed) ? 1 : 0;
