import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { deployed, testStack } from '../stack.fixture.ts';
import { EventSources, type EventSourcesProps, QUEUE_WINDOW } from './event-sources.ts';
import { testFunctions } from './functions.fixture.ts';
import { SHAPES } from './payment-functions.ts';

function synthesised(given: Partial<EventSourcesProps> = {}) {
  const stack = testStack();
  const { parts, functions } = testFunctions(stack);
  const { names, profile, payments, queue, failedEvents } = parts;
  const { relay, audit, worker, sweep, failedInvocations } = functions;
  new EventSources(stack, 'Sources', {
    names,
    profile,
    relay,
    audit,
    worker,
    sweep,
    payments,
    queue,
    failedEvents,
    failedInvocations,
    worksQueue: true,
    relayWindowSeconds: 1,
    ...given,
  });
  const template = Template.fromStack(stack);
  const mapping = (name: string) => {
    const found = Object.entries(template.findResources('AWS::Lambda::EventSourceMapping'));
    return found.find(([id]) => id.startsWith(`Functions${name}`))?.[1].Properties;
  };
  return { template, worker: mapping('Worker'), relay: mapping('Relay'), audit: mapping('Audit') };
}

/** Synthesised once: nothing here changes it. */
const standard = synthesised();

/** Every function is invoked by its alias: a mapping on the function itself would pass new versions by. */
function qualifierOf(mapping: { FunctionName: { 'Fn::Join': [string, unknown[]] } }) {
  return mapping.FunctionName['Fn::Join'][1].at(-1);
}

