import { GetQueueAttributesCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { WorkQueue } from '../../ports/work-queue.ts';
import { sqsFault } from './sqs-fault.ts';

/** How much a queue holds, by SQS's own estimate: all that whoever sheds load needs. */
export function createSqsDepth({
  client,
  queueUrl,
}: {
  client: SQSClient;
  queueUrl: string;
}): WorkQueue['depth'] {
  const command = new GetQueueAttributesCommand({
    QueueUrl: queueUrl,
    AttributeNames: [
      'ApproximateNumberOfMessages',
      'ApproximateNumberOfMessagesDelayed',
      'ApproximateNumberOfMessagesNotVisible',
    ],
  });
  return async () => {
    try {
      const { Attributes = {} } = await client.send(command);
      return {
        waiting: Number(Attributes.ApproximateNumberOfMessages ?? 0),
        delayed: Number(Attributes.ApproximateNumberOfMessagesDelayed ?? 0),
        inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
      };
    } catch (cause) {
      throw sqsFault('The depth of the queue could not be read', cause);
    }
  };
}
