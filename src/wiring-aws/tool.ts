import { createDynamoKeyStore } from '../adapters/dynamodb/dynamo-key-store.ts';
import { scanPayments } from '../adapters/dynamodb/dynamo-payment-scan.ts';
import { createFillAudit } from '../app/fill-audit.ts';
import { createListPayments } from '../app/list-payments.ts';
import { createResolve } from '../app/resolve.ts';
import { required } from '../aws-config.ts';
import type { Logger } from '../ports/logger.ts';
import { awsAuditLog } from './audit-log.ts';
import { awsSimulator } from './connectors.ts';
import { configOfDeployment } from './deployment.ts';
import { awsBase, awsQueue, awsStore } from './parts.ts';
import { awsSecrets } from './secrets.ts';

/** What may wait in the queue before an import pauses: some seconds' work of the functions. */
const MAX_WAITING_WORK = 2_000;

/** The parts of a deployment, for the command line. Nothing is held open: there is nothing to close. */
export async function awsTool(
  environment: Record<string, string | undefined>,
  flags: Partial<Record<string, string>>,
  suffix: string | undefined,
  logger: Logger,
) {
  const config = await configOfDeployment(environment, flags, suffix);
  const base = awsBase(config, logger);
  const { dynamo, store } = awsStore(base);
  const queue = awsQueue(base, { dynamo });
  const secrets = awsSecrets(base);
  const auditLog = awsAuditLog(base);
  const table = { client: dynamo, tableName: required(config, 'TABLE_NAME'), timers: base.timers };
  return {
    ...base,
    store,
    queue,
    keys: createDynamoKeyStore(table),
    auditReader: auditLog,
    fillAudit: createFillAudit({ log: auditLog, payments: () => scanPayments(table), clock: base.clock }),
    resolve: createResolve({ store, queue, clock: base.clock }),
    list: createListPayments({ store, secrets }),
    folder: null,
    openSimulator: () => awsSimulator(base, dynamo, secrets),
    isBusy: async () => (await queue.depth()).waiting >= MAX_WAITING_WORK,
  };
}
