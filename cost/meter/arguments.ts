import { parseArgs } from 'node:util';

export const USAGE = `Runs the real functions over a mix of payments on emulators, and counts every billable unit: request units of
DynamoDB by table and index, requests to SQS, S3 and Secrets Manager, bytes stored, logged and answered, waits for
each service, and processor time. The mix is cost/mix/mix.json; the figures are cost/meter/measured.json.

  npm run cost:meter -- [options]

  --check   count again, and fail if a count is not the one in the file: names it, and what it was. No processor
            time is taken, so it needs half as long
  --json    print the figures and do not write them; with --check, print them and check them too
  --help    this text

The exit code is 0 if the figures were written or are the same, 1 if a count has changed, 2 if nothing could be
metered. Needs Java, for DynamoDB Local. Processor time is best measured on a machine that does nothing else.
`;

export type MeterTask = 'write' | 'print' | 'check' | 'check-and-print' | 'help';

/** @throws Error that says what was received and what to give */
export function parseMeterArguments(args: readonly string[]): MeterTask {
  const { values } = parseArgs({
    args: [...args],
    options: {
      check: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return 'help';
  if (values.check) return values.json ? 'check-and-print' : 'check';
  return values.json ? 'print' : 'write';
}
