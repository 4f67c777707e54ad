import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { createDynamoKeyStore } from '../adapters/dynamodb/dynamo-key-store.ts';
import { createDynamoProbe } from '../adapters/dynamodb/dynamo-probe.ts';
import { createEmfMeasurements } from '../adapters/emf/emf-measurements.ts';
import { createLineLogger } from '../adapters/lines/line-logger.ts';
import { createStopwatch } from '../adapters/system/stopwatch.ts';
import { createSystemClock } from '../adapters/system/system-clock.ts';
import { createAuthenticate } from '../app/authenticate.ts';
import { type AwsConfig, required } from '../aws-config.ts';
import { answerProxyEvent } from '../lambda/rest-proxy.ts';
import { createToldBacklog } from '../lambda/told-backlog.ts';
import { awsSimulator } from './connectors.ts';
import { awsBase, awsQueue, awsStore } from './parts.ts';
import { awsSecrets } from './secrets.ts';
import { awsService } from './service.ts';

/** The function behind API Gateway, which has authenticated whoever asks. */
export async function apiHandler(config: AwsConfig) {
  const logger = createLineLogger(config.LOG_LEVEL, createSystemClock());
  const base = awsBase(config, logger);
  const { dynamo, store } = awsStore(base);
  const queue = awsQueue(base, { dynamo });
  const secrets = awsSecrets(base);
  const measurements = createEmfMeasurements({
    deployment: required(config, 'DEPLOYMENT'),
    clock: base.clock,
    print: logger.line,
  });
  const onLateSuccess = () => measurements.figure('LateSuccess', 1);
  const backlog = createToldBacklog(queue, config.MAX_BACKLOG);
  const tableName = required(config, 'TABLE_NAME');
  const { app } = awsService({
    base,
    store,
    queue,
    secrets,
    simulator: await awsSimulator(base, dynamo, secrets),
    authenticate: createAuthenticate({
      keys: createDynamoKeyStore({ client: dynamo, tableName, timers: base.timers }),
      clock: base.clock,
    }),
    backlog,
    metrics: createStopwatch(onLateSuccess),
    servesMetrics: false,
    probeStore: createDynamoProbe({ client: dynamo, tableName: required(config, 'CONTROL_TABLE_NAME') }),
    onLateSuccess,
  });
  return async (event: APIGatewayProxyEvent): Promise<APIGatewayProxyResult> => {
    backlog.tell(event.requestContext.authorizer?.overloaded === 'true');
    return answerProxyEvent(app, event);
  };
}
