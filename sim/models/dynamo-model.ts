import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { StoredItem } from '../../src/adapters/dynamodb/attributes.ts';
import { CONTROL_TABLE, PAYMENTS_TABLE } from '../../src/adapters/dynamodb/table-schema.ts';
import type { Clock } from '../../src/ports/clock.ts';
import { createModelDynamoClient, type ReadBehaviour } from './dynamo-client.ts';
import { createDynamoStream, type DynamoStream } from './dynamo-stream.ts';
import { createDynamoTable, type DynamoTable } from './dynamo-table.ts';
import { directWire, type Wire } from './service-call.ts';

/** Names of the tables in the model. */
export const TABLES = { payments: 'payments', control: 'payment-control' } as const;

export interface DynamoModelOptions {
  /** The service's own time, which no machine's clock is. */
  clock: Clock;
  /** How long an entry of the index stays behind the table. @default not at all */
  indexLagMs?: () => number;
  /** @default 4 */
  shards?: number;
  reads?: ReadBehaviour;
  /** Told of each write to the payments' table, within the write. */
  onWrite?: (before: StoredItem | undefined, after: StoredItem | undefined) => void;
  /** Told of each put that was refused. */
  onRefused?: (table: string, item: StoredItem, stored: StoredItem | undefined) => void;
  /** Told of each write to the control table. */
  onControl?: (before: StoredItem | undefined, after: StoredItem | undefined) => void;
}

export interface DynamoModel {
  payments: DynamoTable;
  control: DynamoTable;
  /** Of the payments' table. */
  stream: DynamoStream;
  /** A client for one machine, behind its own way to the service. */
  client(wire?: Wire): DynamoDBClient;
}

const DEFAULT_SHARDS = 4;

/** DynamoDB as far as this project uses it. The adapters that run on it are the real ones. */
export function createDynamoModel(options: DynamoModelOptions): DynamoModel {
  const {
    clock,
    indexLagMs = () => 0,
    shards = DEFAULT_SHARDS,
    reads,
    onWrite,
    onRefused,
    onControl,
  } = options;
  const nowMs = () => clock.now();
  const stream = createDynamoStream({ partitionKey: PAYMENTS_TABLE.partitionKey, shards, nowMs });
  const payments = createDynamoTable({
    schema: PAYMENTS_TABLE,
    nowMs,
    indexLagMs,
    onWrite(before, after) {
      stream.written(before, after);
      onWrite?.(before, after);
    },
  });
  const control = createDynamoTable({
    schema: CONTROL_TABLE,
    nowMs,
    ...(onControl && { onWrite: onControl }),
  });
  const tables = new Map([
    [TABLES.payments, payments],
    [TABLES.control, control],
  ] as const);
  return {
    payments,
    control,
    stream,
    client: (wire = directWire) =>
      createModelDynamoClient({
        tables,
        wire,
        ...(reads && { behaviour: reads }),
        ...(onRefused && { onRefused }),
      }),
  };
}
