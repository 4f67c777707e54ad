import { DeleteMessageBatchCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { DeadLetterList } from '../../ports/dead-letter-list.ts';
import type { Logger } from '../../ports/logger.ts';
import { type BatchPacing, inBatches } from './batches.ts';
import { isStaleReceipt } from './receipts.ts';
import { receiveMessages } from './receive.ts';
import { readMessage } from './work-message.ts';

/** Messages moved in one go; whoever looks at the dead letters again moves the next ones. */
const DRAIN_LIMIT = 100;
const DRAIN_BATCH = 10;

export interface DrainDeps extends BatchPacing {
  client: SQSClient;
  dlqUrl: string;
  deadLetters: DeadLetterList;
  logger: Logger;
}

/**
 * Moves what SQS itself put aside onto the list of dead letters: first put, then deleted, so that a crash repeats
 * and loses nothing. What Tollgate did not write stays where it is, and hides for its visibility timeout, so that
 * it stands in nobody's way.
 */
export async function drainDlq({ client, dlqUrl, deadLetters, logger, ...pacing }: DrainDeps): Promise<void> {
  for (let drained = 0; drained < DRAIN_LIMIT; drained += DRAIN_BATCH) {
    const request = { client, logger, queueUrl: dlqUrl, limit: DRAIN_BATCH, waitSeconds: 0 };
    const messages = await receiveMessages(request);
    if (messages.length === 0) return;
    const moved: { ReceiptHandle: string }[] = [];
    for (const { Body, MessageId, ReceiptHandle } of messages) {
      const item = readMessage(Body);
      if (item) {
        await deadLetters.put(
          item,
          'received again and again without being settled, and put aside by the queue',
        );
        moved.push({ ReceiptHandle: ReceiptHandle as string });
      } else {
        logger.error(
          { message_id: MessageId },
          'a message in the dead-letter queue is not of Tollgate: look at it and delete it by hand',
        );
      }
    }
    await inBatches(pacing, {
      what: 'Messages could not be taken off the dead-letter queue',
      entries: moved,
      call: (Entries) => client.send(new DeleteMessageBatchCommand({ QueueUrl: dlqUrl, Entries })),
      isDone: isStaleReceipt,
    });
  }
}
