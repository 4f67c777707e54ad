import { type Message, ReceiveMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import type { Logger } from '../../ports/logger.ts';
import { REQUEST_TIMEOUT_MS } from './sqs-client.ts';
import { sqsFault } from './sqs-fault.ts';

/** SQS gives so many messages in one request. */
const RECEIVE_BATCH = 10;

export interface ReceiveRequest {
  client: SQSClient;
  logger: Logger;
  queueUrl: string;
  limit: number;
  /** How long SQS may wait for a first message. */
  waitSeconds: number;
}

/**
 * Up to `limit` messages. One request is made first, and further ones at the same time only if it came back full: an
 * idle queue costs one request, and a first message does not wait for the long polls of the others.
 */
export async function receiveMessages(request: ReceiveRequest): Promise<Message[]> {
  const { limit, logger } = request;
  if (limit < 1) return [];
  const first = await receiveBatch(request, Math.min(limit, RECEIVE_BATCH), request.waitSeconds);
  if (first.length < RECEIVE_BATCH) return first;
  const sizes: number[] = [];
  for (let left = limit - RECEIVE_BATCH; left > 0; left -= RECEIVE_BATCH)
    sizes.push(Math.min(left, RECEIVE_BATCH));
  const answers = await Promise.allSettled(sizes.map((size) => receiveBatch(request, size, 0)));
  const messages = first;
  for (const answer of answers) {
    // What was received is hidden from everybody else, so it is handed on whatever became of the other requests.
    if (answer.status === 'fulfilled') messages.push(...answer.value);
    else logger.warn({ error: String(answer.reason) }, 'a part of the messages could not be received');
  }
  return messages;
}

async function receiveBatch(
  { client, queueUrl }: ReceiveRequest,
  size: number,
  waitSeconds: number,
): Promise<Message[]> {
  const command = new ReceiveMessageCommand({
    QueueUrl: queueUrl,
    MaxNumberOfMessages: size,
    WaitTimeSeconds: waitSeconds,
    MessageSystemAttributeNames: ['ApproximateReceiveCount'],
  });
  try {
    const { Messages } = await client.send(command, {
      requestTimeout: waitSeconds * 1_000 + REQUEST_TIMEOUT_MS,
    });
    return Messages ?? [];
  } catch (cause) {
    throw sqsFault('The queue could not be read', cause);
  }
}
