import { createDynamoKeyStore } from '../adapters/dynamodb/dynamo-key-store.ts';
import { createDynamoProbe } from '../adapters/dynamodb/dynamo-probe.ts';
import { createEmfMeasurements } from '../adapters/emf/emf-measurements.ts';
import { createLineLogger } from '../adapters/lines/line-logger.ts';
import { createStopwatch } from '../adapters/system/stopwatch.ts';
import { createSystemClock } from '../adapters/system/system-clock.ts';
import { createAuthenticate } from '../app/authenticate.ts';
import type { Backlog } from '../app/backlog.ts';
import { type AwsConfig, required } from '../aws-config.ts';
import type { WorkQueue } from '../ports/work-queue.ts';
import { awsSimulator } from './connectors.ts';
import { type AwsBase, awsBase, awsQueue, awsStore } from './parts.ts';
import { awsSecrets } from './secrets.ts';
import { awsService } from './service.ts';

interface Edge<B extends Backlog> {
  backlogOf(queue: WorkQueue, base: AwsBase): B;
  /** How long a key that was found good is believed, in milliseconds; left out where somebody else believes it. */
  rememberKeysMs?: number;
  /** By which customers reach it; left out where the configuration says it. */
  baseUrl?: () => string;
}

/** The application of the function that answers, the same behind each edge. */
export async function apiApp<B extends Backlog>(config: AwsConfig, edge: Edge<B>) {
  const logger = createLineLogger(config.LOG_LEVEL, createSystemClock());
  const base = awsBase(config, logger);
  const { clock, timers } = base;
  const { dynamo, store } = awsStore(base);
  const queue = awsQueue(base, { dynamo });
  const secrets = awsSecrets(base);
  const measurements = createEmfMeasurements({
    deployment: required(config, 'DEPLOYMENT'),
    clock,
    print: logger.line,
  });
  const onLateSuccess = () => measurements.figure('LateSuccess', 1);
  const backlog = edge.backlogOf(queue, base);
  const keys = createDynamoKeyStore({ client: dynamo, tableName: required(config, 'TABLE_NAME'), timers });
  const { app } = awsService({
    base,
    store,
    queue,
    secrets,
    simulator: await awsSimulator(base, dynamo, secrets, edge.baseUrl),
    authenticate: createAuthenticate({
      keys,
      clock,
      ...(edge.rememberKeysMs !== undefined && { rememberMs: edge.rememberKeysMs }),
    }),
    backlog,
    metrics: createStopwatch(onLateSuccess),
    servesMetrics: false,
    probeStore: createDynamoProbe({ client: dynamo, tableName: required(config, 'CONTROL_TABLE_NAME') }),
    onLateSuccess,
  });
  return { app, backlog };
}
