import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it } from 'vitest';
import { testNames, testStack } from '../stack.fixture.ts';
import { EventRules } from './event-rules.ts';

interface RuleProperties {
  EventPattern: { source: string[]; 'detail-type': string[]; detail?: object };
  Targets: {
    Arn: { Ref: string };
    DeadLetterConfig?: object;
    RetryPolicy?: object;
    InputTransformer: { InputTemplate: string };
  }[];
}

function synthesize(spot = true) {
  const stack = testStack();
  const key = new Key(stack, 'Key');
  const topic = (id: string) => new Topic(stack, id, { masterKey: key });
  new EventRules(stack, 'EventRules', {
    names: testNames(),
    key,
    cost: topic('Cost'),
    security: topic('Security'),
    ops: topic('Ops'),
    spot,
  });
  const template = Template.fromStack(stack);
  const rules = new Map<string, RuleProperties>(
    Object.values(template.findResources('AWS::Events::Rule')).map(({ Properties }) => [
      Properties.Name.replace(/-dev123$/, ''),
      Properties,
    ]),
  );
  return { template, rules };
}

const { template, rules } = synthesize();

/** The start of the logical id of the topic that a rule goes to. */
function topicOf(name: string): string {
  return rules.get(name)?.Targets[0]?.Arn.Ref.replace(/[0-9A-F]{8}$/, '') ?? '';
}

describe('security findings', () => {
  it('of Security Hub come from high on, new, and without what GuardDuty and Config tell themselves', () => {
    expect(rules.get('security-findings')?.EventPattern).toEqual({
      source: ['aws.securityhub'],
      'detail-type': ['Security Hub Findings - Imported'],
      detail: {
        findings: {
          Severity: { Label: ['HIGH', 'CRITICAL'] },
          Workflow: { Status: ['NEW'] },
          RecordState: ['ACTIVE'],
          ProductName: [{ 'anything-but': ['GuardDuty', 'Config'] }],
        },
      },
    });
  });

  it('of GuardDuty come from medium on', () => {
    expect(rules.get('guardduty-findings')?.EventPattern).toEqual({
      source: ['aws.guardduty'],
      'detail-type': ['GuardDuty Finding'],
      detail: { severity: [{ numeric: ['>=', 4] }] },
    });
  });

  it('of Config come only when something stops complying', () => {
    expect(rules.get('config-noncompliant')?.EventPattern).toEqual({
      source: ['aws.config'],
      'detail-type': ['Config Rules Compliance Change'],
      detail: { newEvaluationResult: { complianceType: ['NON_COMPLIANT'] } },
    });
  });

  it('go to the security topic', () => {
    for (const name of ['security-findings', 'guardduty-findings', 'config-noncompliant'])
      expect(topicOf(name)).toBe('Security');
  });
});

it('sends cost anomalies, by the detail type that AWS really uses, to the cost topic', () => {
  expect(rules.get('cost-anomaly')?.EventPattern).toEqual({
    source: ['aws.ce'],
    'detail-type': ['Anomaly Detected'],
  });
  expect(topicOf('cost-anomaly')).toBe('Cost');
});

describe('EC2', () => {
  it('tells the ops topic of stopped instances, and of spot instances that are taken back', () => {
    expect(rules.get('ec2-state-change')?.EventPattern).toEqual({
      source: ['aws.ec2'],
      'detail-type': ['EC2 Instance State-change Notification'],
      detail: { state: ['stopped'] },
    });
    expect(rules.get('ec2-spot-interruption')?.EventPattern['detail-type']).toEqual([
      'EC2 Spot Instance Interruption Warning',
    ]);
    expect(topicOf('ec2-state-change')).toBe('Ops');
    expect(topicOf('ec2-spot-interruption')).toBe('Ops');
  });

  it('has no rule for spot instances where there are none', () => {
    expect(synthesize(false).rules.has('ec2-spot-interruption')).toBe(false);
  });
});

describe('every rule', () => {
  it('has one target, with a dead-letter queue, retries and a runbook', () => {
    expect(rules.size).toBe(6);
    for (const { Targets } of rules.values()) {
      expect(Targets).toHaveLength(1);
      expect(Targets[0]?.DeadLetterConfig).toEqual({ Arn: { 'Fn::GetAtt': [expect.any(String), 'Arn'] } });
      expect(Targets[0]?.RetryPolicy).toEqual({ MaximumEventAgeInSeconds: 3_600, MaximumRetryAttempts: 30 });
      expect(Targets[0]?.InputTransformer.InputTemplate).toMatch(/Runbook: https:\S+\.md"$/);
    }
  });

  it('adds nothing to the policies of the topics', () => {
    template.resourceCountIs('AWS::SNS::TopicPolicy', 0);
  });
});

describe('the dead-letter queue', () => {
  it('is encrypted by the customer-managed key and keeps alerts for 14 days', () => {
    template.hasResourceProperties('AWS::SQS::Queue', {
      QueueName: 'payment-events-dlq-dev123',
      KmsMasterKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] },
      MessageRetentionPeriod: 14 * 24 * 3_600,
    });
  });

  it('takes messages from exactly these rules, and nothing without TLS', () => {
    const [policy] = Object.values(template.findResources('AWS::SQS::QueuePolicy'));
    const statements = policy?.Properties.PolicyDocument.Statement;
    expect(statements).toHaveLength(2);
    expect(statements[0]).toMatchObject({
      Effect: 'Deny',
      Condition: { Bool: { 'aws:SecureTransport': 'false' } },
    });
    expect(statements[1]).toMatchObject({
      Effect: 'Allow',
      Action: 'sqs:SendMessage',
      Principal: { Service: 'events.amazonaws.com' },
    });
    expect(statements[1].Condition.ArnEquals['aws:SourceArn']).toHaveLength(6);
  });
});
