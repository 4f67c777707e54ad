import { decodeStreamImage } from '../adapters/dynamodb/stream-image.ts';
import { createLineLogger } from '../adapters/lines/line-logger.ts';
import { createSqsClient } from '../adapters/sqs/sqs-client.ts';
import { createSqsSender } from '../adapters/sqs/sqs-sender.ts';
import { createSystemClock } from '../adapters/system/system-clock.ts';
import { createRelayHandler } from '../app/relay.ts';
import { type AwsConfig, required } from '../aws-config.ts';
import { createRelayBatch } from '../lambda/relay-batch.ts';
import type { Measurements } from '../ports/measurements.ts';
import { awsMeasurements } from './measurements.ts';
import { type AwsBase, awsBase } from './parts.ts';

/** What the relay does with a batch; the sweep does it with batches that were given up. */
export function relayBatch(base: AwsBase, measurements: Measurements) {
  const { config, timers, ids, logger } = base;
  const send = createSqsSender({
    client: createSqsClient(),
    queueUrl: required(config, 'QUEUE_URL'),
    timers,
    ids,
  });
  const handle = createRelayHandler({
    queue: { send },
    onReversal: () => measurements.figure('LateSuccess', 1),
  });
  return createRelayBatch({ relay: { handle }, decode: decodeStreamImage, logger });
}

/** The function that sends what the stream's changes dispatch. */
export function relayHandler(config: AwsConfig) {
  const logger = createLineLogger(config.LOG_LEVEL, createSystemClock());
  const base = awsBase(config, logger);
  return relayBatch(base, awsMeasurements(base, logger));
}
