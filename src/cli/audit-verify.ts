import { type Command, InvalidArgumentError } from 'commander';
import { isComplete } from '../app/fill-audit.ts';
import { requireFill } from './audit-fill.ts';
import { type Cli, type CommonOptions, withStore } from './cli.ts';
import { completenessJson, completenessText } from './completeness.ts';
import { EXIT } from './exit.ts';
import { print, printJson } from './io.ts';
import { withParts } from './open-parts.ts';

interface Options extends CommonOptions {
  head?: string;
  complete?: boolean;
}

function parseHead(text: string): string {
  if (!/^[0-9a-f]{64}$/i.test(text)) throw new InvalidArgumentError('A head is 64 hexadecimal digits.');
  return text.toLowerCase();
}

export function addAuditVerify(parent: Command, cli: Cli): void {
  const command = parent
    .command('verify')
    .description('reads all of the audit log and proves it whole, or finds the first broken record')
    .option(
      '--head <hash>',
      'a head noted earlier and elsewhere: it must still be a record of the chain',
      parseHead,
    )
    .option('--complete', "on AWS: also that no change is missing, held against the payments' own histories");
  withStore(command)
    .addHelpText(
      'after',
      `
Note the head it prints where nobody who can write this folder can: with it, a later check finds even a log that
was rewritten as a whole.

Examples:
  npx tollgate audit verify
  npx tollgate audit verify --head 9f86d081…
  npx tollgate audit verify --environment prod1 --complete`,
    )
    .action((options: Options) =>
      cli.run(options, () =>
        withParts(cli.io, options, 'existing', async ({ auditReader, fillAudit }) => {
          const check = options.complete ? requireFill(fillAudit) : null;
          const verdict = await auditReader.verify(options.head);
          if (!verdict.ok) {
            const { record, where, problem } = verdict;
            if (options.json) await printJson(cli.io, { ok: false, record, where, problem });
            else await print(cli.io, `The audit log is BROKEN at record ${record} (${where}).\n${problem}`);
            return EXIT.no;
          }
          const { records, hash } = verdict.head;
          const found = check && (await check({ write: false, youngToo: false }));
          const ok = !found || isComplete(found);
          if (options.json) {
            const completeness = found ? { completeness: completenessJson(found) } : {};
            await printJson(cli.io, { ok, records, head: hash, ...completeness });
          } else {
            const text = `The audit log is whole: ${records} records.\nhead ${hash}`;
            await print(cli.io, found ? `${text}\n\n${completenessText(found)}` : text);
          }
          return ok ? EXIT.done : EXIT.no;
        }),
      ),
    );
}
