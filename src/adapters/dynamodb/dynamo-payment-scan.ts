import { type DynamoDBClient, ScanCommand, type ScanCommandOutput } from '@aws-sdk/client-dynamodb';
import type { Payment } from '../../domain/payment.ts';
import type { Timers } from '../../ports/clock.ts';
import { UnavailableError } from '../../ports/faults.ts';
import type { StoredItem } from './attributes.ts';
import { asked } from './dynamo-fault.ts';
import { toPayment } from './payment-item.ts';
import { PAYMENTS_TABLE } from './table-schema.ts';

/** Half of what one storage partition gives in a second: a scan reads one after the other, and payments need it too. */
const UNITS_PER_SECOND = 1_500;

/** An hour of reading is not given up for one page: so often is it asked for again, after 1, 2, 4 … seconds. */
const MAX_REPEATS = 5;
const REPEAT_PAUSE_MS = 1_000;

const { partitionKey } = PAYMENTS_TABLE;

interface Options {
  client: DynamoDBClient;
  tableName: string;
  timers: Pick<Timers, 'sleep'>;
}

/**
 * Every payment of every partition, in no order. Strongly consistent: whatever was written before it began is in it.
 * A read unit for each 4 KB of the table, and paced.
 */
export async function* scanPayments({ client, tableName, timers }: Options): AsyncGenerator<Payment> {
  let start: ScanCommandOutput['LastEvaluatedKey'];
  do {
    const page = await readPage(start);
    for (const item of page.Items ?? []) yield readable(item);
    start = page.LastEvaluatedKey;
    const units = page.ConsumedCapacity?.CapacityUnits ?? 0;
    if (start) await timers.sleep(Math.ceil((units * 1_000) / UNITS_PER_SECOND));
  } while (start);

  async function readPage(after: typeof start): Promise<ScanCommandOutput> {
    for (let repeats = 0; ; repeats += 1) {
      const command = new ScanCommand({
        TableName: tableName,
        ConsistentRead: true,
        // The table holds API keys too.
        FilterExpression: 'attribute_exists(#record)',
        ExpressionAttributeNames: { '#record': PAYMENTS_TABLE.recordAttribute },
        ReturnConsumedCapacity: 'TOTAL',
        ExclusiveStartKey: after,
      });
      try {
        return await asked('reading all payments', client.send(command));
      } catch (error) {
        // What fails at its beginning says that something is not as it should be, and costs nothing to begin again.
        const mayPass = error instanceof UnavailableError && after !== undefined && repeats < MAX_REPEATS;
        if (!mayPass) throw error;
        await timers.sleep(REPEAT_PAUSE_MS * 2 ** repeats);
      }
    }
  }
}

function readable(item: StoredItem): Payment {
  try {
    return toPayment(item);
  } catch (cause) {
    throw new Error(`The item ${item[partitionKey]?.S} of the table is no payment that can be read.`, {
      cause,
    });
  }
}
