import { describe, expect, it } from 'vitest';
import { BAD, type Fragment, GOOD, NOT_CONCERNED, verdict } from '../../rules.fixture.ts';
import { functionUrl } from './function-url.ts';
import { partialBatch } from './partial-batch.ts';
import { polledDeadLetters } from './polled-dead-letters.ts';
import { pollingConcurrency } from './polling-concurrency.ts';
import { queueVisibility } from './queue-visibility.ts';
import { streamSource } from './stream-source.ts';

const mapping = (source: unknown, more: Record<string, unknown> = {}): Fragment => ({
  Type: 'AWS::Lambda::EventSourceMapping',
  Properties: { EventSourceArn: source, FunctionName: { Ref: 'Live' }, ...more },
});
const fromQueue = (more?: Record<string, unknown>) => mapping({ 'Fn::GetAtt': ['Queue', 'Arn'] }, more);
const fromStream = (more?: Record<string, unknown>) =>
  mapping({ 'Fn::GetAtt': ['Table', 'StreamArn'] }, more);
const queue = (visibility?: unknown): Fragment => ({
  Type: 'AWS::SQS::Queue',
  Properties: { VisibilityTimeout: visibility },
});
const worker = (more: Record<string, unknown> = {}) => ({
  Worker: { Type: 'AWS::Lambda::Function', Properties: { Timeout: 60, ...more } },
  Version: { Type: 'AWS::Lambda::Version', Properties: { FunctionName: { Ref: 'Worker' } } },
  Live: {
    Type: 'AWS::Lambda::Alias',
    Properties: {
      FunctionName: { Ref: 'Worker' },
      FunctionVersion: { 'Fn::GetAtt': ['Version', 'Version'] },
    },
  },
});
const table: Fragment = { Type: 'AWS::DynamoDB::Table' };
const kafka = 'arn:aws:kafka:us-east-1:123456789012:cluster/c/1';

describe('QueueVisibility', () => {
  const of = (source: Fragment, resources: Record<string, Fragment>) =>
    verdict(queueVisibility, { Mapping: source, ...resources });

  it('wants six times the timeout of the function behind the alias', () => {
    expect(of(fromQueue(), { Queue: queue(360), ...worker() })).toBe(GOOD);
    expect(of(fromQueue(), { Queue: queue(359), ...worker() })).toBe(BAD);
  });

  it('adds the window in which a batch is collected', () => {
    const source = fromQueue({ MaximumBatchingWindowInSeconds: 5 });
    expect(of(source, { Queue: queue(365), ...worker() })).toBe(GOOD);
    expect(of(source, { Queue: queue(364), ...worker() })).toBe(BAD);
  });

  it('takes the defaults of AWS where the template says nothing', () => {
    expect(of(fromQueue(), { Queue: queue(), ...worker({ Timeout: undefined }) })).toBe(GOOD);
    expect(of(fromQueue(), { Queue: queue(), ...worker({ Timeout: 6 }) })).toBe(BAD);
  });

  it('says so where a value is a parameter that it cannot read', () => {
    expect(() => of(fromQueue(), { Queue: queue({ Ref: 'AWS::StackName' }), ...worker() })).toThrow(
      /visibility timeout .* must be a plain number/,
    );
  });

  it('leaves streams, and the queues of other stacks, to others', () => {
    expect(of(fromStream(), { Table: table, ...worker() })).toBe(NOT_CONCERNED);
    expect(of(mapping('arn:aws:sqs:us-east-1:123456789012:theirs'), worker())).toBe(NOT_CONCERNED);
  });
});

describe('PartialBatch', () => {
  const reports = { FunctionResponseTypes: ['ReportBatchItemFailures'] };

  it('wants failed items reported, of queues and of streams', () => {
    for (const [source, more] of [
      [fromQueue, { Queue: queue() }],
      [fromStream, { Table: table }],
    ] as const) {
      expect(verdict(partialBatch, { Mapping: source(reports), ...more })).toBe(GOOD);
      expect(verdict(partialBatch, { Mapping: source(), ...more })).toBe(BAD);
    }
  });

  it('knows a source of another stack by its name', () => {
    const theirs = 'arn:aws:dynamodb:us-east-1:123456789012:table/t/stream/2026';
    expect(verdict(partialBatch, { Mapping: mapping(theirs) })).toBe(BAD);
  });

  it('does not ask it of Kafka, which has no such thing', () => {
    expect(verdict(partialBatch, { Mapping: mapping(kafka) })).toBe(NOT_CONCERNED);
  });
});

describe('PollingConcurrency', () => {
  const of = (maximum: number | undefined, reserved?: number) =>
    verdict(pollingConcurrency, {
      Mapping: fromQueue({ ScalingConfig: { MaximumConcurrency: maximum } }),
      Queue: queue(),
      ...worker({ ReservedConcurrentExecutions: reserved }),
    });

  it('wants a bound on the pollers', () => {
    expect(of(20)).toBe(GOOD);
    expect(of(undefined)).toEqual(['MaximumConcurrency']);
  });

  it('wants it within what is reserved for the function', () => {
    expect(of(20, 20)).toBe(GOOD);
    expect(of(21, 20)).toEqual(['ReservedConcurrency']);
  });

  it('does not concern streams, whose shards bound them', () => {
    expect(verdict(pollingConcurrency, { Mapping: fromStream(), Table: table })).toBe(NOT_CONCERNED);
  });
});

