import { spawnSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { delimiter, dirname, join, resolve } from 'node:path';
import { findingsTable } from './nag/findings-table.ts';
import { REPORT_FILE, readValidationReport } from './nag/validation-report.ts';

/**
 * `npm run synth -- -c key=value …`: synthesises into cdk.out/, without an account and without a network, and prints
 * what the packs found. The suffix is `dev` if none is given.
 */
const root = resolve(import.meta.dirname, '..');
const given = process.argv.slice(2);
const namesSuffix = given.some((argument) => /^(--context=|-c=?)?environmentSuffix=/.test(argument));
const output = join(root, 'cdk.out');
// That of an earlier run would say nothing of this one.
rmSync(join(output, REPORT_FILE), { force: true });
const { status } = spawnSync(
  process.execPath,
  [
    join(root, 'node_modules/aws-cdk/bin/cdk'),
    'synth',
    '--quiet',
    ...(namesSuffix ? [] : ['-c', 'environmentSuffix=dev']),
    ...given,
  ],
  {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
    // The CDK starts the app by the name `node`, which must be this one.
    env: { ...process.env, PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH}` },
  },
);
if (existsSync(join(output, REPORT_FILE))) {
  process.stdout.write(`${findingsTable([readValidationReport(output)])}\n`);
  if (status === 0) process.stdout.write(`\nSynthesised: ${join('cdk.out', 'Payment.template.json')}\n`);
}
process.exitCode = status ?? 1;
