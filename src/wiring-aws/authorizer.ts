import { createDynamoClient } from '../adapters/dynamodb/dynamo-client.ts';
import { createDynamoKeyStore } from '../adapters/dynamodb/dynamo-key-store.ts';
import { createLineLogger } from '../adapters/lines/line-logger.ts';
import { createSqsClient } from '../adapters/sqs/sqs-client.ts';
import { createSqsDepth } from '../adapters/sqs/sqs-depth.ts';
import { createSystemClock } from '../adapters/system/system-clock.ts';
import { createAuthenticate } from '../app/authenticate.ts';
import { type AwsConfig, required } from '../aws-config.ts';
import { createAuthorize } from '../lambda/authorize.ts';
import { awsBase } from './parts.ts';

/** The function that API Gateway asks about a key, at most once a minute for each. */
export function authorizerHandler(config: AwsConfig) {
  const logger = createLineLogger(config.LOG_LEVEL, createSystemClock());
  const { clock, timers } = awsBase(config, logger);
  const keys = createDynamoKeyStore({
    client: createDynamoClient(),
    tableName: required(config, 'TABLE_NAME'),
    timers,
  });
  return createAuthorize({
    authenticate: createAuthenticate({ keys, clock }),
    queue: { depth: createSqsDepth({ client: createSqsClient(), queueUrl: required(config, 'QUEUE_URL') }) },
    clock,
    logger,
    maxBacklog: config.MAX_BACKLOG,
  });
}
