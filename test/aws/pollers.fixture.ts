import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  type Message,
  ReceiveMessageCommand,
  type SQSClient,
} from '@aws-sdk/client-sqs';
import type {
  DynamoDBBatchResponse,
  DynamoDBRecord,
  DynamoDBStreamEvent,
  SQSBatchResponse,
  SQSEvent,
  SQSRecord,
} from 'aws-lambda';

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export function shuffled<T>(items: readonly T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

/** How often an event source misbehaves, from 0 to 1. */
export interface Faults {
  /** The batch is given twice, at the same time. */
  duplicated: number;
  /** The function did its work, and its answer was lost: the batch comes again. */
  answerLost: number;
  /** The function was not reached at all: the batch comes again. */
  notInvoked: number;
}

export interface Counted {
  invocations: number;
  duplicated: number;
  failed: number;
}

interface StreamSource {
  name: string;
  /** What the event source's filter lets through. */
  filter: (record: DynamoDBRecord) => boolean;
  batchSize: number;
  handler: (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse>;
}

/** Stands in for Lambda's poller of a stream, for one function: batches in order, given again until they succeed. */
export function createStreamSource(
  { filter, batchSize, handler }: StreamSource,
  faults: Faults,
  random: () => number,
) {
  let pending: DynamoDBRecord[] = [];
  const counted: Counted = { invocations: 0, duplicated: 0, failed: 0 };

  /** Records that are to be given again: from the first that was named on. */
  async function invoke(batch: DynamoDBRecord[]): Promise<DynamoDBRecord[]> {
    counted.invocations += 1;
    if (random() < faults.notInvoked) {
      counted.failed += 1;
      return batch;
    }
    const event = { Records: structuredClone(batch) };
    const twice = random() < faults.duplicated;
    if (twice) counted.duplicated += 1;
    const [answer] = await Promise.all([handler(event), twice ? handler(structuredClone(event)) : null]);
    if (random() < faults.answerLost) {
      counted.failed += 1;
      return batch;
    }
    const failed = answer.batchItemFailures[0]?.itemIdentifier;
    if (failed === undefined) return [];
    counted.failed += 1;
    return batch.slice(batch.findIndex(({ dynamodb }) => dynamodb?.SequenceNumber === failed));
  }

  return {
    counted,
    offer(records: readonly DynamoDBRecord[]): void {
      pending.push(...records.filter(filter));
    },
    /** One batch; whether there was one. */
    async step(): Promise<boolean> {
      if (pending.length === 0) return false;
      const batch = pending.slice(0, batchSize);
      const again = await invoke(batch);
      pending = [...again, ...pending.slice(batch.length)];
      return true;
    },
  };
}

interface QueueSource {
  client: SQSClient;
  queueUrl: string;
  handler: (event: SQSEvent) => Promise<SQSBatchResponse>;
}

/** Stands in for Lambda's poller of a queue: batches of ten, of which only what was not named is deleted. */
export function createQueueSource(
  { client, queueUrl, handler }: QueueSource,
  faults: Faults,
  random: () => number,
) {
  const counted: Counted = { invocations: 0, duplicated: 0, failed: 0 };

  async function giveBack(messages: readonly Message[]): Promise<void> {
    for (const { ReceiptHandle } of messages) {
      await client.send(
        new ChangeMessageVisibilityCommand({ QueueUrl: queueUrl, ReceiptHandle, VisibilityTimeout: 0 }),
      );
    }
  }

  return {
    counted,
    /** One batch, in any order; whether there was one. */
    async step(): Promise<boolean> {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: 10,
          MessageSystemAttributeNames: ['All'],
        }),
      );
      if (Messages.length === 0) return false;
      counted.invocations += 1;
      if (random() < faults.notInvoked) {
        counted.failed += 1;
        await giveBack(Messages);
        return true;
      }
      const event = { Records: shuffled(Messages, random).map(toRecord) };
      const twice = random() < faults.duplicated;
      if (twice) counted.duplicated += 1;
      const [answer] = await Promise.all([handler(event), twice ? handler(structuredClone(event)) : null]);
      if (random() < faults.answerLost) {
        counted.failed += 1;
        await giveBack(Messages);
        return true;
      }
      const failed = new Set(answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      const done = Messages.filter(({ MessageId }) => !failed.has(MessageId as string));
      if (done.length > 0) {
        const Entries = done.map(({ ReceiptHandle }, n) => ({ Id: String(n), ReceiptHandle }));
        await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
      }
      return true;
    },
  };
}

/** A message as Lambda's poller hands it to the function. */
export function toRecord({ MessageId, ReceiptHandle, Body, Attributes, MD5OfBody }: Message): SQSRecord {
  return {
    messageId: MessageId as string,
    receiptHandle: ReceiptHandle as string,
    body: Body as string,
    attributes: Attributes as unknown as SQSRecord['attributes'],
    messageAttributes: {},
    md5OfBody: MD5OfBody as string,
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:000000000000:payment-queue-test1',
    awsRegion: 'us-east-1',
  };
}