describe('StreamSource', () => {
  const good = {
    StartingPosition: 'TRIM_HORIZON',
    BisectBatchOnFunctionError: true,
    MaximumRetryAttempts: 10,
    MaximumRecordAgeInSeconds: 43_200,
    DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Queue', 'Arn'] } } },
  };
  const of = (more: Record<string, unknown>) =>
    verdict(streamSource, { Mapping: fromStream({ ...good, ...more }), Table: table });

  it('accepts a mapping that starts at the beginning and gives up in time', () => {
    expect(of({})).toBe(GOOD);
    expect(of({ MaximumRetryAttempts: 0 })).toBe(GOOD);
  });

  it.each([
    ['StartingPosition', { StartingPosition: 'LATEST' }],
    ['BisectBatchOnFunctionError', { BisectBatchOnFunctionError: undefined }],
    ['MaximumRetryAttempts', { MaximumRetryAttempts: -1 }],
    ['MaximumRetryAttempts', { MaximumRetryAttempts: undefined }],
    ['MaximumRecordAgeInSeconds', { MaximumRecordAgeInSeconds: 86_400 }],
    ['MaximumRecordAgeInSeconds', { MaximumRecordAgeInSeconds: -1 }],
    ['OnFailure', { DestinationConfig: undefined }],
  ])('names %s where it is wrong: %j', (name, more) => {
    expect(of(more)).toEqual([name]);
  });

  it('does not concern queues', () => {
    expect(verdict(streamSource, { Mapping: fromQueue(), Queue: queue() })).toBe(NOT_CONCERNED);
  });
});

describe('PolledDeadLetters', () => {
  const deadLetters = { DeadLetterConfig: { TargetArn: { 'Fn::GetAtt': ['Queue', 'Arn'] } } };
  const of = (properties: Record<string, unknown>, more: Record<string, Fragment>) =>
    verdict(polledDeadLetters, { ...worker(properties), Queue: queue(), ...more });

  it('refuses a dead-letter target on a function that is only polled', () => {
    expect(of({}, { Mapping: fromQueue() })).toBe(GOOD);
    expect(of(deadLetters, { Mapping: fromQueue() })).toBe(BAD);
  });

  it('does not concern a function that somebody invokes', () => {
    const permission = { Type: 'AWS::Lambda::Permission', Properties: { FunctionName: { Ref: 'Live' } } };
    expect(of(deadLetters, {})).toBe(NOT_CONCERNED);
    expect(of(deadLetters, { Mapping: fromQueue(), Permission: permission })).toBe(NOT_CONCERNED);
  });
});

describe('FunctionUrl', () => {
  const url = (type: string) => ({ Url: { Type: 'AWS::Lambda::Url', Properties: { AuthType: type } } });
  const distribution = { Type: 'AWS::CloudFront::Distribution', Properties: {} };
  const arn = { 'Fn::Join': ['', ['arn:aws:cloudfront::1:distribution/', { Ref: 'Distribution' }]] };
  const permission = (properties: Record<string, unknown>): Fragment => ({
    Type: 'AWS::Lambda::Permission',
    Properties: { Principal: 'cloudfront.amazonaws.com', SourceArn: arn, FunctionName: 'f', ...properties },
  });
  const CallUrl = permission({ Action: 'lambda:InvokeFunctionUrl' });
  const Call = permission({ Action: 'lambda:InvokeFunction', InvokedViaFunctionUrl: true });
  const of = (type: string, more: Record<string, Fragment>) =>
    verdict(functionUrl, { ...url(type), Distribution: distribution, ...more });

  it('wants a URL to ask for a signature', () => {
    expect(of('AWS_IAM', { CallUrl, Call })).toBe(GOOD);
    expect(of('NONE', { CallUrl, Call })).toEqual(['Public']);
  });

  it('lets nobody call it but one distribution, which needs both permissions', () => {
    expect(of('AWS_IAM', { Call })).toEqual(['NotCallable']);
    expect(of('AWS_IAM', { CallUrl })).toEqual(['NotCallable']);
    for (const wider of [
      { Principal: '*' },
      { SourceArn: undefined },
      { SourceArn: 'arn:aws:cloudfront::1:d/*' },
    ]) {
      const Wider = permission({ Action: 'lambda:InvokeFunctionUrl', ...wider });
      expect(of('AWS_IAM', { CallUrl, Call, Wider })).toEqual(['Caller']);
    }
  });

  it('does not mind other permissions', () => {
    const Schedule = permission({ Action: 'lambda:InvokeFunction', Principal: 'events.amazonaws.com' });
    expect(of('AWS_IAM', { CallUrl, Call, Schedule })).toBe(GOOD);
  });
});
