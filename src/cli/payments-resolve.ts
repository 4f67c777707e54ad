import { type Command, InvalidArgumentError, Option } from 'commander';
import * as z from 'zod';
import { isOpen } from '../domain/derive.ts';
import { MAX_REASON_LENGTH } from '../domain/limits.ts';
import type { Payment } from '../domain/payment.ts';
import { type PartitionOptions, partitionOf, withPartition } from './arguments.ts';
import { checked } from './checked.ts';
import { type Cli, type CommonOptions, withStore } from './cli.ts';
import { CommandError, EXIT } from './exit.ts';
import { withParts } from './open-parts.ts';
import { operationsTable } from './payment-view.ts';
import { noSuchPayment, printPayment } from './payments-show.ts';

interface Options extends CommonOptions, PartitionOptions {
  operation?: string;
  as: 'succeeded' | 'failed';
  reason: string;
}

const resolution = z.strictObject({
  reason: z.string().trim().min(1).max(MAX_REASON_LENGTH),
});

/** What a person may have to settle: whatever is unsettled, and a hold that could not be voided. */
function unsettled(payment: Payment) {
  return payment.operations.filter(
    (operation) => isOpen(payment, operation) || operation.dead_lettered_at !== null,
  );
}

function chooseOperation(payment: Payment, given: string | undefined): string {
  if (given !== undefined) return given;
  const open = unsettled(payment);
  const [only] = open;
  if (only === undefined) {
    throw new CommandError(
      'no',
      `Everything about payment ${payment.payment_id} is settled: it is ${payment.status}.`,
    );
  }
  if (open.length > 1) {
    const which = operationsTable(payment, open);
    throw new CommandError(
      'no',
      `More than one operation is unsettled. Name one with --operation:\n${which}`,
    );
  }
  return only.id;
}

function parseReason(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Say how you know: it is written to the audit log.');
  return text;
}

export function addPaymentsResolve(parent: Command, cli: Cli): void {
  const command = parent
    .command('resolve')
    .description('settles by hand what no PSP would settle, after asking the PSP; audited, and final')
    .argument('<payment id>')
    .option('--operation <id>', 'which one (default: the only one that is unsettled)')
    .addOption(
      new Option('--as <outcome>', 'what became of it at the PSP')
        .choices(['succeeded', 'failed'])
        .makeOptionMandatory(),
    )
    .requiredOption('--reason <text>', 'how you know: stands in the history and the audit log', parseReason);
  withStore(withPartition(command))
    .addHelpText(
      'after',
      `
Example:
  npx tollgate payments resolve order-1001 --merchant shop --as failed --reason "PSP support, case 4711"`,
    )
    .action((payment_id: string, options: Options) =>
      cli.run(options, async () => {
        const { reason } = checked(resolution, { reason: options.reason });
        const ref = { ...partitionOf(options), payment_id };
        return withParts(cli.io, options, 'existing', async ({ store, resolve }) => {
          const payment = await store.get(ref);
          if (!payment) throw noSuchPayment(ref);
          const operationId = chooseOperation(payment, options.operation);
          const resolved = await resolve(ref, operationId, { as: options.as, reason });
          if (!resolved.ok) throw new CommandError('no', resolved.detail);
          await printPayment(cli, options, resolved.payment);
          return EXIT.done;
        });
      }),
    );
}
