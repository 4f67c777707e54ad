import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { componentsOf, differenceOf, renderComponents } from './components.ts';

const USAGE = `The software bill of materials: every package of package-lock.json, by "npm sbom".

  npm run sbom                         writes docs/components.txt anew
  npm run sbom:check                   fails if docs/components.txt is not what it would write
  npm run sbom -- --cyclonedx <file>   also writes the whole bill (CycloneDX 1.5, JSON) to that file

Of the lock file, not of node_modules: the same on every platform. ("npm sbom --omit dev" on an installation leaves
out most of what the AWS SDK brings.)
`;

const ROOT = join(import.meta.dirname, '../..');
const COMMITTED = join(ROOT, 'docs/components.txt');
const MOST_BYTES = 64 * 1_024 * 1_024;

function options() {
  try {
    return parseArgs({
      options: {
        check: { type: 'boolean', default: false },
        cyclonedx: { type: 'string' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }).values;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`);
    process.exit(2);
  }
}

const { check, cyclonedx, help } = options();
if (help) {
  process.stdout.write(USAGE);
  process.exit(0);
}
const bill = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only'], {
  cwd: ROOT,
  encoding: 'utf8',
  maxBuffer: MOST_BYTES,
});
if (cyclonedx !== undefined) writeFileSync(cyclonedx, bill);
const components = componentsOf(JSON.parse(bill));
const text = renderComponents(components);
const runtime = components.filter(({ use }) => use === 'runtime').length;
const counted = `${components.length} components, ${runtime} of them at run time`;
const name = relative(ROOT, COMMITTED);

if (!check) {
  writeFileSync(COMMITTED, text);
  process.stdout.write(`${name}: ${counted}\n`);
} else {
  const { added, gone } = differenceOf(readFileSync(COMMITTED, 'utf8'), text);
  for (const line of added) process.stdout.write(`+ ${line}\n`);
  for (const line of gone) process.stdout.write(`- ${line}\n`);
  if (added.length + gone.length === 0) process.stdout.write(`${name} is what is locked: ${counted}\n`);
  else {
    process.stdout.write(
      `${name} is not what is locked. If the change is meant: npm run sbom, and say why.\n`,
    );
    process.exitCode = 1;
  }
}
