import { createLineLogger } from '../adapters/lines/line-logger.ts';
import { readMessage } from '../adapters/sqs/work-message.ts';
import { createSystemClock } from '../adapters/system/system-clock.ts';
import { createAskPsp } from '../app/ask-psp.ts';
import { createWorker, type Worker } from '../app/work.ts';
import type { AwsConfig } from '../aws-config.ts';
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

/** The function on the work queue. */
export async function workerHandler(config: AwsConfig) {
  const logger = createLineLogger(config.LOG_LEVEL, createSystemClock());
  const base = awsBase(config, logger);
  const parts = awsStore(base);
  // The event source deletes what succeeded; to delete it here too would be one more request for each message.
  const queue = { ...awsQueue(base, parts), ack: async () => undefined };
  const measurements = awsMeasurements(base, logger);
  const worker = await awsWorker(base, parts, queue, () => measurements.figure('LateSuccess', 1));
  return createWorkBatch({ worker, parse: readMessage, logger });
}
