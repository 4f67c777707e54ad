import { UnavailableError } from '../../ports/faults.ts';

/** What S3 and its key service answer, with a status of a wrong request, when they cannot serve a right one. */
const NOT_SERVED =
  /Throttl|^KMS|NoSuchBucket|RequestTimeout|AccessDenied|ExpiredToken|InvalidToken|TimeTooSkewed/;

/** The status that S3 answered with, if it answered. */
export function statusOf(cause: unknown): number | undefined {
  return (cause as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata?.httpStatusCode;
}

/**
 * A fault of S3, of the way to it or of the permissions as `UnavailableError`; a bug, which asking again does not
 * mend, as it is.
 * @param what that failed, as the beginning of a sentence
 */
export function s3Fault(what: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || cause instanceof TypeError) return cause;
  const status = statusOf(cause);
  const isRequest = status !== undefined && status >= 400 && status < 500 && status !== 403 && status !== 429;
  if (isRequest && !NOT_SERVED.test(cause.name)) return cause;
  return new UnavailableError(`${what}: ${cause.name}: ${cause.message}`, { cause });
}
