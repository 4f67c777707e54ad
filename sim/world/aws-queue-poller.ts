import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Random } from '../engine/random.ts';
import type { SqsQueue, StoredMessage } from '../models/sqs-queue.ts';
import type { World } from './world.ts';

/** As in the stack. */
const BATCH = 10;

interface Deps {
  queue: SqsQueue;
  random: Random;
  invoke: (event: SQSEvent) => Promise<SQSBatchResponse | 'failed'>;
  /** Told after whatever it did to the queue. */
  onQueue: () => void;
}

/**
 * Lambda's reader of the queue: takes a batch, invokes, and deletes what did not fail. A batch that failed as a whole
 * comes again, all of it, when its messages are visible again.
 */
export function createQueuePoller(world: World, { queue, random, invoke, onQueue }: Deps) {
  return async (): Promise<void> => {
    const messages = queue.receive(1 + random.int(BATCH));
    onQueue();
    if (messages.length === 0) return;
    const handled = await invoke({ Records: messages.map(recordOf) });
    if (handled === 'failed') {
      world.count('workBatchFailed');
      return;
    }
    const failed = new Set(handled.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
    for (const { id, receipt } of messages) if (!failed.has(id)) queue.remove(receipt ?? '');
    onQueue();
  };
}

function recordOf({ id, body, receipt, received, sentMs }: StoredMessage): SQSEvent['Records'][number] {
  return {
    messageId: id,
    receiptHandle: receipt ?? '',
    body,
    attributes: {
      ApproximateReceiveCount: String(received),
      SentTimestamp: String(sentMs),
      SenderId: 'relay',
      ApproximateFirstReceiveTimestamp: String(sentMs),
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:123456789012:payment-queue',
    awsRegion: 'us-east-1',
  };
}
