import type { DynamoDBBatchResponse, DynamoDBStreamEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createDynamoDeadLetters } from '../../src/adapters/dynamodb/dynamo-dead-letters.ts';
import { createDynamoKeyStore } from '../../src/adapters/dynamodb/dynamo-key-store.ts';
import { createDynamoPaymentStore } from '../../src/adapters/dynamodb/dynamo-payment-store.ts';
import { decodeStreamImage } from '../../src/adapters/dynamodb/stream-image.ts';
import { createS3FailedEvents } from '../../src/adapters/s3/s3-failed-events.ts';
import { createSqsSender } from '../../src/adapters/sqs/sqs-sender.ts';
import { createSqsWorkQueue } from '../../src/adapters/sqs/sqs-work-queue.ts';
import { readMessage } from '../../src/adapters/sqs/work-message.ts';
import { createAcceptPayment } from '../../src/app/accept-payment.ts';
import { createAskPsp } from '../../src/app/ask-psp.ts';
import { createAwaitOutcome } from '../../src/app/await-outcome.ts';
import { createHandleCallback } from '../../src/app/handle-callback.ts';
import { createListPayments } from '../../src/app/list-payments.ts';
import { createRelayHandler } from '../../src/app/relay.ts';
import { createRequestOperation } from '../../src/app/request-operation.ts';
import { createSweep } from '../../src/app/sweep.ts';
import { createSettler, createWorker, type Worker } from '../../src/app/work.ts';
import type { Payment } from '../../src/domain/payment.ts';
import { createAuditBatch } from '../../src/lambda/audit-batch.ts';
import { createRecoverFailed } from '../../src/lambda/recover-failed.ts';
import { createRelayBatch } from '../../src/lambda/relay-batch.ts';
import { createSweepPass } from '../../src/lambda/sweep-pass.ts';
import { createWorkBatch } from '../../src/lambda/work-batch.ts';
import type { Measurements } from '../../src/ports/measurements.ts';
import type { WorkQueue } from '../../src/ports/work-queue.ts';
import type { Machine } from '../engine/machine.ts';
import { TABLES } from '../models/dynamo-model.ts';
import { QUEUES } from '../models/sqs-model.ts';
import { createAwsAuditLog } from './aws-audit-log.ts';
import { type AwsServices, BUCKETS } from './aws-services.ts';
import type { Keyring } from './keyring.ts';
import { PSP_TIMEOUT_MS, type Psp } from './psp.ts';
import { createService, type Server } from './server.ts';
import type { World } from './world.ts';

export interface AwsDeps {
  world: World;
  services: AwsServices;
  psp: Psp;
  keyring: Keyring;
}

