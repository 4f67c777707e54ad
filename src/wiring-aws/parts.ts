import { createDynamoClient } from '../adapters/dynamodb/dynamo-client.ts';
import { createDynamoDeadLetters } from '../adapters/dynamodb/dynamo-dead-letters.ts';
import { createDynamoPaymentStore } from '../adapters/dynamodb/dynamo-payment-store.ts';
import { createSqsClient } from '../adapters/sqs/sqs-client.ts';
import { createSqsWorkQueue } from '../adapters/sqs/sqs-work-queue.ts';
import { createSystemClock } from '../adapters/system/system-clock.ts';
import { createSystemIds } from '../adapters/system/system-ids.ts';
import { createSystemTimers } from '../adapters/system/system-timers.ts';
import { type AwsConfig, required } from '../aws-config.ts';
import type { Logger } from '../ports/logger.ts';
import type { WorkQueue } from '../ports/work-queue.ts';

/** What every part is built from. Each function takes what it needs of the rest, so that its bundle holds no more. */
export function awsBase(config: AwsConfig, logger: Logger) {
  return {
    config,
    logger,
    clock: createSystemClock(),
    ids: createSystemIds(),
    timers: createSystemTimers(),
  };
}

export type AwsBase = ReturnType<typeof awsBase>;

export type AwsStore = ReturnType<typeof awsStore>;

/** Payments, with the client of their table, which other tables are reached with too. */
export function awsStore({ config, timers, logger }: AwsBase) {
  const dynamo = createDynamoClient();
  const store = createDynamoPaymentStore({
    client: dynamo,
    tableName: required(config, 'TABLE_NAME'),
    timers,
    hotRetentionDays: config.HOT_RETENTION_DAYS,
    logger,
  });
  return { dynamo, store };
}

interface QueueOptions {
  /** How long a `receive` may wait for a first message. */
  waitSeconds?: number;
}

/** The work queue with its list of dead letters. */
export function awsQueue(
  { config, logger, clock, ids, timers }: AwsBase,
  { dynamo }: Pick<AwsStore, 'dynamo'>,
  { waitSeconds = 0 }: QueueOptions = {},
): WorkQueue {
  return createSqsWorkQueue({
    client: createSqsClient(),
    queueUrl: required(config, 'QUEUE_URL'),
    dlqUrl: required(config, 'DLQ_URL'),
    deadLetters: createDynamoDeadLetters({
      client: dynamo,
      tableName: required(config, 'CONTROL_TABLE_NAME'),
      clock,
    }),
    logger,
    timers,
    ids,
    waitSeconds,
  });
}
