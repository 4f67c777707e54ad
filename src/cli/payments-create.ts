import { type Command, Option } from 'commander';
import { useCases } from '../app/use-cases.ts';
import { createPaymentBody } from '../http/schemas.ts';
import { collectPair, type PartitionOptions, partitionOf, wholeNumber, withPartition } from './arguments.ts';
import { checked } from './checked.ts';
import { type Cli, type CommonOptions, withStore } from './cli.ts';
import { CommandError, EXIT, type ExitCode } from './exit.ts';
import { withParts } from './open-parts.ts';
import { OPERATOR, tellIfNobodyServes } from './operator.ts';
import { importPayments } from './payments-import.ts';
import { printPayment } from './payments-show.ts';
import type { RowFormat } from './read-rows.ts';
import { withSimulator } from './simulator.ts';

export interface CreateOptions extends CommonOptions, PartitionOptions {
  amount?: number | string;
  currency?: string;
  paymentId?: string;
  paymentMethod?: string;
  captureMethod?: string;
  description?: string;
  metadata?: Record<string, string>;
  returnUrl?: string;
  from?: string;
  format?: RowFormat;
}

const EXAMPLES = `
Rows: a file or standard input with one payment a row, as CSV with a header line (payment_id, amount, currency,
payment_method, capture_method, description, return_url, metadata.<name>) or as NDJSON with the fields of the API.
Every row needs its own payment_id: then the same file given again charges nobody twice, and an import that was
stopped is resumed by running it again.

Examples:
  npx tollgate payments create --amount 1000 --payment-id order-1001
  npx tollgate payments create --merchant shop < payments.csv
  npx tollgate payments create --merchant shop --from payments.ndjson --json`;

export function addPaymentsCreate(parent: Command, cli: Cli): void {
  const command = parent
    .command('create')
    .description('accepts one payment, or one for each row of a file')
    .option('--amount <minor units>', 'in the minor unit of the currency: 1050 is 10.50 USD', wholeNumber)
    .option('--currency <code>', 'ISO 4217 (default: the setting DEFAULT_CURRENCY)')
    .option('--payment-id <id>', 'your id of the payment: makes the command safe to repeat')
    .option('--payment-method <token>', 'a token of the PSP, such as pm_card_visa')
    .option('--capture-method <method>', 'automatic, or manual: authorize now, capture within 7 days')
    .option('--description <text>')
    .option('--metadata <name=value>', 'may be given more than once', collectPair)
    .option('--return-url <url>', 'where the customer goes after a challenge')
    .option('--from <file>', 'rows from this file; - is standard input (the default if that is no terminal)')
    .addOption(
      new Option('--format <format>', 'of the rows (default: seen from the first line)').choices([
        'csv',
        'ndjson',
      ]),
    );
  withStore(withPartition(command))
    .addHelpText('after', EXAMPLES)
    .action((options: CreateOptions) => cli.run(options, () => create(cli, options)));
}

function fieldsOf(options: CreateOptions) {
  return {
    payment_id: options.paymentId,
    amount: options.amount,
    currency: options.currency,
    payment_method: options.paymentMethod,
    capture_method: options.captureMethod,
    description: options.description,
    metadata: options.metadata,
    return_url: options.returnUrl,
  };
}

function create(cli: Cli, options: CreateOptions): Promise<ExitCode> {
  const given = fieldsOf(options);
  if (options.amount !== undefined) {
    if (options.from !== undefined)
      throw new CommandError('usage', 'Give --amount for one payment or --from for rows, not both.');
    return createOne(cli, options, checked(createPaymentBody, given));
  }
  if (Object.values(given).some((value) => value !== undefined)) {
    throw new CommandError('usage', '--amount is missing. (Rows say all of this themselves.)');
  }
  if (options.from === undefined && cli.io.stdin.isTTY) {
    throw new CommandError('usage', 'Give --amount for one payment, or rows: --from payments.csv');
  }
  return importPayments(cli, options);
}

function createOne(
  cli: Cli,
  options: CreateOptions,
  fields: ReturnType<typeof createPaymentBody.parse>,
): Promise<ExitCode> {
  const partition = partitionOf(options);
  return withParts(cli.io, options, 'create', (parts) =>
    withSimulator(parts, async (simulator) => {
      const { accept } = useCases(parts.config, parts, [simulator]);
      const accepted = await accept({ partition, fields, idempotencyKey: undefined, actor: OPERATOR });
      if ('refused' in accepted) throw new CommandError('no', refusal(accepted.refused, fields.payment_id));
      await printPayment(cli, options, accepted.payment);
      tellIfNobodyServes(cli.io, options, parts.folder, 'The payment');
      return EXIT.done;
    }),
  );
}

function refusal(
  refused: 'idempotency_mismatch' | 'no_connector' | 'payment_method_required',
  paymentId: string | null | undefined,
): string {
  switch (refused) {
    case 'idempotency_mismatch':
      return `idempotency_mismatch: payment ${paymentId} exists, and was asked for with other values.`;
    case 'no_connector':
      return 'no_connector: no connector here takes live payments (the simulator never does). Use --mode test.';
    case 'payment_method_required':
      return 'payment_method_required: the connector has no default. Give --payment-method.';
  }
}
