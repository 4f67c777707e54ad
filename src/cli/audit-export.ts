import type { Command } from 'commander';
import { UnavailableError } from '../ports/faults.ts';
import { parseMerchant } from './arguments.ts';
import { type Cli, type CommonOptions, withStore } from './cli.ts';
import { CommandError, EXIT } from './exit.ts';
import { ClosedPipeError, write } from './io.ts';
import { withParts } from './open-parts.ts';

interface Options extends CommonOptions {
  payment?: string;
  merchant?: string;
}

/** Lines gathered before they are written at once. */
const LINES_PER_WRITE = 256;

/** Whether a record is wanted. Looks at the text first: parsing a million records for one payment takes minutes. */
function createFilter({ payment, merchant }: Options): (line: string) => boolean {
  const wanted: [string, string][] = [];
  if (payment !== undefined) wanted.push(['payment_id', payment]);
  if (merchant !== undefined) wanted.push(['merchant_id', merchant]);
  const texts = wanted.map(([name, value]) => `"${name}":${JSON.stringify(value)}`);
  return (line) => {
    if (!texts.every((text) => line.includes(text))) return false;
    if (wanted.length === 0) return true;
    const record = JSON.parse(line) as Record<string, unknown>;
    return wanted.every(([name, value]) => record[name] === value);
  };
}

export function addAuditExport(parent: Command, cli: Cli): void {
  const command = parent
    .command('export')
    .description('writes the records of the audit log to standard output, one JSON object a line')
    .option('--payment <id>', 'only those of this payment')
    .option('--merchant <id>', 'only those of this merchant', parseMerchant);
  withStore(command)
    .addHelpText(
      'after',
      `
The lines are the exact bytes that the chain covers, with or without --json. Filtered, they can be read, not verified.

Example:
  npx tollgate audit export --payment order-1001 --merchant shop | jq .`,
    )
    .action((options: Options) =>
      cli.run(options, () =>
        withParts(cli.io, options, 'existing', async ({ auditReader }) => {
          const isWanted = createFilter(options);
          let waiting: string[] = [];
          const flush = async () => {
            const lines = waiting;
            waiting = [];
            if (lines.length > 0) await write(cli.io.stdout, `${lines.join('\n')}\n`);
          };
          try {
            for await (const line of auditReader.lines()) {
              if (isWanted(line)) waiting.push(line);
              if (waiting.length === LINES_PER_WRITE) await flush();
            }
            await flush();
          } catch (error) {
            // What the log itself is found to be; a fault of the system carries a code, or says that it is one.
            if (error instanceof ClosedPipeError || error instanceof UnavailableError) throw error;
            if (!(error instanceof Error) || 'code' in error) throw error;
            throw new CommandError('no', error.message);
          }
          return EXIT.done;
        }),
      ),
    );
}
