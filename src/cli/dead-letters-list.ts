import type { Command } from 'commander';
import type { DeadLetter } from '../ports/work-queue.ts';
import { type Cli, type CommonOptions, withStore } from './cli.ts';
import { EXIT } from './exit.ts';
import { print, printJson } from './io.ts';
import { withParts } from './open-parts.ts';
import { table } from './table.ts';

/** More than a person works through; the oldest are shown. */
export const MAX_LISTED = 1_000;

export function addDeadLettersList(parent: Command, cli: Cli): void {
  const command = parent.command('list').description('lists them, oldest first');
  withStore(command)
    .addHelpText('after', '\nWhat to do with one: ask the PSP, then npx tollgate payments resolve')
    .action((options: CommonOptions) =>
      cli.run(options, () =>
        withParts(cli.io, options, 'existing', async ({ queue }) => {
          const letters = await queue.deadLetters(MAX_LISTED);
          const count = await queue.deadLetterCount();
          if (options.json) await printJson(cli.io, { data: letters.map(flat), count });
          else await print(cli.io, count === 0 ? 'No dead letters.' : shown(letters, count));
          return EXIT.done;
        }),
      ),
    );
}

function flat({ id, item, reason, at }: DeadLetter) {
  const { merchant_id, livemode, payment_id, operation_id, attempt } = item;
  return { id, merchant_id, livemode, payment_id, operation_id, attempts: attempt, reason, at };
}

function shown(letters: readonly DeadLetter[], count: number): string {
  const rows = table(letters, [
    { title: 'ID', of: ({ id }) => id, right: true },
    { title: 'MERCHANT', of: ({ item }) => item.merchant_id },
    { title: 'MODE', of: ({ item }) => (item.livemode ? 'live' : 'test') },
    { title: 'PAYMENT', of: ({ item }) => item.payment_id },
    { title: 'OPERATION', of: ({ item }) => item.operation_id },
    { title: 'SINCE', of: ({ at }) => at },
    { title: 'WHY', of: ({ reason }) => reason },
  ]);
  return count > letters.length ? `${rows}\n\nand ${count - letters.length} more` : rows;
}
