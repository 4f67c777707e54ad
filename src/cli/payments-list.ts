import type { Command } from 'commander';
import { formatMoney } from '../domain/money.ts';
import { PAYMENT_STATUSES, type Payment, type PaymentStatus } from '../domain/payment.ts';
import { presentPayment } from '../http/present.ts';
import { listQuery } from '../http/schemas.ts';
import { type PartitionOptions, partitionOf, withPartition } from './arguments.ts';
import { checked } from './checked.ts';
import { type Cli, type CommonOptions, withStore } from './cli.ts';
import { CommandError, EXIT } from './exit.ts';
import { print, printJson } from './io.ts';
import { withParts } from './open-parts.ts';
import { table } from './table.ts';

interface Options extends CommonOptions, PartitionOptions {
  status?: string;
  limit?: string;
  cursor?: string;
}

const DEFAULT_LIMIT = '10';

export function addPaymentsList(parent: Command, cli: Cli): void {
  const command = parent
    .command('list')
    .description('lists payments of a merchant, newest first')
    .option('--status <status>', PAYMENT_STATUSES.join(', '))
    .option('--limit <count>', 'how many: 1 to 100', DEFAULT_LIMIT)
    .option('--cursor <cursor>', 'where to go on: next_cursor of the page before');
  withStore(withPartition(command))
    .addHelpText(
      'after',
      '\nExample:\n  npx tollgate payments list --merchant shop --status authorized --limit 50',
    )
    .action((options: Options) =>
      cli.run(options, async () => {
        const { status, limit, cursor } = options;
        const query = checked(listQuery, { status, limit, cursor });
        return withParts(cli.io, options, 'existing', async ({ list }) => {
          const listed = await list({
            partition: partitionOf(options),
            status: query.status as PaymentStatus | undefined,
            limit: Number(query.limit),
            cursor: query.cursor,
          });
          if ('refused' in listed) {
            throw new CommandError('usage', '--cursor does not belong to this list. Start again without it.');
          }
          const { payments, next_cursor } = listed;
          const data = payments.map(presentPayment);
          if (options.json) await printJson(cli.io, { data, has_more: next_cursor !== null, next_cursor });
          else await print(cli.io, shown(payments, next_cursor));
          return EXIT.done;
        });
      }),
    );
}

function shown(payments: readonly Payment[], nextCursor: string | null): string {
  if (payments.length === 0) return 'No payments.';
  const rows = table(payments, [
    { title: 'PAYMENT', of: (payment) => payment.payment_id },
    { title: 'STATUS', of: (payment) => payment.status },
    { title: 'AMOUNT', of: (payment) => formatMoney(payment.amount, payment.currency), right: true },
    {
      title: 'CAPTURED',
      of: (payment) => formatMoney(payment.amount_captured, payment.currency),
      right: true,
    },
    {
      title: 'REFUNDED',
      of: (payment) => formatMoney(payment.amount_refunded, payment.currency),
      right: true,
    },
    { title: 'CREATED', of: (payment) => payment.created_at },
  ]);
  return nextCursor === null ? rows : `${rows}\n\nMore: --cursor ${nextCursor}`;
}
