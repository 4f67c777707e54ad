import { createLineLogger } from '../adapters/lines/line-logger.ts';
import { readMessage } from '../adapters/sqs/work-message.ts';
import { createSystemClock } from '../adapters/system/system-clock.ts';
import { createAskPsp } from '../app/ask-psp.ts';
import { createWorker, type Worker } from '../app/work.ts';
import type { AwsConfig } from '../aws-config.ts';
import { ConfigError } from '../config.ts';
import { createWorkBatch } from '../lambda/work-batch.ts';
import type { WorkQueue } from '../ports/work-queue.ts';
import { awsSimulator } from './connectors.ts';
import { awsMeasurements } from './measurements.ts';
import { type AwsBase, awsBase, awsQueue, awsStore } from './parts.ts';
import { awsSecrets } from './secrets.ts';

/** The worker over the parts on AWS: the same in the function and on the fleet. */
export async function awsWorker(
  base: AwsBase,
  { dynamo, store }: ReturnType<typeof awsStore>,
  queue: WorkQueue,
  onLateSuccess: () => void,
): Promise<Worker> {
  const { config, clock, ids, timers, logger } = base;
  const simulator = await awsSimulator(base, dynamo, awsSecrets(base));
  const psp = createAskPsp({
    connectors: simulator ? [simulator] : [],
    clock,
    timers,
    ids,
    logger,
    pspTimeoutMs: config.PSP_TIMEOUT_MS,
  });
  return createWorker({ store, queue, psp, clock, logger, onLateSuccess });
}

/** One message may ask a PSP three times, and the function has a minute; the rest is for the store and the queue. */
const MAX_PSP_TIMEOUT_MS = 15_000;

/**
 * The function on the work queue.
 * @throws ConfigError if a PSP may take longer than the function has time for: its messages would end as poison
 */
export async function workerHandler(config: AwsConfig) {
  if (config.PSP_TIMEOUT_MS > MAX_PSP_TIMEOUT_MS) {
    throw new ConfigError(
      `PSP_TIMEOUT_MS is ${config.PSP_TIMEOUT_MS}: a function waits for a PSP at most ${MAX_PSP_TIMEOUT_MS} ms. ` +
        'Give less, or let the fleet do the work (workers=fleet).',
    );
  }
  const logger = createLineLogger(config.LOG_LEVEL, createSystemClock());
  const base = awsBase(config, logger);
  const parts = awsStore(base);
  // The event source deletes what succeeded; to delete it here too would be one more request for each message.
  const queue = { ...awsQueue(base, parts), ack: async () => undefined };
  const measurements = awsMeasurements(base, logger);
  const worker = await awsWorker(base, parts, queue, () => measurements.figure('LateSuccess', 1));
  return createWorkBatch({ worker, parse: readMessage, logger });
}
