import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readAudit } from './dependency-audit.ts';

const USAGE = `Asks the registry for advisories about every package of package-lock.json ("npm audit").

  npm run audit:dependencies

Exits with 0 if none is known, and with 1 if one is. A registry that cannot be asked (a mirror, no network) proves
nothing and fails nothing: it says so, and exits with 0.
`;

const PATIENCE_MS = 60_000;
const MOST_BYTES = 64 * 1_024 * 1_024;

try {
  const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h', default: false } } });
  if (values.help) {
    process.stdout.write(USAGE);
    process.exit(0);
  }
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
  process.exit(2);
}

const { stdout } = spawnSync('npm', ['audit', '--json'], {
  cwd: join(import.meta.dirname, '../..'),
  encoding: 'utf8',
  timeout: PATIENCE_MS,
  maxBuffer: MOST_BYTES,
});
const verdict = readAudit(stdout ?? '');
switch (verdict.kind) {
  case 'clean':
    process.stdout.write(`No advisory is known about any of ${verdict.packages} packages.\n`);
    break;
  case 'not_asked':
    process.stdout.write(
      `The registry could not be asked for advisories: ${verdict.reason}. Nothing is proved.\n`,
    );
    break;
  case 'vulnerable':
    for (const finding of verdict.findings) process.stdout.write(`${finding}\n`);
    process.stdout.write(
      `Advisories are known about ${verdict.findings.length} packages: npm audit tells more.\n`,
    );
    process.exitCode = 1;
}
