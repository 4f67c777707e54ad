import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';

/** The first try and two more: what still fails then is answered with 503, and the client asks again. */
const MAX_ATTEMPTS = 3;
const CONNECT_TIMEOUT_MS = 1_000;
/**
 * More than a process works on at once. Of the SDK's own 50, a request that waits for one would count as one that
 * cannot connect: a service that takes a tenth of a second would fail a fleet's worker, which asks 512 times at once.
 */
const MAX_SOCKETS = 1_024;
/** A single item takes milliseconds; a request that takes longer than this is lost. */
const REQUEST_TIMEOUT_MS = 3_000;

/** Region, credentials and endpoint come from the environment, as the SDK reads it. */
export function createDynamoClient(overrides: DynamoDBClientConfig = {}): DynamoDBClient {
  return new DynamoDBClient({
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      httpAgent: { maxSockets: MAX_SOCKETS },
      httpsAgent: { maxSockets: MAX_SOCKETS },
      throwOnRequestTimeout: true,
    },
    ...overrides,
  });
}