export type StreamHandler = (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse>;
export type QueueHandler = (event: SQSEvent) => Promise<SQSBatchResponse>;

const MAX_WAITERS = 100;
const POLL_MS = 100;

const SECRETS = {
  cursorKeys: async () => ['simulated-key-for-list-cursors-0123456789'],
  callbackSecret: async () => 'unused: the PSP opens its own call-backs',
};

/** What every function is built from, as `wiring-aws/parts.ts` does: the real adapters, behind this machine's wire. */
export function partsOf({ world, services }: AwsDeps, machine: Machine) {
  const { clock, timers } = machine;
  const logger = world.logger(machine);
  const ids = world.ids(`${machine.name} in its life ${machine.life}`);
  const clients = services.clients(machine);
  const table = { client: clients.dynamo, tableName: TABLES.payments, timers };
  const store = createDynamoPaymentStore({ ...table, logger });
  const queue = createSqsWorkQueue({
    client: clients.sqs,
    queueUrl: QUEUES.work,
    dlqUrl: QUEUES.dead,
    deadLetters: createDynamoDeadLetters({ client: clients.dynamo, tableName: TABLES.control, clock }),
    logger,
    timers,
    ids,
  });
  return { clock, timers, logger, ids, clients, table, store, queue };
}

type Parts = ReturnType<typeof partsOf>;

function measurementsOf(world: World): Measurements {
  return {
    payments: () => undefined,
    figure: (name) => {
      if (name === 'LateSuccess') world.count('lateSuccess');
    },
  };
}

function workerOf({ world, psp }: AwsDeps, machine: Machine, parts: Parts, queue: WorkQueue): Worker {
  const { store, clock, timers, ids, logger } = parts;
  const connectors = [psp.connector(machine)];
  const asking = createAskPsp({ connectors, clock, timers, ids, logger, pspTimeoutMs: PSP_TIMEOUT_MS });
  const onLateSuccess = () => world.count('lateSuccess');
  return createWorker({ store, queue, psp: asking, clock, logger, onLateSuccess });
}

export function startApi(deps: AwsDeps, machine: Machine): Pick<Server, 'serve' | 'callback'> {
  const { world, psp, keyring } = deps;
  const { store, queue, clock, timers, ids, logger, table } = partsOf(deps, machine);
  const connectors = [psp.connector(machine)];
  const asking = createAskPsp({ connectors, clock, timers, ids, logger, pspTimeoutMs: PSP_TIMEOUT_MS });
  const onLateSuccess = () => world.count('lateSuccess');
  const settler = createSettler({ store, queue, clock, logger, onLateSuccess });
  return createService(
    world,
    machine,
    {
      accept: createAcceptPayment({ store, connectors, clock, ids, defaultCurrency: 'eur' }),
      operations: createRequestOperation({ store, clock, ids }),
      get: store.get,
      list: createListPayments({ store, secrets: SECRETS }),
      outcome: createAwaitOutcome({
        store,
        signal: { onChange: () => () => undefined },
        timers,
        maxWaiters: MAX_WAITERS,
        pollMs: POLL_MS,
      }),
      keys: createDynamoKeyStore(table),
      handleCallback: createHandleCallback({ connectors, store, psp: asking, settler, clock }),
    },
    (keyId) => keyring.goodUntilMs(keyId, machine.skewMs),
  );
}

/** Tells what a reader is given, before it is. */
function watched({ world }: AwsDeps, consumer: string, handle: StreamHandler): StreamHandler {
  return (event) => {
    const payments: Payment[] = event.Records.flatMap(({ dynamodb }) =>
      dynamodb?.NewImage ? [decodeStreamImage(dynamodb.NewImage)] : [],
    );
    world.see({ kind: 'fed', consumer, payments });
    return handle(event);
  };
}

export function startRelay(deps: AwsDeps, machine: Machine): StreamHandler {
  const { clients, timers, ids, logger } = partsOf(deps, machine);
  const send = createSqsSender({ client: clients.sqs, queueUrl: QUEUES.work, timers, ids });
  const onReversal = () => deps.world.count('lateSuccess');
  const handle = createRelayHandler({ queue: { send }, onReversal });
  return watched(deps, 'relay', createRelayBatch({ relay: { handle }, decode: decodeStreamImage, logger }));
}

export function startAudit(deps: AwsDeps, machine: Machine): StreamHandler {
  const { clients, clock, ids, logger } = partsOf(deps, machine);
  const log = createAwsAuditLog(deps.world, machine, clients, ids.random);
  const measurements = measurementsOf(deps.world);
  const handle = createAuditBatch({ log, decode: decodeStreamImage, measurements, clock, logger });
  return watched(deps, 'audit', handle);
}

export function startWorker(deps: AwsDeps, machine: Machine): QueueHandler {
  const parts = partsOf(deps, machine);
  // As in the function itself: the event source deletes what succeeded.
  const queue = { ...parts.queue, ack: async () => undefined };
  const worker = workerOf(deps, machine, parts, queue);
  return createWorkBatch({ worker, parse: readMessage, logger: parts.logger });
}

export function startSweep(deps: AwsDeps, machine: Machine): (remainingMs: () => number) => Promise<void> {
  const { store, queue, clock, logger, clients } = partsOf(deps, machine);
  return createSweepPass({
    sweep: createSweep({ store, queue, clock, logger }),
    queue,
    recoverFailed: createRecoverFailed({
      failedEvents: createS3FailedEvents({ client: clients.s3, bucket: BUCKETS.failed }),
      readers: { 'payment-relay': startRelay(deps, machine), 'payment-audit': startAudit(deps, machine) },
      logger,
    }),
    // The PSP is another company's, and tells by itself.
    deliverCallbacks: null,
    measurements: measurementsOf(deps.world),
    logger,
  });
}

/** The worker as a process of the fleet takes work: through the queue's own receive. */
export function fleetWorker(deps: AwsDeps, machine: Machine): Worker {
  const parts = partsOf(deps, machine);
  return workerOf(deps, machine, parts, parts.queue);
}
