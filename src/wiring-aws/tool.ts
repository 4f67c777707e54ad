import { createDynamoKeyStore } from '../adapters/dynamodb/dynamo-key-store.ts';
import { createListPayments } from '../app/list-payments.ts';
import { createResolve } from '../app/resolve.ts';
import { parseAwsConfig, required } from '../aws-config.ts';
import type { Logger } from '../ports/logger.ts';
import { awsAuditLog } from './audit-log.ts';
import { awsSimulator } from './connectors.ts';
import { settingsOfDeployment } from './deployment.ts';
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
  const found = suffix === undefined ? {} : await settingsOfDeployment(suffix);
  const config = parseAwsConfig({ ...environment, ...found }, flags);
  const base = awsBase(config, logger);
  const { dynamo, store } = awsStore(base);
  const queue = awsQueue(base, { dynamo });
  const secrets = awsSecrets(base);
  return {
    ...base,
    store,
    queue,
    keys: createDynamoKeyStore({
      client: dynamo,
      tableName: required(config, 'TABLE_NAME'),
      timers: base.timers,
    }),
    auditReader: awsAuditLog(base),
    resolve: createResolve({ store, queue, clock: base.clock }),
    list: createListPayments({ store, secrets }),
    folder: null,
    openSimulator: () => awsSimulator(base, dynamo, secrets),
    isBusy: async () => (await queue.depth()).waiting >= MAX_WAITING_WORK,
  };
}
