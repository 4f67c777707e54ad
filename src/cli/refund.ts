import type { Command } from 'commander';
import { useCases } from '../app/use-cases.ts';
import { formatMoney } from '../domain/money.ts';
import { presentRefund } from '../http/present.ts';
import { refundBody } from '../http/schemas.ts';
import { type PartitionOptions, partitionOf, wholeNumber, withPartition } from './arguments.ts';
import { checked } from './checked.ts';
import { type Cli, type CommonOptions, withStore } from './cli.ts';
import { CommandError, EXIT } from './exit.ts';
import { print, printJson } from './io.ts';
import { withParts } from './open-parts.ts';
import { OPERATOR, tellIfNobodyServes } from './operator.ts';
import { noSuchPayment } from './payments-show.ts';

interface Options extends CommonOptions, PartitionOptions {
  amount?: string | number;
  reason?: string;
  refundId?: string;
}

export function addRefund(parent: Command, cli: Cli): void {
  const command = parent
    .command('refund')
    .description('refunds part, or without --amount all, of what can be refunded of a payment')
    .argument('<payment id>')
    .option('--amount <minor units>', 'in the minor unit of the currency: 1050 is 10.50 USD', wholeNumber)
    .option('--reason <text>', 'kept with the refund')
    .option('--refund-id <id>', 'your id of the refund: makes the command safe to repeat');
  withStore(withPartition(command))
    .addHelpText(
      'after',
      `
Examples:
  npx tollgate refund order-1001 --merchant shop --refund-id r-1
  npx tollgate refund order-1001 --amount 250 --reason "one of four was broken" --refund-id r-2`,
    )
    .action((payment_id: string, options: Options) =>
      cli.run(options, async () => {
        const { amount, reason, refundId: refund_id } = options;
        const fields = checked(refundBody, { amount, reason, refund_id });
        const ref = { ...partitionOf(options), payment_id };
        return withParts(cli.io, options, 'existing', async (parts) => {
          const { operations } = useCases(parts.config, parts, []);
          const asked = await operations.refund({ ref, fields, idempotencyKey: undefined, actor: OPERATOR });
          if ('refused' in asked) {
            if (asked.refused === 'not_found') throw noSuchPayment(ref);
            const detail =
              'detail' in asked
                ? asked.detail
                : `Refund ${refund_id} exists, and was asked for with other values.`;
            throw new CommandError('no', `${asked.refused}: ${detail}`);
          }
          const { payment, operation, replayed } = asked;
          const refund = presentRefund(payment, operation);
          if (options.json) await printJson(cli.io, refund);
          else {
            const money = formatMoney(refund.amount, refund.currency);
            const again = replayed ? ' (asked for before; nothing new was asked)' : '';
            await print(
              cli.io,
              `Refund ${refund.refund_id} of ${money} on ${payment_id}: ${refund.status}${again}.`,
            );
          }
          tellIfNobodyServes(cli.io, options, parts.folder, 'The refund');
          return EXIT.done;
        });
      }),
    );
}
