import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, it } from 'vitest';
import { deployed, testNames, testStack } from '../stack.fixture.ts';
import { AlertTopics } from './alert-topics.ts';

interface Statement {
  readonly Sid?: string;
  Effect: 'Allow' | 'Deny';
  Principal: '*' | { Service: string };
  Condition: Record<string, Record<string, unknown>>;
}

function synthesised(alertEmail?: string | null): Template {
  const stack = testStack();
  new AlertTopics(stack, 'Alerts', { names: testNames(), key: new Key(stack, 'Key'), alertEmail });
  return Template.fromStack(stack);
}

/** Who may publish to a topic, given the topic's name. */
function publishers(template: Template, topicName: string): string[] {
  return statements(template, topicName)
    .filter(({ Effect }) => Effect === 'Allow')
    .map(({ Principal }) => (Principal === '*' ? '*' : Principal.Service.replace('.amazonaws.com', '')));
}

function statements(template: Template, topicName: string): Statement[] {
  const [topic] = Object.keys(
    template.findResources('AWS::SNS::Topic', { Properties: { TopicName: topicName } }),
  );
  const [policy] = Object.values(
    template.findResources('AWS::SNS::TopicPolicy', { Properties: { Topics: [{ Ref: topic }] } }),
  );
  return policy?.Properties.PolicyDocument.Statement;
}

const TOPICS = ['cost-alerts-dev123', 'security-alerts-dev123', 'ops-alerts-dev123'];

describe('the topics', () => {
  it.each([
    ['cost-alerts-dev123', 'Payment Processing Cost Alerts'],
    ['security-alerts-dev123', 'Payment Processing Security Alerts'],
    ['ops-alerts-dev123', 'Payment Processing Ops Alerts'],
  ])('%s has a display name and the customer-managed key', (TopicName, DisplayName) => {
    const [topic] = Object.values(
      synthesised().findResources('AWS::SNS::Topic', { Properties: { TopicName, DisplayName } }),
    );
    expect(deployed(topic?.Properties.KmsMasterKeyId)).toMatch(/^<Key/);
  });

  it('let each publisher in, without which its alerts fail silently', () => {
    const template = synthesised();
    expect(publishers(template, 'cost-alerts-dev123')).toEqual([
      'cloudwatch',
      'events',
      'budgets',
      'costalerts',
      'events',
    ]);
    expect(publishers(template, 'security-alerts-dev123')).toEqual(['cloudwatch', 'events', 'events']);
    expect(publishers(template, 'ops-alerts-dev123')).toEqual(['cloudwatch', 'events', 'events']);
  });

  it.each(TOPICS)(
    '%s lets EventBridge in by a statement without a condition, which it cannot meet',
    (name) => {
      const open = statements(synthesised(), name).filter(({ Sid }) => Sid === 'Publish-rules');
      expect(open).toMatchObject([
        { Effect: 'Allow', Action: 'sns:Publish', Principal: { Service: 'events.amazonaws.com' } },
      ]);
      expect(open[0]?.Condition).toBeUndefined();
    },
  );

  it.each(TOPICS)('%s takes messages of this account only, and over TLS only', (name) => {
    const all = statements(synthesised(), name).filter(({ Sid }) => Sid !== 'Publish-rules');
    for (const { Condition } of all.filter(({ Effect }) => Effect === 'Allow')) {
      expect(deployed(Condition.StringEquals?.['aws:SourceAccount'])).toBe('123456789012');
    }
    const refused = all.filter(({ Effect }) => Effect === 'Deny');
    expect(refused).toMatchObject([
      { Principal: '*', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
    ]);
  });

  it('mail nobody unless told', () => {
    for (const template of [synthesised(), synthesised(null)]) {
      template.resourceCountIs('AWS::SNS::Subscription', 0);
      template.resourceCountIs('AWS::SQS::Queue', 0);
    }
  });

  it('mail to one address, and keep what no server took', () => {
    const template = synthesised('ops@example.com');
    template.resourceCountIs('AWS::SNS::Subscription', 3);
    template.allResourcesProperties('AWS::SNS::Subscription', {
      Protocol: 'email',
      Endpoint: 'ops@example.com',
    });
    const [queue] = Object.keys(
      template.findResources('AWS::SQS::Queue', { Properties: { QueueName: 'payment-alerts-dlq-dev123' } }),
    );
    for (const { Properties } of Object.values(template.findResources('AWS::SNS::Subscription'))) {
      expect(deployed(Properties.RedrivePolicy.deadLetterTargetArn)).toBe(`<${queue}.Arn>`);
    }
  });
});
