import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { S3Client } from '@aws-sdk/client-s3';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { fromItem, type StoredItem } from '../../src/adapters/dynamodb/attributes.ts';
import { isPaymentItem, toPayment } from '../../src/adapters/dynamodb/payment-item.ts';
import { paymentKey } from '../../src/adapters/dynamodb/payment-keys.ts';
import { PAYMENTS_TABLE } from '../../src/adapters/dynamodb/table-schema.ts';
import { readMessage } from '../../src/adapters/sqs/work-message.ts';
import { GENESIS_HASH } from '../../src/domain/audit-chain.ts';
import type { Payment } from '../../src/domain/payment.ts';
import type { AuditHead } from '../../src/ports/audit-log.ts';
import type { DeadLetter, WorkItem } from '../../src/ports/work-queue.ts';
import type { Machine } from '../engine/machine.ts';
import { createDynamoModel, type DynamoModel, TABLES } from '../models/dynamo-model.ts';
import { createS3Model, type S3Model } from '../models/s3-model.ts';
import { createSqsModel, type SqsModel } from '../models/sqs-model.ts';
import type { Truth } from '../observe/observation.ts';
import { unpack } from './aws-unpack.ts';
import { createWire } from './aws-wire.ts';
import type { Ledger } from './ledger.ts';
import { visibilityTimeoutOf } from './visibility.ts';
import type { World } from './world.ts';

export const BUCKETS = { audit: 'payment-audit-logs', failed: 'payment-failed-events' } as const;

export interface AwsClients {
  dynamo: DynamoDBClient;
  sqs: SQSClient;
  s3: S3Client;
}

/** The cloud: services that never crash, watched at the moment that something happens to them. */
export interface AwsServices {
  dynamo: DynamoModel;
  sqs: SqsModel;
  s3: S3Model;
  /** A machine's clients, behind its own way there. */
  clients(machine: Machine): AwsClients;
  truth: Pick<Truth, 'payments' | 'get' | 'queue' | 'deadLetters' | 'auditLines' | 'auditHead'>;
  /** Told whenever the queue may have changed. */
  onQueue(listener: () => void): void;
}

/** The index is behind by at most so much. */
const LAG_MS = 30_000;
/** Of the queries, so many get less than a whole page. */
const SHORT_PAGES = 0.1;
const SHARDS = 3;
/** A message that is late is so by at most this. */
const LATE_MS = 30_000;
const MAX_DELAY_MS = 900_000;
/** The function has a minute, and the queue hides a message for six times as long as it is meant to be hidden. */
const VISIBILITY_FACTOR = 6;

