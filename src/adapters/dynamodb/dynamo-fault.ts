import { UnavailableError } from '../../ports/faults.ts';

/** Answers that say that the request itself is wrong. Asking again cannot help, and 503 would hide the mistake. */
const MISTAKES: readonly string[] = [
  'ValidationException',
  'SerializationException',
  'UnknownOperationException',
  'ConditionalCheckFailedException',
];

/** What the SDK throws without an answer, or before it could ask. */
const NO_ANSWER: readonly string[] = [
  'TimeoutError',
  'AbortError',
  'CredentialsProviderError',
  'TokenProviderError',
];

/** Codes of the operating system, of name look-ups and of TLS; Node's own `ERR_…` codes are mistakes of the caller. */
const NETWORK_CODE = /^(?:E(?!RR_)[A-Z_]+|CERT_\w+|ERR_SSL_\w+|ERR_TLS_\w+)$/;

interface SdkError extends Error {
  /** On every answer that is an error by its service. */
  $fault?: 'client' | 'server';
  $metadata?: { httpStatusCode?: number; attempts?: number };
  code?: unknown;
}

function isUnavailable(error: SdkError): boolean {
  if (MISTAKES.includes(error.name)) return false;
  if (NO_ANSWER.includes(error.name)) return true;
  if (typeof error.code === 'string' && NETWORK_CODE.test(error.code)) return true;
  // An answer that could not be read comes from something in between, and says as little as none.
  return error.$fault !== undefined || error.$metadata?.httpStatusCode !== undefined;
}

/** Answers `UnavailableError` for whatever means "not now"; anything else is a mistake, and answered as it is. */
export function toFault(error: unknown, doing: string): unknown {
  if (!(error instanceof Error) || !isUnavailable(error)) return error;
  return new UnavailableError(`DynamoDB: ${doing} failed: ${error.name}: ${error.message}`, { cause: error });
}

/** Awaits one call of the SDK. @param doing what is said to have failed, as in "reading a payment" */
export async function asked<T>(doing: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw toFault(error, doing);
  }
}

/** How often the SDK sent the request before it got this error. */
export function attemptsOf(error: Error): number {
  return (error as SdkError).$metadata?.attempts ?? 1;
}
