import type { Command } from 'commander';
import type { FillAudit } from '../app/fill-audit.ts';
import { isComplete } from '../app/fill-audit.ts';
import { type Cli, type CommonOptions, withStore } from './cli.ts';
import { completenessJson, completenessText } from './completeness.ts';
import { CommandError, EXIT } from './exit.ts';
import { print, printJson } from './io.ts';
import { withParts } from './open-parts.ts';

interface Options extends CommonOptions {
  dryRun?: boolean;
  all?: boolean;
}

/** @throws CommandError on a folder */
export function requireFill(fillAudit: FillAudit | null): FillAudit {
  if (fillAudit) return fillAudit;
  throw new CommandError(
    'usage',
    'This is for a deployment on AWS (--environment). A data folder does not need it: there the feed keeps each ' +
      'change until it is in the audit log, and both are committed together. Run "tollgate audit verify".',
  );
}

export function addAuditFill(parent: Command, cli: Cli): void {
  const command = parent
    .command('fill')
    .description('finds changes that the audit log lacks, and writes them from the histories of the payments')
    .option('--dry-run', 'finds them, and writes nothing')
    .option(
      '--all',
      'also changes of the last 24 hours, which the stream still holds and will bring by itself',
    );
  withStore(command)
    .addHelpText(
      'after',
      `
For a deployment whose audit function was off for longer than the 24 hours that a stream keeps changes. What it
writes is marked "filled"; a change of a payment that is no longer in the table stands as a "gap". It may run
beside the audit function, and again: a change that is there twice is recognised by payment and version.

It reads the whole log and the whole table, a read unit for each 4 KB, at 1,500 a second at most.
Exits with 1 if anything was missing, also if it has been written now.

Examples:
  npx tollgate audit fill --environment prod1 --dry-run
  npx tollgate audit fill --environment prod1`,
    )
    .action((options: Options) =>
      cli.run(options, () =>
        withParts(cli.io, options, 'existing', async ({ fillAudit }) => {
          const fill = requireFill(fillAudit);
          const found = await fill({ write: !options.dryRun, youngToo: options.all === true });
          if (options.json) await printJson(cli.io, completenessJson(found));
          else await print(cli.io, completenessText(found));
          return isComplete(found) ? EXIT.done : EXIT.no;
        }),
      ),
    );
}
