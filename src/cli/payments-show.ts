import type { Command } from 'commander';
import type { Payment, PaymentRef } from '../domain/payment.ts';
import { type PartitionOptions, partitionOf, withPartition } from './arguments.ts';
import { type Cli, type CommonOptions, withStore } from './cli.ts';
import { CommandError, EXIT } from './exit.ts';
import { print, printJson } from './io.ts';
import { withParts } from './open-parts.ts';
import { paymentJson, paymentText } from './payment-view.ts';

/** @returns what ends a command about a payment that is not there */
export function noSuchPayment({ payment_id, merchant_id, livemode }: PaymentRef): CommandError {
  return new CommandError(
    'not_found',
    `Merchant ${merchant_id} has no payment ${payment_id} in ${livemode ? 'live' : 'test'} mode. Check --merchant and --mode.`,
  );
}

export async function printPayment(cli: Cli, { json }: CommonOptions, payment: Payment): Promise<void> {
  if (json) await printJson(cli.io, paymentJson(payment));
  else await print(cli.io, paymentText(payment));
}

export function addPaymentsShow(parent: Command, cli: Cli): void {
  const command = parent
    .command('show')
    .description('shows one payment with its operations and its history')
    .argument('<payment id>');
  withStore(withPartition(command))
    .addHelpText('after', '\nExample:\n  npx tollgate payments show order-1001 --merchant shop')
    .action((payment_id: string, options: CommonOptions & PartitionOptions) =>
      cli.run(options, () =>
        withParts(cli.io, options, 'existing', async ({ store }) => {
          const ref = { ...partitionOf(options), payment_id };
          const payment = await store.get(ref);
          if (!payment) throw noSuchPayment(ref);
          await printPayment(cli, options, payment);
          return EXIT.done;
        }),
      ),
    );
}
