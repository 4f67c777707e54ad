/** Longest chain of causes that is looked through: the SDK's error is at most two below ours. */
const MAX_CAUSES = 4;

/**
 * What is missing on this machine for AWS to be asked at all; null if it is something else. The SDK finds out at its
 * first request only, and says it to programmers.
 */
export function missingAwsSetup(error: unknown): string | null {
  let cause = error;
  for (let depth = 0; depth < MAX_CAUSES && cause instanceof Error; depth += 1) {
    if (cause.message === 'Region is missing')
      return 'No AWS region is given. Set AWS_REGION, such as us-east-1, or choose a profile that has one (AWS_PROFILE).';
    if (cause.name === 'CredentialsProviderError' || cause.name === 'TokenProviderError')
      return `There are no AWS credentials that can be used: ${cause.message}. Sign in, or choose a profile (AWS_PROFILE).`;
    if (cause.name === 'ResourceNotFoundException')
      return `What the settings name is not there: ${error instanceof Error ? error.message : cause.message}. Check --environment (or TABLE_NAME and its like) and AWS_REGION.`;
    cause = cause.cause;
  }
  return null;
}
