import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Sources } from '../gather.ts';
import type { CostIo } from '../run-cost.ts';
import { UnusableError } from '../unusable-error.ts';
import { renderDocs } from './render-docs.ts';

const USAGE = `Usage: npm run cost:docs [-- --check]

Writes docs/cost.md and docs/cost/*.svg from the template, what is metered, the mix and the prices.

  --check  writes nothing, and ends with 1 if a file is not what they give
  --help   this text
`;

/**
 * `npm run cost:docs`.
 * @param root folder that the files' paths start from
 * @returns the exit code: 1 if a file is stale, 2 for what cannot be understood or worked out
 */
export async function runDocs(
  argv: readonly string[],
  io: CostIo,
  sources: Sources,
  root: string,
): Promise<number> {
  const options = parsed(argv);
  if ('problem' in options) {
    io.err(`${options.problem}\n\n${USAGE}`);
    return 2;
  }
  if (options.help) {
    io.out(USAGE);
    return 0;
  }
  try {
    const files = await renderDocs(sources);
    return options.check ? check(files, root, io) : write(files, root);
  } catch (error) {
    if (!(error instanceof UnusableError)) throw error;
    io.err(`${error.message}\n`);
    return 2;
  }
}

function parsed(argv: readonly string[]): { check: boolean; help: boolean } | { problem: string } {
  try {
    const { values } = parseArgs({
      args: [...argv],
      options: { check: { type: 'boolean' }, help: { type: 'boolean' } },
    });
    return { check: values.check === true, help: values.help === true };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

function write(files: ReadonlyMap<string, string>, root: string): number {
  for (const [path, text] of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return 0;
}

function check(files: ReadonlyMap<string, string>, root: string, io: CostIo): number {
  const stale = [...files].filter(([path, text]) => current(join(root, path)) !== text).map(([path]) => path);
  if (stale.length === 0) return 0;
  io.err(`${stale.join(', ')}: not what the sources give. Run: npm run cost:docs\n`);
  return 1;
}

/** What stands in a file; null: there is none. */
function current(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return null;
  }
}
