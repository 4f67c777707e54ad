import { SendMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { WorkQueue } from '../../ports/work-queue.ts';
import { type BatchPacing, inBatches } from './batches.ts';
import { writeMessage } from './work-message.ts';

/** SQS holds no message back for longer. */
const MAX_DELAY_MS = 900_000;

export interface SqsSenderDeps extends BatchPacing {
  client: SQSClient;
  queueUrl: string;
}

/** The sending half of the work queue: all that the relay needs. */
export function createSqsSender({ client, queueUrl, timers, ids }: SqsSenderDeps): WorkQueue['send'] {
  return async (items, delayMs = 0) => {
    if (!(delayMs >= 0 && delayMs <= MAX_DELAY_MS))
      throw new RangeError(`A message can be delayed by 0 to ${MAX_DELAY_MS} ms. Received: ${delayMs}`);
    // Never earlier than it was asked for.
    const delay = delayMs === 0 ? {} : { DelaySeconds: Math.ceil(delayMs / 1_000) };
    await inBatches(
      { timers, ids },
      {
        what: 'Work could not be sent to the queue',
        entries: items.map((item) => ({ MessageBody: writeMessage(item), ...delay })),
        call: (Entries) => client.send(new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries })),
      },
    );
  };
}
