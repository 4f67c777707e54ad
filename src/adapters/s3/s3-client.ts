import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';

const CONNECT_TIMEOUT_MS = 1_000;
/** An object of the audit log is written whole: some megabytes at the most. */
const REQUEST_TIMEOUT_MS = 10_000;
const MAX_ATTEMPTS = 3;

/** @param given what differs: an emulator's address in tests */
export function createS3Client(given: S3ClientConfig = {}): S3Client {
  return new S3Client({
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      // Without it the SDK only logs that the time is over, and goes on waiting.
      throwOnRequestTimeout: true,
      // A body that stops coming ends too: the other time is over when its first byte is there.
      socketTimeout: REQUEST_TIMEOUT_MS,
    },
    ...given,
  });
}
