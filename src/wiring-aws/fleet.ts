import { createLineLogger } from '../adapters/lines/line-logger.ts';
import { createSystemClock } from '../adapters/system/system-clock.ts';
import type { AwsConfig } from '../aws-config.ts';
import { createInterruptionNotice } from '../fleet/interruption-notice.ts';
import { runWorker } from '../fleet/run-worker.ts';
import { awsMeasurements } from './measurements.ts';
import { awsBase, awsQueue, awsStore } from './parts.ts';
import { awsWorker } from './worker.ts';

/** The longest that SQS lets a reader wait for a first message: the fewest requests while there is nothing to do. */
const LONG_POLL_SECONDS = 20;
/** Where every instance finds its metadata; the SDK's own variable names another. */
const METADATA_ENDPOINT = 'http://169.254.169.254';

/** The worker as a process, until it is told to stop or its instance is taken away. */
export async function fleetWorker(
  config: AwsConfig,
  environment: Record<string, string | undefined>,
  stop: AbortSignal,
  onReady?: (port: number) => void,
): Promise<void> {
  const logger = createLineLogger(config.LOG_LEVEL, createSystemClock());
  const base = awsBase(config, logger);
  const parts = awsStore(base);
  const queue = awsQueue(base, parts, { waitSeconds: LONG_POLL_SECONDS });
  const measurements = awsMeasurements(base, logger);
  const onInstance = environment.AWS_EC2_METADATA_DISABLED !== 'true';
  await runWorker({
    worker: await awsWorker(base, parts, queue, () => measurements.figure('LateSuccess', 1)),
    timers: base.timers,
    logger,
    concurrency: config.PSP_CONCURRENCY,
    healthPort: config.HEALTH_PORT,
    notice: onInstance
      ? createInterruptionNotice({
          endpoint: environment.AWS_EC2_METADATA_SERVICE_ENDPOINT ?? METADATA_ENDPOINT,
          clock: base.clock,
          logger,
        })
      : null,
    stop,
    ...(onReady ? { onReady } : {}),
  });
}
