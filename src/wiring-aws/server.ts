import { createDynamoKeyStore } from '../adapters/dynamodb/dynamo-key-store.ts';
import { createDynamoProbe } from '../adapters/dynamodb/dynamo-probe.ts';
import { createPrometheusMetrics } from '../adapters/prometheus/prometheus-metrics.ts';
import { createAuthenticate } from '../app/authenticate.ts';
import { createSampledBacklog } from '../app/sampled-backlog.ts';
import { type AwsConfig, required } from '../aws-config.ts';
import type { Logger } from '../ports/logger.ts';
import { awsSimulator } from './connectors.ts';
import { awsBase, awsQueue, awsStore } from './parts.ts';
import { awsSecrets } from './secrets.ts';
import { awsService } from './service.ts';

/** A server over a deployment on AWS. It accepts and answers; the deployment carries out. */
export async function awsServer(config: AwsConfig, logger: Logger) {
  const base = awsBase(config, logger);
  const { clock, ids, timers } = base;
  const { dynamo, store } = awsStore(base);
  const queue = awsQueue(base, { dynamo });
  const secrets = awsSecrets(base);
  const simulator = await awsSimulator(base, dynamo, secrets);
  const backlog = createSampledBacklog({ queue, timers, logger, limit: config.MAX_BACKLOG });
  const metrics = createPrometheusMetrics({
    tollgate_backlog: { help: 'Operations waiting to be worked on.', read: () => backlog.waiting() },
    tollgate_dead_letters: {
      help: 'Operations that a person must settle.',
      read: () => queue.deadLetterCount(),
    },
    tollgate_waiters: { help: 'Requests that wait for an outcome.', read: () => outcome.waiting },
  });
  const keys = createDynamoKeyStore({ client: dynamo, tableName: required(config, 'TABLE_NAME'), timers });
  const { app, outcome } = awsService({
    base,
    store,
    queue,
    secrets,
    simulator,
    authenticate: createAuthenticate({ keys, clock }),
    backlog,
    metrics,
    servesMetrics: true,
    probeStore: createDynamoProbe({ client: dynamo, tableName: required(config, 'CONTROL_TABLE_NAME') }),
    onLateSuccess: () => metrics.lateSuccess(),
  });
  return {
    app,
    ids,
    outcome,
    start: () => backlog.start(),
    async close() {
      await simulator?.close();
      dynamo.destroy();
    },
  };
}
