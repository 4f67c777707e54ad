import { SQSClient, type SQSClientConfig } from '@aws-sdk/client-sqs';

/** Longer than SQS takes to answer, and short enough that three attempts end before a request does. */
export const REQUEST_TIMEOUT_MS = 3_000;
const CONNECT_TIMEOUT_MS = 1_000;
/**
 * More than a process works on at once. Of the SDK's own 50, a request that waits for one would count as one that
 * cannot connect: a service that takes a tenth of a second would fail a fleet's worker, which asks 512 times at once.
 */
const MAX_SOCKETS = 1_024;
const MAX_ATTEMPTS = 3;

/** @param given what differs: an emulator's address in tests */
export function createSqsClient(given: SQSClientConfig = {}): SQSClient {
  return new SQSClient({
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      httpAgent: { maxSockets: MAX_SOCKETS },
      httpsAgent: { maxSockets: MAX_SOCKETS },
      // Without it the SDK only logs that the time is over, and goes on waiting.
      throwOnRequestTimeout: true,
    },
    // The address is the region's or AWS_ENDPOINT_URL_SQS; else a queue's URL would override the latter.
    useQueueUrlAsEndpoint: false,
    ...given,
  });
}
