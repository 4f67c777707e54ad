import { Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { deployed, testNames, testStack } from '../stack.fixture.ts';
import { WorkQueues } from './work-queues.ts';

const DAY_SECONDS = 86_400;

function synthesised() {
  const stack = testStack();
  new WorkQueues(stack, 'Queues', { names: testNames(), visibilityTimeout: Duration.minutes(6) });
  const template = Template.fromStack(stack);
  const queue = (QueueName: string) => {
    const [found] = Object.entries(template.findResources('AWS::SQS::Queue', { Properties: { QueueName } }));
    return { id: found?.[0], properties: found?.[1].Properties };
  };
  return { template, work: queue('payment-queue-dev123'), dead: queue('payment-dlq-dev123') };
}

describe('the queues', () => {
  it('keep work for 4 days and dead letters for 14', () => {
    const { work, dead } = synthesised();
    expect(work.properties.MessageRetentionPeriod).toBe(4 * DAY_SECONDS);
    expect(dead.properties.MessageRetentionPeriod).toBe(14 * DAY_SECONDS);
  });

  it('hide work for as long as told, and give it up after five receives', () => {
    const { work, dead } = synthesised();
    expect(work.properties.VisibilityTimeout).toBe(360);
    expect(work.properties.RedrivePolicy.maxReceiveCount).toBe(5);
    expect(deployed(work.properties.RedrivePolicy.deadLetterTargetArn)).toBe(`<${dead.id}.Arn>`);
  });

  it('take dead letters from the work queue alone, named without a cycle', () => {
    const { redrivePermission, sourceQueueArns } = synthesised().dead.properties.RedriveAllowPolicy;
    expect(redrivePermission).toBe('byQueue');
    expect(sourceQueueArns.map(deployed)).toEqual([
      'arn:aws:sqs:us-east-1:123456789012:payment-queue-dev123',
    ]);
  });

  it('are encrypted by the key that SQS manages, without a call to KMS for each message', () => {
    const { template } = synthesised();
    template.allResourcesProperties('AWS::SQS::Queue', {
      KmsMasterKeyId: 'alias/aws/sqs',
      KmsDataKeyReusePeriodSeconds: 3600,
    });
  });

  it('refuse plain HTTP', () => {
    const { template } = synthesised();
    const policies = Object.values(template.findResources('AWS::SQS::QueuePolicy'));
    expect(policies).toHaveLength(2);
    for (const { Properties } of policies) {
      expect(Properties.PolicyDocument.Statement).toMatchObject([
        { Effect: 'Deny', Action: 'sqs:*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      ]);
    }
  });
});
