import type { Command } from 'commander';
import { createRedrive } from '../app/redrive.ts';
import type { DeadLetter, WorkQueue } from '../ports/work-queue.ts';
import { type Cli, type CommonOptions, withStore } from './cli.ts';
import { MAX_LISTED } from './dead-letters-list.ts';
import { CommandError, EXIT } from './exit.ts';
import { print, printJson } from './io.ts';
import { withParts } from './open-parts.ts';
import { tellIfNobodyServes } from './operator.ts';

interface Options extends CommonOptions {
  all?: boolean;
}

async function chosen(queue: WorkQueue, id: string | undefined): Promise<DeadLetter[]> {
  const letters = await queue.deadLetters(await searched(queue, id));
  if (id === undefined) return letters;
  const letter = letters.find((one) => one.id === id);
  if (!letter) {
    throw new CommandError(
      'not_found',
      `There is no dead letter ${id}. They are listed by: npx tollgate dead-letters list`,
    );
  }
  return [letter];
}

async function searched(queue: WorkQueue, id: string | undefined): Promise<number> {
  return id === undefined ? MAX_LISTED : queue.deadLetterCount();
}

export function addDeadLettersRedrive(parent: Command, cli: Cli): void {
  const command = parent
    .command('redrive')
    .description('asks the PSP about one again, or about all; nothing is executed that may have been')
    .argument('[id]', 'as dead-letters list shows it')
    .option('--all', `all of them, ${MAX_LISTED} at most`);
  withStore(command)
    .addHelpText(
      'after',
      '\nExamples:\n  npx tollgate dead-letters redrive 17\n  npx tollgate dead-letters redrive --all',
    )
    .action((id: string | undefined, options: Options) =>
      cli.run(options, async () => {
        if ((id === undefined) === (options.all !== true)) {
          throw new CommandError('usage', 'Give the id of one dead letter, or --all.');
        }
        return withParts(cli.io, options, 'existing', async ({ queue, store, folder }) => {
          const redrive = createRedrive({ store, queue });
          const sent: string[] = [];
          const needsResolve: string[] = [];
          for (const letter of await chosen(queue, id)) {
            const redriven = await redrive(letter);
            if (redriven === 'sent') sent.push(letter.id);
            if (redriven === 'needs_resolve') needsResolve.push(letter.id);
          }
          if (options.json) await printJson(cli.io, { sent, needs_resolve: needsResolve });
          else await print(cli.io, shown(sent, needsResolve));
          if (sent.length > 0) tellIfNobodyServes(cli.io, options, folder, 'What was sent');
          return needsResolve.length > 0 ? EXIT.no : EXIT.done;
        });
      }),
    );
}

function shown(sent: readonly string[], needsResolve: readonly string[]): string {
  const lines = [
    sent.length === 1 ? '1 dead letter was sent again.' : `${sent.length} dead letters were sent again.`,
  ];
  if (needsResolve.length > 0) {
    lines.push(
      `Not sent, since the PSP has answered for good: ${needsResolve.join(', ')}. Each is a hold that has expired and ` +
        'could not be voided: ask the PSP, then npx tollgate payments resolve.',
    );
  }
  return lines.join('\n');
}
