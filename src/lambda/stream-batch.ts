import type { AttributeValue, DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import type { Payment } from '../domain/payment.ts';
import type { Logger } from '../ports/logger.ts';

export type DecodeImage = (image: Record<string, AttributeValue>) => Payment;

export interface StreamBatch {
  payments: Payment[];
  /** Sequence number of the first record; null for a batch without changes of payments. */
  first: string | null;
  /** Of the last record that could be read. */
  last: string;
  /** Of the first record that could not be read: what comes before it is dealt with, and it is told as failed. */
  unreadable: string | null;
}

/**
 * The changes of payments in a batch of the stream, in its order. The event source's filter lets nothing else through,
 * but a filter may be changed by hand: API keys, and deletions (of which one by TTL is no change), are passed over.
 * @throws Error if the first of several records cannot be read. Told as failed, the same batch would come again; the
 * function's error has the event source split it, until what cannot be read is alone, and alone is put aside.
 */
export function readBatch(event: DynamoDBStreamEvent, decode: DecodeImage, logger: Logger): StreamBatch {
  const batch: StreamBatch = { payments: [], first: null, last: '', unreadable: null };
  for (const { dynamodb } of event.Records) {
    const image = dynamodb?.NewImage;
    const sequence = dynamodb?.SequenceNumber ?? '';
    // As the event source's filter has it: only payments have a record.
    if (!image || !('record' in image)) continue;
    batch.first ??= sequence;
    try {
      batch.payments.push(decode(image));
      batch.last = sequence;
    } catch (error) {
      logger.error({ sequence_number: sequence, error: String(error) }, 'a change cannot be read');
      if (dynamodb === event.Records[0]?.dynamodb && event.Records.length > 1) {
        throw new Error(`Record ${sequence} cannot be read; the batch is to be split.`, { cause: error });
      }
      batch.unreadable = sequence;
      break;
    }
  }
  return batch;
}

/** From this record on, the stream gives the batch again. */
export function failedFrom(sequence: string | null): DynamoDBBatchResponse {
  return { batchItemFailures: sequence === null ? [] : [{ itemIdentifier: sequence }] };
}
