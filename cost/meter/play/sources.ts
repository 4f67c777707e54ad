import { DeleteMessageBatchCommand, type Message, ReceiveMessageCommand } from '@aws-sdk/client-sqs';
import type { DynamoDBRecord, SQSRecord } from 'aws-lambda';
import { createStreamReader } from '../../../src/adapters/dynamodb/stream-feed.fixture.ts';
import { decodeStreamImage, isPaymentImage } from '../../../src/adapters/dynamodb/stream-image.ts';
import { createSqsClient } from '../../../src/adapters/sqs/sqs-client.ts';
import type { Payment } from '../../../src/domain/payment.ts';
import { toRecord } from '../../../test/aws/pollers.fixture.ts';
import type { MeteredCloud } from '../cloud/metered-cloud.ts';

/** The event source's filter for the relay: `infra/constructs/event-sources.ts`. */
export function isRelayed({ dynamodb }: DynamoDBRecord): boolean {
  return dynamodb?.NewImage?.dispatch?.S !== undefined;
}

/** The event source's filter for the audit. */
export function isAudited({ eventName, dynamodb }: DynamoDBRecord): boolean {
  return eventName !== 'REMOVE' && isPaymentImage(dynamodb?.NewImage ?? {});
}

/** A change of a payment: as the functions are given it, and what it says. */
export interface Change {
  readonly record: DynamoDBRecord;
  readonly payment: Payment;
}

/** What Lambda's pollers take from the stream and the queue; they are paid for apart, and are not counted here. */
export interface Sources {
  /** Changes of payments since the last call. */
  changes(): Promise<Change[]>;
  /** All messages that are visible now. They are deleted at once, as they are when a batch has succeeded. */
  messages(): Promise<SQSRecord[]>;
  close(): void;
}

/** Both in an order that does not depend on which of several writes at the same time was first. */
export function createSources({ dynamo, fauxqs, config }: MeteredCloud): Sources {
  const readStream = createStreamReader(dynamo.endpoint, config.TABLE_NAME);
  const client = createSqsClient({
    endpoint: fauxqs,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const QueueUrl = config.QUEUE_URL;

  async function receive(): Promise<Message[]> {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        MessageSystemAttributeNames: ['All'],
      }),
    );
    if (Messages.length === 0) return [];
    const Entries = Messages.map(({ ReceiptHandle }, n) => ({ Id: String(n), ReceiptHandle }));
    await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    return [...Messages, ...(await receive())];
  }

  return {
    async changes() {
      const records = ((await readStream()) as DynamoDBRecord[]).filter(isAudited);
      const changes = records.map((record) => ({
        record,
        payment: decodeStreamImage(record.dynamodb?.NewImage ?? {}),
      }));
      return inOrder(changes, ({ payment }) => placeOf(payment));
    },
    async messages() {
      return inOrder((await receive()).map(toRecord), ({ body }) => body);
    },
    close: () => client.destroy(),
  };
}

/** By the time of the change, then by payment and version. */
function placeOf({ updated_at, payment_id, version }: Payment): string {
  return `${updated_at} ${payment_id} ${String(version).padStart(6, '0')}`;
}

function inOrder<T>(items: readonly T[], placeOf: (item: T) => string): T[] {
  return items
    .map((item) => ({ item, place: placeOf(item) }))
    .toSorted((a, b) => (a.place < b.place ? -1 : 1))
    .map(({ item }) => item);
}
