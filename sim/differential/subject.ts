import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDynamoDeadLetters } from '../../src/adapters/dynamodb/dynamo-dead-letters.ts';
import { createDynamoPaymentStore } from '../../src/adapters/dynamodb/dynamo-payment-store.ts';
import type { FakeClock } from '../../src/adapters/memory/fake-clock.ts';
import { createMemoryPaymentStore } from '../../src/adapters/memory/memory-payment-store.ts';
import { createMemoryWorkQueue } from '../../src/adapters/memory/memory-work-queue.ts';
import { openDatabase } from '../../src/adapters/sqlite/database.ts';
import { createSqlitePaymentStore } from '../../src/adapters/sqlite/sqlite-payment-store.ts';
import { createSqliteWorkQueue } from '../../src/adapters/sqlite/sqlite-work-queue.ts';
import { createSqsWorkQueue } from '../../src/adapters/sqs/sqs-work-queue.ts';
import type { ChangeFeed } from '../../src/ports/change-feed.ts';
import type { Logger } from '../../src/ports/logger.ts';
import type { PaymentStore } from '../../src/ports/payment-store.ts';
import type { WorkQueue } from '../../src/ports/work-queue.ts';
import { createDynamoModel, TABLES } from '../models/dynamo-model.ts';
import { createSqsModel, QUEUES } from '../models/sqs-model.ts';
import { createModelStreamFeed } from '../models/stream-feed.ts';

/** A store with its feed and a work queue, which is told the same history as the others. */
export interface Subject {
  name: string;
  store: PaymentStore;
  feed: ChangeFeed;
  queue: WorkQueue;
  close(): Promise<void>;
}

export const CONSUMERS = ['relay', 'audit'] as const;
export const VISIBILITY_MS = 60_000;
/** The most that the queues in memory and in SQLite give a message, before they put it aside; they keep it for ever. */
const LIKE_THE_OTHERS = { maxReceives: 10, keepsMs: Number.POSITIVE_INFINITY };

const nothing = () => undefined;
const silent: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

export function memorySubject(clock: FakeClock): Subject {
  const store = createMemoryPaymentStore({ consumers: CONSUMERS });
  const queue = createMemoryWorkQueue({ clock, visibilityTimeoutMs: VISIBILITY_MS });
  return { name: 'memory', store, feed: store, queue, close: async () => undefined };
}

/** In a file of its own; what is not synced to the disk cannot be lost, as nothing crashes here. */
export function sqliteSubject(clock: FakeClock): Subject {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-differential-'));
  const database = openDatabase({
    path: join(folder, 'tollgate.db'),
    sync: 'pipelined',
    migrate: true,
    syncFile: (_fd, done) => done(null),
  });
  const store = createSqlitePaymentStore(database, CONSUMERS);
  const queue = createSqliteWorkQueue(database, { clock, visibilityTimeoutMs: VISIBILITY_MS });
  return {
    name: 'SQLite',
    store,
    feed: store,
    queue,
    async close() {
      await database.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The real adapters on the models of DynamoDB and SQS, in which nothing lags behind. */
export function modelSubject(clock: FakeClock): Subject {
  // One shard, so that what a reader has committed is the same of all.
  const dynamo = createDynamoModel({ clock, shards: 1 });
  const client = dynamo.client();
  const noPause = { sleep: async () => undefined, after: () => () => undefined };
  return {
    name: 'the model of DynamoDB',
    store: createDynamoPaymentStore({ client, tableName: TABLES.payments, timers: noPause }),
    feed: createModelStreamFeed(dynamo.stream),
    queue: modelQueue(clock, createDynamoDeadLetters({ client, tableName: TABLES.control, clock })),
    close: async () => undefined,
  };
}

/** The real adapter on the model of SQS, with a list of dead letters wherever it is. */
export function modelQueue(
  clock: FakeClock,
  deadLetters: ReturnType<typeof createDynamoDeadLetters>,
): WorkQueue {
  const sqs = createSqsModel({ clock, visibilityTimeoutMs: VISIBILITY_MS, ...LIKE_THE_OTHERS });
  return createSqsWorkQueue({
    client: sqs.client(),
    queueUrl: QUEUES.work,
    dlqUrl: QUEUES.dead,
    deadLetters,
    logger: silent,
    timers: { sleep: async () => undefined },
    ids: { random: () => 0.5 },
  });
}
