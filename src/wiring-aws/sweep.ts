import { createLineLogger } from '../adapters/lines/line-logger.ts';
import { createS3Client } from '../adapters/s3/s3-client.ts';
import { createS3FailedEvents } from '../adapters/s3/s3-failed-events.ts';
import { createSystemClock } from '../adapters/system/system-clock.ts';
import { createSweep } from '../app/sweep.ts';
import { type AwsConfig, required } from '../aws-config.ts';
import { createRecoverFailed } from '../lambda/recover-failed.ts';
import { createSweepPass } from '../lambda/sweep-pass.ts';
import { auditBatch } from './audit.ts';
import { awsSimulator } from './connectors.ts';
import { awsMeasurements } from './measurements.ts';
import { awsBase, awsQueue, awsStore } from './parts.ts';
import { relayBatch } from './relay.ts';
import { awsSecrets } from './secrets.ts';

/** The function that runs every few minutes. */
export async function sweepHandler(config: AwsConfig) {
  const logger = createLineLogger(config.LOG_LEVEL, createSystemClock());
  const base = awsBase(config, logger);
  const { dynamo, store } = awsStore(base);
  const queue = awsQueue(base, { dynamo });
  const measurements = awsMeasurements(base, logger);
  const simulator = await awsSimulator(base, dynamo, awsSecrets(base));
  const pass = createSweepPass({
    sweep: createSweep({ store, queue, clock: base.clock, logger }),
    queue,
    recoverFailed: createRecoverFailed({
      failedEvents: createS3FailedEvents({
        client: createS3Client(),
        bucket: required(config, 'FAILED_EVENTS_BUCKET'),
      }),
      readers: {
        'payment-relay': relayBatch(base, measurements),
        'payment-audit': auditBatch(base, measurements),
      },
      logger,
    }),
    deliverCallbacks: simulator ? () => simulator.deliverDue() : null,
    measurements,
    logger,
  });
  return (_event: unknown, context: { getRemainingTimeInMillis(): number }): Promise<void> =>
    pass(() => context.getRemainingTimeInMillis());
}
