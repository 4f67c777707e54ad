import { Command, type OutputConfiguration } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { addAuditExport } from './audit-export.ts';
import { addAuditFill } from './audit-fill.ts';
import { addAuditVerify } from './audit-verify.ts';
import { addBackup } from './backup.ts';
import type { Cli } from './cli.ts';
import { addDeadLettersList } from './dead-letters-list.ts';
import { addDeadLettersRedrive } from './dead-letters-redrive.ts';
import { addDoctor } from './doctor.ts';
import { EXIT_HELP } from './exit.ts';
import { addKeysCreate } from './keys-create.ts';
import { addKeysList } from './keys-list.ts';
import { addKeysRevoke } from './keys-revoke.ts';
import { addPaymentsCreate } from './payments-create.ts';
import { addPaymentsList } from './payments-list.ts';
import { addPaymentsResolve } from './payments-resolve.ts';
import { addPaymentsShow } from './payments-show.ts';
import { addRefund } from './refund.ts';
import { addServe } from './serve.ts';
import { addWorker } from './worker.ts';

/** Every command, in the order in which help shows them. */
export function createProgram(cli: Cli, output: OutputConfiguration): Command {
  const program = new Command('tollgate')
    .description(
      'Payment processing that you own. Works on a data folder, also beside the server that runs on it, or on AWS.',
    )
    .version(packageJson.version)
    .exitOverride()
    .configureOutput(output)
    .showHelpAfterError('(more with --help)')
    .addHelpText('after', `${EXIT_HELP}\n\nHelp for one command: npx tollgate payments create --help`);

  addServe(program, cli);
  addWorker(program, cli);

  const keys = program.command('keys').description('API keys of merchants');
  addKeysCreate(keys, cli);
  addKeysList(keys, cli);
  addKeysRevoke(keys, cli);

  const payments = program.command('payments').description('payments of merchants');
  addPaymentsCreate(payments, cli);
  addPaymentsShow(payments, cli);
  addPaymentsList(payments, cli);
  addPaymentsResolve(payments, cli);

  addRefund(program, cli);

  const letters = program
    .command('dead-letters')
    .description('operations that nobody could settle for a week, and that a person must');
  addDeadLettersList(letters, cli);
  addDeadLettersRedrive(letters, cli);

  const audit = program
    .command('audit')
    .description('the log of every change, each record chained to the one before');
  addAuditVerify(audit, cli);
  addAuditExport(audit, cli);
  addAuditFill(audit, cli);

  addBackup(program, cli);
  addDoctor(program, cli);
  return program;
}
