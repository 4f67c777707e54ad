import type { Command } from 'commander';
import type { Comparison } from '../app/compare-psp.ts';
import { parseConfig } from '../config.ts';
import { type Cli, type CommonOptions, settingsOf, withFolderOnly } from './cli.ts';
import {
  type Check,
  checkAudit,
  checkDatabaseFile,
  checkDisk,
  checkModes,
  checkUnsettled,
  checkWork,
} from './doctor-checks.ts';
import { compare, comparisonJson, comparisonText, isEqual } from './doctor-compare.ts';
import { EXIT, type ExitCode } from './exit.ts';
import { print, printJson } from './io.ts';
import { type Opened, requireFolder, withFolder } from './open-folder.ts';
import { requireFolderStore } from './open-parts.ts';
import { table } from './table.ts';

interface Options extends CommonOptions {
  compare?: boolean;
}

export function addDoctor(parent: Command, cli: Cli): void {
  const command = parent
    .command('doctor')
    .description('examines the data folder, beside the server or without one; changes nothing')
    .option('--compare', "also the PSP's truth against ours: every operation, and all sums");
  withFolderOnly(command)
    .addHelpText(
      'after',
      `
Exits with 1 if anything fails or differs.

Examples:
  npx tollgate doctor
  npx tollgate doctor --compare --json`,
    )
    .action((options: Options) => cli.run(options, () => examine(cli, options)));
}

async function examine(cli: Cli, options: Options): Promise<ExitCode> {
  requireFolderStore(
    cli.io,
    options,
    'There, alarms and dashboards watch the deployment; its audit log is proved by: npx tollgate audit verify',
  );
  const path = parseConfig(cli.io.env, settingsOf(options)).DATA_DIR;
  requireFolder(path);
  const checks = [checkModes(path), checkDisk(path)];
  let comparison: Comparison | null = null;
  try {
    await withFolder(cli.io, options, 'existing', async (folder) => {
      await checkOpened(folder, checks);
      if (options.compare) comparison = await compare(folder);
    });
  } catch (error) {
    const broken = brokenFile(error);
    if (broken === null) throw error;
    checks.push(broken);
  }
  return tell(cli, options, checks, comparison);
}

async function checkOpened(folder: Opened, checks: Check[]): Promise<void> {
  checks.push(checkDatabaseFile(folder));
  checks.push(...(await checkWork(folder)));
  checks.push(await checkUnsettled(folder));
  checks.push(await checkAudit(folder));
}

/** SQLite's result codes for a file that was damaged, and for one that is no database. */
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

function brokenFile(error: unknown): Check | null {
  const { errcode = 0, message } = error as { errcode?: number; message?: string };
  const primary = errcode & 0xff;
  if (primary !== SQLITE_CORRUPT && primary !== SQLITE_NOTADB) return null;
  return { name: 'database', status: 'fail', detail: `${message}. Restore a backup.` };
}

async function tell(
  cli: Cli,
  options: Options,
  checks: readonly Check[],
  comparison: Comparison | null,
): Promise<ExitCode> {
  const ok = checks.every(({ status }) => status !== 'fail') && (comparison === null || isEqual(comparison));
  if (options.json) {
    const compared = comparison === null ? {} : { compare: comparisonJson(comparison) };
    await printJson(cli.io, { ok, checks, ...compared });
  } else {
    const rows = table(checks, [
      { title: 'STATUS', of: ({ status }) => status },
      { title: 'CHECK', of: ({ name }) => name },
      { title: 'FOUND', of: ({ detail }) => detail },
    ]);
    await print(cli.io, comparison === null ? rows : `${rows}\n\n${comparisonText(comparison)}`);
  }
  return ok ? EXIT.done : EXIT.no;
}
