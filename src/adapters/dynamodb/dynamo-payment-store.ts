import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import type { Payment, PaymentRef } from '../../domain/payment.ts';
import type { ChangeSignal } from '../../ports/change-feed.ts';
import type { Timers } from '../../ports/clock.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Created, PaymentStore } from '../../ports/payment-store.ts';
import { createBatchGet } from './batch-get.ts';
import { conditionalPut, IS_FREE } from './conditional-put.ts';
import { createDueReader } from './dynamo-due.ts';
import { asked } from './dynamo-fault.ts';
import { createListReader } from './dynamo-list.ts';
import { createIndexReader } from './index-pages.ts';
import { toPayment, toPaymentItem } from './payment-item.ts';
import { canBePaymentKey, parseIndexPlace, paymentKey } from './payment-keys.ts';
import { PAYMENTS_TABLE } from './table-schema.ts';

interface Options {
  client: DynamoDBClient;
  tableName: string;
  timers: Timers;
  /**
   * A settled payment may be deleted after so many days without a change; 0: never. It is the window of idempotency.
   * @default 0
   */
  hotRetentionDays?: number;
  /**
   * Told of items that cannot be read, where what is due is looked for: the others must be found all the same.
   * @default looking for what is due rejects
   */
  logger?: Pick<Logger, 'error'>;
}

/** Holds if the stored version is the one before: the compare of every compare-and-set. */
function isVersion(version: number) {
  return {
    ConditionExpression: '#version = :before',
    ExpressionAttributeNames: { '#version': 'version' },
    ExpressionAttributeValues: { ':before': { N: String(version) } },
  };
}

/**
 * Payments in DynamoDB: each one item, each write one conditional put. The change feed is the table's stream; the
 * signal tells of the writes of this process only.
 */
export function createDynamoPaymentStore({
  client,
  tableName,
  timers,
  hotRetentionDays = 0,
  logger,
}: Options): PaymentStore & ChangeSignal {
  const batchGet = createBatchGet({ client, tableName, timers });
  const keyOf = (place: string) => paymentKey(parseIndexPlace(place));
  const readIndexPage = createIndexReader({ client, tableName, keyOf });
  const list = createListReader({ readIndexPage, batchGet });
  const due = createDueReader({ readIndexPage, batchGet, onUnreadable });
  const listeners = new Set<(payment: Payment) => void>();

  function onUnreadable(key: string, error: unknown): void {
    if (!logger) throw error;
    logger.error({ item: key, error: String(error) }, 'an item of the table is no payment that can be read');
  }

  function tell(payment: Payment): void {
    for (const listener of [...listeners]) listener(payment);
  }

  return {
    async create(payment): Promise<Created> {
      const item = toPaymentItem(payment, hotRetentionDays);
      const put = await conditionalPut({
        client,
        tableName,
        item,
        condition: IS_FREE,
        doing: 'creating a payment',
      });
      if (!put.written) {
        if (!put.stored) throw new Error('DynamoDB refused a create, and did not answer what is there.');
        return { created: false, existing: toPayment(put.stored) };
      }
      tell(payment);
      return { created: true };
    },

    async get(ref: PaymentRef): Promise<Payment | null> {
      const key = paymentKey(ref);
      if (!canBePaymentKey(key)) return null;
      const answer = await asked(
        'reading a payment',
        client.send(
          new GetItemCommand({
            TableName: tableName,
            Key: { [PAYMENTS_TABLE.partitionKey]: { S: key } },
            ConsistentRead: true,
          }),
        ),
      );
      return answer.Item ? toPayment(answer.Item) : null;
    },

    async update(next): Promise<boolean> {
      const item = toPaymentItem(next, hotRetentionDays);
      const condition = isVersion(next.version - 1);
      const put = await conditionalPut({ client, tableName, item, condition, doing: 'updating a payment' });
      if (put.written) tell(next);
      return put.written;
    },

    list,
    due,

    onChange(listener) {
      // Wrapped, so that whoever subscribes one function twice can stop each on its own.
      const own = (payment: Payment) => listener(payment);
      listeners.add(own);
      return () => {
        listeners.delete(own);
      };
    },
  };
}
