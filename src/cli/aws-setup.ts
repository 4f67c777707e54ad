/** Longest chain of causes that is looked through: the SDK's error is at most two below ours. */
const MAX_CAUSES = 4;

const NO_CREDENTIALS = /^(?:CredentialsProviderError|TokenProviderError)$/;
const BAD_CREDENTIALS =
  /^(?:ExpiredToken(?:Exception)?|UnrecognizedClientException|InvalidClientTokenId|InvalidAccessKeyId|InvalidSignatureException|SignatureDoesNotMatch)$/;
const NOT_ALLOWED = /^AccessDenied(?:Exception)?$/;
const NOT_THERE = /^(?:ResourceNotFoundException|QueueDoesNotExist|NoSuchBucket)$/;

/**
 * What is wrong with this machine's way to AWS, and what to do; null if it is something else. Asking again would
 * not help. The SDK finds out at its first request only, and says it to programmers.
 */
export function missingAwsSetup(error: unknown): string | null {
  const said = error instanceof Error ? error.message : String(error);
  let cause = error;
  for (let depth = 0; depth < MAX_CAUSES && cause instanceof Error; depth += 1) {
    const advice = adviceOn(cause);
    if (advice !== null) return cause.message === said ? advice : `${sentence(said)} ${advice}`;
    cause = cause.cause;
  }
  return null;
}

function adviceOn({ name, message }: Error): string | null {
  if (message === 'Region is missing')
    return 'No AWS region is given. Set AWS_REGION, such as us-east-1, or choose a profile that has one (AWS_PROFILE).';
  if (NO_CREDENTIALS.test(name))
    return 'There are no AWS credentials here that can be used. Sign in, or choose a profile (AWS_PROFILE).';
  if (BAD_CREDENTIALS.test(name))
    return 'AWS does not accept these credentials. Sign in again, or choose another profile (AWS_PROFILE).';
  if (NOT_ALLOWED.test(name))
    return 'These credentials may not do this. Use others (AWS_PROFILE), or have it allowed.';
  if (NOT_THERE.test(name))
    return 'What the settings name is not there. Check --environment (or TABLE_NAME and its like) and AWS_REGION.';
  return null;
}

/** Ours end as sentences do; what they repeat of others may not. */
export function sentence(message: string): string {
  return /[.!?]$/.test(message) ? message : `${message}.`;
}
