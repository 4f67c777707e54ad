import { UnavailableError } from '../../ports/faults.ts';

/** What SQS and its key service answer, with a status of a wrong request, when they cannot serve a right one. */
const NOT_SERVED =
  /Throttl|^Kms|QueueDoesNotExist|NonExistentQueue|QueueDeletedRecently|OverLimit|AccessDenied/;

/**
 * A fault of SQS, of the way to it or of the permissions as `UnavailableError`; a bug, which asking again does not
 * mend, as it is.
 * @param what that failed, as the beginning of a sentence
 */
export function sqsFault(what: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || cause instanceof TypeError) return cause;
  const { $metadata } = cause as { $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode;
  const isRequest = status !== undefined && status >= 400 && status < 500 && status !== 403 && status !== 429;
  if (isRequest && !NOT_SERVED.test(cause.name)) return cause;
  return new UnavailableError(`${what}: ${cause.name}: ${cause.message}`, { cause });
}
