import { expect, it } from 'vitest';
import { UnavailableError } from '../ports/faults.ts';
import { missingAwsSetup } from './aws-setup.ts';

/** As the adapters throw what the SDK has thrown. */
function thrown(name: string, message: string): Error {
  const cause = Object.assign(new Error(message), { name });
  return new UnavailableError(`DynamoDB: reading a payment failed: ${name}: ${message}`, { cause });
}

it.each([
  ['CredentialsProviderError', /^DynamoDB: .*no AWS credentials.*AWS_PROFILE/],
  ['ExpiredTokenException', /does not accept these credentials/],
  ['UnrecognizedClientException', /does not accept these credentials/],
  ['AccessDeniedException', /may not do this/],
  ['AccessDenied', /may not do this/],
  ['ResourceNotFoundException', /is not there.*--environment.*AWS_REGION/],
  ['QueueDoesNotExist', /is not there/],
  ['NoSuchBucket', /is not there/],
])('says what to do about %s, after what has failed', (name, expected) => {
  expect(missingAwsSetup(thrown(name, 'said'))).toMatch(expected);
  expect(missingAwsSetup(thrown(name, 'said'))).toMatch(/reading a payment failed: \w+: said\. /);
});

it('says in other words that there is no region', () => {
  const message = missingAwsSetup(new Error('Region is missing'));
  expect(message).toMatch(/^No AWS region is given\. Set AWS_REGION/);
});

it.each([
  thrown('ThrottlingException', 'slow down'),
  thrown('TimeoutError', 'no answer'),
  new TypeError('a bug'),
  'a text',
])('leaves to others what may pass: %s', (error) => {
  expect(missingAwsSetup(error)).toBeNull();
});
