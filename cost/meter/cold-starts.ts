import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleFunction, FUNCTION_NAMES } from '../../infra/bundles.ts';
import type { FunctionName } from '../template/facts.ts';
import { calibrate, median, REFERENCE_MS } from './calibration.ts';

const RUNS = 5;

/** As the stack sets them: a missing one fails the start. Nothing of it is asked for by loading. */
const ENVIRONMENT = {
  AWS_REGION: 'us-east-1',
  STORE: 'dynamodb',
  TABLE_NAME: 'payments-cost',
  CONTROL_TABLE_NAME: 'payment-control-cost',
  QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/000000000000/payment-queue-cost',
  DLQ_URL: 'https://sqs.us-east-1.amazonaws.com/000000000000/payment-dlq-cost',
  BUCKET_NAME: 'payment-audit-logs-cost',
  FAILED_EVENTS_BUCKET: 'payment-failed-events-cost',
  SECRET_ID: 'payment-db-credentials-cost',
  DEPLOYMENT: 'cost',
};

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
        env: ENVIRONMENT,
      });
      return Number(said) * scale;
    });
    return [name, Number(median(times).toFixed(1))] as const;
  });
  return Object.fromEntries(entries) as Record<FunctionName, number>;
}