export function createAwsServices(world: World, ledger: Ledger): AwsServices {
  const { engine, faults } = world;
  const clock = { now: engine.nowMs };
  const pages = world.random.fork('pages');
  const order = world.random.fork('order of messages');
  const auditLines: string[] = [];
  let queueChanged: () => void = () => undefined;

  const dynamo = createDynamoModel({
    clock,
    shards: SHARDS,
    indexLagMs: () => (faults.strikes('staleList') ? faults.chance('staleList').int(LAG_MS) : 0),
    reads: {
      pageSize: (asked) => (pages.chance(SHORT_PAGES) ? 1 + pages.int(Math.max(1, asked)) : asked),
      unread: (keys) => (faults.strikes('throttled') ? faults.chance('throttled').int(keys + 1) : 0),
    },
    onWrite(_before, after) {
      const payment = paymentOf(after);
      if (payment) ledger.write(payment);
    },
    onRefused(table, item, stored) {
      const payment = table === TABLES.payments ? paymentOf(item) : null;
      if (payment) world.see({ kind: 'refused_write', payment, stored: paymentOf(stored) });
    },
    onControl(before, after) {
      if (before || !after || after.operation_id === undefined) return;
      world.see({ kind: 'buried', item: letterOf(after).item });
      world.count('deadLetter');
    },
  });

  const sqs = createSqsModel({
    clock,
    visibilityTimeoutMs: VISIBILITY_FACTOR * visibilityTimeoutOf(world),
    behaviour: {
      pick: (visible) => order.int(visible),
      found: (could) => (order.chance(SHORT_PAGES) ? order.int(could + 1) : could),
      givesTwice: () => faults.strikes('messageRepeated'),
      forgetsDelete: () => faults.strikes('messageRepeated'),
    },
    refusesEntry: () => faults.strikes('sendFailsInPart'),
    arrives(delayMs) {
      if (faults.strikes('messageLost')) return [];
      if (!faults.strikes('messageDelayed')) return [delayMs];
      return [Math.min(MAX_DELAY_MS, delayMs + faults.chance('messageDelayed').int(LATE_MS))];
    },
    onSent(body) {
      const item = readMessage(body);
      if (item) world.see({ kind: 'sent', item });
    },
    onGiven({ body, received }) {
      const item = readMessage(body);
      if (item) world.see({ kind: 'received', item, receiveCount: received });
    },
    onDeleted({ body }) {
      const item = readMessage(body);
      if (item) world.see({ kind: 'acked', item });
    },
    onBuried({ body }) {
      const item = readMessage(body);
      if (item) world.see({ kind: 'buried', item });
      world.count('putAside');
    },
  });

  const s3 = createS3Model({
    clock,
    contends: () => faults.strikes('throttled'),
    onPut(bucket, _key, body) {
      if (bucket === BUCKETS.audit) audited(unpack(body).toString().split('\n').slice(0, -1));
    },
  });

  /** Put where none was, an object is a part of the chain, whoever moves the head over it. */
  function audited(lines: readonly string[]): void {
    auditLines.push(...lines);
    const entries = lines.map((line) => {
      const { hash: _, ...entry } = JSON.parse(line) as Record<string, unknown>;
      return entry;
    });
    world.see({ kind: 'audited', entries, head: headOf(auditLines) });
  }

  return {
    dynamo,
    sqs,
    s3,
    clients(machine) {
      const wire = createWire(world, machine, () => queueChanged());
      return { dynamo: dynamo.client(wire), sqs: sqs.client(wire), s3: s3.client(wire) };
    },
    truth: {
      *payments() {
        for (const item of dynamo.payments.all()) if (isPaymentItem(item)) yield toPayment(item);
      },
      get: (ref) => paymentOf(dynamo.payments.get({ [PAYMENTS_TABLE.partitionKey]: { S: paymentKey(ref) } })),
      queue: sqs.work.depth,
      *deadLetters() {
        for (const item of dynamo.control.partition('dead', undefined)) yield letterOf(item);
        for (const { id, body, sentMs } of sqs.dead.all()) {
          const item = readMessage(body);
          if (item) yield { id, item, reason: 'put aside by the queue', at: new Date(sentMs).toISOString() };
        }
      },
      auditLines: () => auditLines,
      // What the reader of the log is told; at the end it must be the head of all that was ever put.
      auditHead() {
        const [stored] = dynamo.control.partition('audit', undefined);
        if (!stored) return { records: 0, hash: GENESIS_HASH };
        const { records, hash } = fromItem(stored) as unknown as AuditHead;
        return { records, hash };
      },
    },
    onQueue(listener) {
      queueChanged = listener;
    },
  };
}

function paymentOf(item: StoredItem | undefined): Payment | null {
  return item && isPaymentItem(item) ? toPayment(item) : null;
}

function letterOf(stored: StoredItem): DeadLetter {
  const { sk, merchant_id, livemode, payment_id, operation_id, attempt, reason, at } = fromItem(
    stored,
  ) as unknown as WorkItem & { sk: string; reason: string; at: string };
  return { id: sk, item: { merchant_id, livemode, payment_id, operation_id, attempt }, reason, at };
}

function headOf(lines: readonly string[]): AuditHead {
  const { hash } = JSON.parse(lines.at(-1) ?? '{}') as { hash: string };
  return { records: lines.length, hash };
}
