import { type Command, InvalidArgumentError } from 'commander';
import { type Cli, type CommonOptions, withStore } from './cli.ts';
import { EXIT } from './exit.ts';
import { print, printJson } from './io.ts';
import { withParts } from './open-parts.ts';

interface Options extends CommonOptions {
  head?: string;
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
    );
  withStore(command)
    .addHelpText(
      'after',
      `
Note the head it prints where nobody who can write this folder can: with it, a later check finds even a log that
was rewritten as a whole.

Examples:
  npx tollgate audit verify
  npx tollgate audit verify --head 9f86d081…`,
    )
    .action((options: Options) =>
      cli.run(options, () =>
        withParts(cli.io, options, 'existing', async ({ auditReader }) => {
          const verdict = await auditReader.verify(options.head);
          if (verdict.ok) {
            const { records, hash } = verdict.head;
            if (options.json) await printJson(cli.io, { ok: true, records, head: hash });
            else await print(cli.io, `The audit log is whole: ${records} records.\nhead ${hash}`);
            return EXIT.done;
          }
          const { record, where, problem } = verdict;
          if (options.json) await printJson(cli.io, { ok: false, record, where, problem });
          else await print(cli.io, `The audit log is BROKEN at record ${record} (${where}).\n${problem}`);
          return EXIT.no;
        }),
      ),
    );
}