describe('the work queue', () => {
  it('hands over ten messages of a second at a time, and takes back only those that failed', () => {
    const { worker } = standard;
    expect(worker).toMatchObject({
      BatchSize: 10,
      MaximumBatchingWindowInSeconds: QUEUE_WINDOW.toSeconds(),
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    expect(deployed(worker.EventSourceArn)).toMatch(/^<Queue.*\.Arn>$/);
    expect(qualifierOf(worker)).toBe(':live');
  });

  it('is never polled for more than the worker has executions reserved', () => {
    const { template, worker } = standard;
    const [{ Properties }] = Object.values(
      template.findResources('AWS::Lambda::Function', {
        Properties: { FunctionName: `${SHAPES.worker.name}-dev123` },
      }),
    ) as [{ Properties: { ReservedConcurrentExecutions: number } }];
    expect(worker.ScalingConfig.MaximumConcurrency).toBeLessThanOrEqual(
      Properties.ReservedConcurrentExecutions,
    );
  });

  it('is left to the fleet where only the fleet works', () => {
    expect(standard.worker.Enabled).toBe(true);
    expect(synthesised({ worksQueue: false }).worker.Enabled).toBe(false);
  });
});

describe.each(['relay', 'audit'] as const)('the change feed, read by the %s', (name) => {
  it('is read from its beginning, in the order of each shard', () => {
    const mapping = standard[name];
    expect(deployed(mapping.EventSourceArn)).toMatch(/^<Payments.*\.StreamArn>$/);
    expect(mapping).toMatchObject({ StartingPosition: 'TRIM_HORIZON', ParallelizationFactor: 1 });
    expect(qualifierOf(mapping)).toBe(':live');
  });

  it('is not blocked by a change that cannot be read', () => {
    const mapping = standard[name];
    expect(mapping).toMatchObject({
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    });
    expect(mapping.MaximumRetryAttempts).toBeGreaterThan(0);
    expect(mapping.MaximumRetryAttempts).toBeLessThanOrEqual(10);
  });

  it('is given up as a whole batch in a bucket, long before the stream forgets it', () => {
    const mapping = standard[name];
    expect(mapping.MaximumRecordAgeInSeconds).toBe(12 * 60 * 60);
    expect(deployed(mapping.DestinationConfig.OnFailure.Destination)).toMatch(/^<FailedEvents.*\.Arn>$/);
  });
});

describe('the change feed', () => {
  it('is read by nobody any more when the bucket of given-up batches is emptied and deleted', () => {
    const { template } = standard;
    const emptied = Object.keys(template.findResources('Custom::S3AutoDeleteObjects')).find((id) =>
      id.startsWith('FailedEvents'),
    );
    const readers = Object.entries(template.findResources('AWS::Lambda::EventSourceMapping'))
      .filter(([, { Properties }]) => Properties.DestinationConfig)
      .map(([, { DependsOn }]) => DependsOn);
    expect(readers).toHaveLength(2);
    for (const waits of readers) expect(waits).toContain(emptied);
  });

  function patternOf(mapping: { FilterCriteria: { Filters: { Pattern: string }[] } }) {
    expect(mapping.FilterCriteria.Filters).toHaveLength(1);
    return JSON.parse(mapping.FilterCriteria.Filters[0]?.Pattern ?? '');
  }

  it('wakes the relay only by the write that dispatches, so that no attempt dispatches again', () => {
    const { relay } = standard;
    expect(relay).toMatchObject({ BatchSize: 100, MaximumBatchingWindowInSeconds: 1 });
    expect(patternOf(relay)).toEqual({ dynamodb: { NewImage: { dispatch: { S: [{ exists: true }] } } } });
  });

  it.each([0, 5, 60])(
    'is collected for %i seconds before the relay is woken, if that is asked for',
    (seconds) => {
      const { relay, audit } = synthesised({ relayWindowSeconds: seconds });
      expect(relay).toMatchObject({ BatchSize: 100, MaximumBatchingWindowInSeconds: seconds });
      expect(audit).toMatchObject({ MaximumBatchingWindowInSeconds: 60 });
    },
  );

  it('wakes the audit by changes of payments, and neither by keys nor by deletions', () => {
    expect(patternOf(standard.audit)).toEqual({
      eventName: ['INSERT', 'MODIFY'],
      dynamodb: { NewImage: { record: { B: [{ exists: true }] } } },
    });
  });

  it('is collected for five minutes in prod and for one in dev before the audit writes an object', () => {
    expect(standard.audit).toMatchObject({ BatchSize: 1_000, MaximumBatchingWindowInSeconds: 60 });
    expect(synthesised({ profile: 'prod' }).audit.MaximumBatchingWindowInSeconds).toBe(300);
  });
});

describe('the sweep', () => {
  it('runs every five minutes; what could not be delivered is put aside', () => {
    const { template } = standard;
    const [rule] = Object.values(template.findResources('AWS::Events::Rule'));
    expect(rule?.Properties).toMatchObject({
      Name: 'payment-sweep-dev123',
      ScheduleExpression: 'rate(5 minutes)',
      State: 'ENABLED',
    });
    const target = rule?.Properties.Targets[0];
    expect(target.RetryPolicy).toEqual({ MaximumEventAgeInSeconds: 300, MaximumRetryAttempts: 3 });
    expect(deployed(target.Arn)).toMatch(/^<FunctionsSweepAlias/);
    expect(deployed(target.DeadLetterConfig.Arn)).toMatch(/^<FunctionsFailedInvocations.*\.Arn>$/);
  });

  it('puts aside into a queue on the customer-managed key, which EventBridge can use', () => {
    const { template } = standard;
    const [queue] = Object.values(
      template.findResources('AWS::SQS::Queue', {
        Properties: { QueueName: 'payment-failed-invocations-dev123' },
      }),
    );
    expect(deployed(queue?.Properties.KmsMasterKeyId)).toMatch(/^<Key.*\.Arn>$/);
    expect(queue?.Properties.MessageRetentionPeriod).toBe(14 * 24 * 60 * 60);
    const policies = JSON.stringify(template.findResources('AWS::SQS::QueuePolicy'));
    expect(policies).toContain('"Service":"events.amazonaws.com"');
    expect(policies).toContain('"aws:SecureTransport":"false"');
  });
});

describe('the mappings', () => {
  it('add nothing to what the functions may do, nor to what the key allows', () => {
    const { template } = standard;
    template.resourceCountIs('AWS::IAM::Policy', 0);
    expect(JSON.stringify(template.findResources('AWS::S3::BucketPolicy'))).not.toMatch(/Functions\w+Role/);
    const [key] = Object.values(template.findResources('AWS::KMS::Key'));
    const principals = JSON.stringify(key?.Properties.KeyPolicy.Statement);
    expect(principals).not.toContain('lambda');
    expect(principals).not.toContain('Role');
  });
});
