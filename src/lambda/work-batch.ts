import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { Worker } from '../app/work.ts';
import type { Logger } from '../ports/logger.ts';
import type { WorkItem } from '../ports/work-queue.ts';

interface Deps {
  worker: Pick<Worker, 'handle'>;
  /** Null for a body that is no work item. */
  parse: (body: string) => WorkItem | null;
  logger: Logger;
}

/**
 * Sees to a batch of messages side by side. Those that failed are named, so that they alone come again; the others
 * are deleted by the event source, and not by the worker.
 */
export function createWorkBatch({ worker, parse, logger }: Deps) {
  return async (event: SQSEvent): Promise<SQSBatchResponse> => {
    const outcomes = await Promise.allSettled(
      event.Records.map(async ({ body, receiptHandle, attributes }) => {
        const item = parse(body);
        if (!item) throw new Error('The message is no work item.');
        const receiveCount = Number(attributes.ApproximateReceiveCount);
        await worker.handle({ receipt: receiptHandle, item, receiveCount });
      }),
    );
    const failed = event.Records.filter((_, index) => {
      const outcome = outcomes[index];
      if (outcome?.status !== 'rejected') return false;
      const { messageId } = event.Records[index] as { messageId: string };
      logger.warn({ message_id: messageId, error: String(outcome.reason) }, 'work will be tried again');
      return true;
    });
    return { batchItemFailures: failed.map(({ messageId }) => ({ itemIdentifier: messageId })) };
  };
}
