import { DeleteMessageBatchCommand, type Message } from '@aws-sdk/client-sqs';
import type { DeadLetterList } from '../../ports/dead-letter-list.ts';
import type { Logger } from '../../ports/logger.ts';
import type { Delivery, WorkQueue } from '../../ports/work-queue.ts';
import { inBatches } from './batches.ts';
import { drainDlq } from './drain-dlq.ts';
import { isStaleReceipt } from './receipts.ts';
import { receiveMessages } from './receive.ts';
import { createSqsDepth } from './sqs-depth.ts';
import { createSqsSender, type SqsSenderDeps } from './sqs-sender.ts';
import { readMessage } from './work-message.ts';

export interface SqsWorkQueueDeps extends SqsSenderDeps {
  /** Where SQS itself puts what was received too often. */
  dlqUrl: string;
  deadLetters: DeadLetterList;
  logger: Logger;
  /**
   * How long `receive` waits for a first message, 0 … 20: for a process that does nothing but poll.
   * @default 0
   */
  waitSeconds?: number;
}

/** The work queue on SQS, with its dead letters on a list that can be searched, counted and taken from by name. */
export function createSqsWorkQueue(deps: SqsWorkQueueDeps): WorkQueue {
  const { client, queueUrl, dlqUrl, deadLetters, logger, waitSeconds = 0 } = deps;

  const send = createSqsSender(deps);
  const depth = createSqsDepth({ client, queueUrl });
  const dlqDepth = createSqsDepth({ client, queueUrl: dlqUrl });

  /** SQS delivers what cannot be read again, and puts it aside in the end: nothing here may stop for it. */
  function toDelivery({ MessageId, ReceiptHandle, Body, Attributes }: Message): Delivery[] {
    const item = readMessage(Body);
    if (item)
      return [
        {
          receipt: ReceiptHandle as string,
          item,
          receiveCount: Number(Attributes?.ApproximateReceiveCount ?? 1),
        },
      ];
    logger.error(
      { message_id: MessageId },
      'a message in the work queue is not of Tollgate: left for the dead-letter queue',
    );
    return [];
  }

  return {
    send,

    async receive(limit) {
      const messages = await receiveMessages({ client, logger, queueUrl, limit, waitSeconds });
      return messages.flatMap(toDelivery);
    },

    ack: (receipts) =>
      inBatches(deps, {
        what: 'Messages could not be acknowledged',
        entries: receipts.map((ReceiptHandle) => ({ ReceiptHandle })),
        call: (Entries) => client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries })),
        isDone: isStaleReceipt,
      }),

    deadLetter: (item, reason) => deadLetters.put(item, reason),

    async deadLetters(limit) {
      await drainDlq(deps);
      return deadLetters.list(limit);
    },

    async redrive(id) {
      const letter = await deadLetters.get(id);
      if (!letter) return false;
      // Sent first: a crash in between sends it twice, which the worker takes, instead of losing sight of it.
      await send([letter.item]);
      // Unless a worker was so fast that it has put it back already.
      await deadLetters.remove(letter);
      return true;
    },

    dropDeadLetters: (item) => deadLetters.drop(item),

    depth,

    async deadLetterCount() {
      const [listed, { waiting, delayed, inFlight }] = await Promise.all([deadLetters.count(), dlqDepth()]);
      return listed + waiting + delayed + inFlight;
    },

    // SQS tells the age as a CloudWatch metric only (ApproximateAgeOfOldestMessage), and the alarms watch that one.
    oldestAgeMs: async () => 0,
  };
}
