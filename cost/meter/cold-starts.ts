import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BUNDLE_ENVIRONMENT } from '../../infra/bundle-environment.ts';
import { bundleFunction, FUNCTION_NAMES } from '../../infra/bundles.ts';
import type { FunctionName } from '../template/facts.ts';
import { calibrate, median, REFERENCE_MS } from './calibration.ts';

const RUNS = 5;

const LOAD = `const before = process.cpuUsage();
await import(process.argv[1]);
const { user, system } = process.cpuUsage(before);
process.stdout.write(String((user + system) / 1_000));
process.exit(0);`;

/** Processor time of loading each bundle in a process of its own, in ms on the reference machine: the median. */
export function coldStarts(): Record<FunctionName, number> {
  const entries = FUNCTION_NAMES.map((name) => {
    const file = pathToFileURL(join(bundleFunction(name), 'index.mjs')).href;
    const times = Array.from({ length: RUNS }, () => {
      const scale = REFERENCE_MS / calibrate();
      const said = execFileSync(process.execPath, ['--input-type=module', '-e', LOAD, file], {
        env: BUNDLE_ENVIRONMENT,
      });
      return Number(said) * scale;
    });
    return [name, Number(median(times).toFixed(1))] as const;
  });
  return Object.fromEntries(entries) as Record<FunctionName, number>;
}
