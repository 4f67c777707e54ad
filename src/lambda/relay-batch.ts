import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import type { Relay } from '../app/relay.ts';
import type { Logger } from '../ports/logger.ts';
import { type DecodeImage, failedFrom, readBatch } from './stream-batch.ts';

interface Deps {
  relay: Pick<Relay, 'handle'>;
  decode: DecodeImage;
  logger: Logger;
}

/** Sends what a batch of changes dispatches. All of it comes again if any of it could not be sent. */
export function createRelayBatch({ relay, decode, logger }: Deps) {
  return async (event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    const { payments, first, unreadable } = readBatch(event, decode, logger);
    try {
      await relay.handle(payments);
    } catch (error) {
      logger.error({ changes: payments.length, error: String(error) }, 'not relayed; it is tried again');
      return failedFrom(first);
    }
    return failedFrom(unreadable);
  };
}
