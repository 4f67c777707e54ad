import { describe, expect, it } from 'vitest';
import { BAD, type Fragment, GOOD, NOT_CONCERNED, verdict } from '../../rules.fixture.ts';
import { alarmAction } from './alarm-action.ts';
import { alarmRunbook } from './alarm-runbook.ts';
import { configRuleIdentifier } from './config-rule-identifier.ts';
import { eventDetailType } from './event-detail-type.ts';
import { topicKey } from './topic-key.ts';
import { topicPublishers } from './topic-publishers.ts';

const topic = (key?: unknown): Fragment => ({ Type: 'AWS::SNS::Topic', Properties: { KmsMasterKeyId: key } });
const ofKey = { 'Fn::GetAtt': ['Key', 'Arn'] };
const grant = (service: unknown, Action: unknown, Condition?: unknown) => ({
  Effect: 'Allow',
  Principal: { Service: service },
  Action,
  Resource: '*',
  Condition,
});
const key = (...Statement: unknown[]) => ({
  Key: { Type: 'AWS::KMS::Key', Properties: { KeyPolicy: { Statement } } },
});
const alarm = (more: Record<string, unknown> = {}): Fragment => ({
  Type: 'AWS::CloudWatch::Alarm',
  Properties: { AlarmActions: [{ Ref: 'Topic' }], ...more },
});
const USERS: Readonly<Record<string, Fragment>> = {
  'cloudwatch.amazonaws.com': alarm(),
  'events.amazonaws.com': { Type: 'AWS::Events::Rule', Properties: { Targets: [{ Arn: { Ref: 'Topic' } }] } },
  'budgets.amazonaws.com': {
    Type: 'AWS::Budgets::Budget',
    Properties: { NotificationsWithSubscribers: [{ Subscribers: [{ Address: { Ref: 'Topic' } }] }] },
  },
  'costalerts.amazonaws.com': {
    Type: 'AWS::CE::AnomalySubscription',
    Properties: { Subscribers: [{ Address: { Ref: 'Topic' }, Type: 'SNS' }] },
  },
};
const services = Object.keys(USERS);
const user = (service: string) => ({ User: USERS[service] ?? alarm() });

describe('TopicKey', () => {
  const actions = ['kms:Decrypt', 'kms:GenerateDataKey*'];

  it.each(services)('wants a key that %s may use', (service) => {
    const of = (...policy: unknown[]) =>
      verdict(topicKey, { Topic: topic(ofKey), ...user(service), ...key(...policy) });
    expect(of(grant(service, actions))).toBe(GOOD);
    expect(of(grant([service, 'logs.amazonaws.com'], 'kms:*'))).toBe(GOOD);
    expect(of(grant(service, 'kms:Decrypt'), grant(service, 'kms:GenerateDataKey'))).toBe(GOOD);
    expect(of(grant(service, 'kms:Decrypt'))).toEqual([service]);
    expect(of(grant('lambda.amazonaws.com', actions))).toEqual([service]);
    expect(of({ ...grant(service, actions), Effect: 'Deny' })).toEqual([service]);
  });

  it('refuses none, and the AWS-managed one, which services cannot use', () => {
    expect(verdict(topicKey, { Topic: topic(), User: alarm() })).toEqual(['KmsMasterKeyId']);
    expect(verdict(topicKey, { Topic: topic('alias/aws/sns'), User: alarm() })).toEqual(['KmsMasterKeyId']);
  });

  it('finds the key behind an alias', () => {
    const alias = { Alias: { Type: 'AWS::KMS::Alias', Properties: { TargetKeyId: ofKey } } };
    const policy = key(grant('cloudwatch.amazonaws.com', actions));
    expect(verdict(topicKey, { Topic: topic({ Ref: 'Alias' }), User: alarm(), ...alias, ...policy })).toBe(
      GOOD,
    );
  });

  it('does not concern a topic that no service publishes to', () => {
    expect(verdict(topicKey, { Topic: topic() })).toBe(NOT_CONCERNED);
  });
});

describe('TopicPublishers', () => {
  const policy = (...Statement: unknown[]) => ({
    Policy: {
      Type: 'AWS::SNS::TopicPolicy',
      Properties: { Topics: [{ Ref: 'Topic' }], PolicyDocument: { Statement } },
    },
  });
  const ours = { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } };

  it.each(services)('wants %s to be let publish, for this account only where it can be said', (service) => {
    const of = (...statements: unknown[]) =>
      verdict(topicPublishers, { Topic: topic(), ...user(service), ...policy(...statements) });
    expect(of(grant(service, 'sns:Publish', ours))).toBe(GOOD);
    const more = { StringEquals: { ...ours.StringEquals, 'aws:PrincipalIsAWSService': 'true' } };
    expect(of(grant(service, 'sns:Publish', more))).toBe(GOOD);
    // A condition is what EventBridge's statements cannot have.
    const open = service === 'events.amazonaws.com' ? GOOD : [`AnyAccount::${service}`];
    expect(of(grant(service, 'sns:Publish'))).toEqual(open);
    expect(of()).toEqual([service]);
    expect(of({ Effect: 'Deny', Principal: '*', Action: 'sns:Publish' })).toEqual([service]);
  });

  it('wants it of a topic that has no policy at all', () => {
    expect(verdict(topicPublishers, { Topic: topic(), User: alarm() })).toEqual(['cloudwatch.amazonaws.com']);
    expect(verdict(topicPublishers, { Topic: topic() })).toBe(NOT_CONCERNED);
  });
});

describe('AlarmAction', () => {
  it('wants an action that is switched on', () => {
    expect(verdict(alarmAction, { Alarm: alarm() })).toBe(GOOD);
    expect(verdict(alarmAction, { Alarm: alarm({ AlarmActions: undefined }) })).toBe(BAD);
    expect(verdict(alarmAction, { Alarm: alarm({ AlarmActions: [] }) })).toBe(BAD);
    expect(verdict(alarmAction, { Alarm: alarm({ ActionsEnabled: false }) })).toBe(BAD);
  });
});

describe('AlarmRunbook', () => {
  const of = (AlarmDescription?: unknown) => verdict(alarmRunbook, { Alarm: alarm({ AlarmDescription }) });

  it('wants a link to what is to be done', () => {
    expect(of('Payments fail. Runbook: https://example.com/runbook#errors')).toBe(GOOD);
    expect(of('Payments fail. See docs/runbook.md#lambda-errors')).toBe(GOOD);
    expect(of({ 'Fn::Join': ['', ['See https://', { Ref: 'Api' }, '/runbook']] })).toBe(GOOD);
    expect(of('Payments fail.')).toBe(BAD);
    expect(of()).toBe(BAD);
    expect(verdict(alarmRunbook, { Alarm: alarm({ AlarmActions: undefined }) })).toBe(BAD);
  });

  it('does not concern an alarm that only scales', () => {
    const scaling = { Up: { Type: 'AWS::AutoScaling::ScalingPolicy' } };
    const both = { AlarmActions: [{ Ref: 'Up' }, { Ref: 'Topic' }] };
    const scales = { AlarmActions: [{ Ref: 'Up' }] };
    expect(verdict(alarmRunbook, { Alarm: alarm(scales), ...scaling })).toBe(NOT_CONCERNED);
    expect(verdict(alarmRunbook, { Alarm: alarm(both), ...scaling, Topic: topic() })).toBe(BAD);
  });
});

describe('ConfigRuleIdentifier', () => {
  it('wants a managed rule that exists', () => {
    const of = (SourceIdentifier: string, Owner = 'AWS') =>
      verdict(configRuleIdentifier, {
        Rule: { Type: 'AWS::Config::ConfigRule', Properties: { Source: { Owner, SourceIdentifier } } },
      });
    expect(of('S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED')).toBe(GOOD);
    expect(of('S3_BUCKET_ENCRYPTED')).toBe(BAD);
    expect(of('arn:aws:lambda:x', 'CUSTOM_LAMBDA')).toBe(NOT_CONCERNED);
  });
});

describe('EventDetailType', () => {
  const of = (EventPattern: Record<string, unknown>) =>
    verdict(eventDetailType, { Rule: { Type: 'AWS::Events::Rule', Properties: { EventPattern } } });

  it('wants a type that one of the sources sends', () => {
    expect(of({ source: ['aws.ce'], 'detail-type': ['Anomaly Detected'] })).toBe(GOOD);
    expect(of({ source: ['aws.s3'], 'detail-type': ['AWS API Call via CloudTrail'] })).toBe(GOOD);
    expect(of({ source: ['aws.ce'], 'detail-type': ['Cost Anomaly'] })).toEqual(['Cost Anomaly']);
    expect(of({ source: ['aws.ec2'], 'detail-type': ['Anomaly Detected'] })).toEqual(['Anomaly Detected']);
  });

  it('knows nothing of events of our own, and of rules without a type', () => {
    expect(of({ source: ['tollgate'], 'detail-type': ['Payment Completed'] })).toBe(NOT_CONCERNED);
    expect(of({ source: ['aws.ec2', 'tollgate'], 'detail-type': ['Payment Completed'] })).toBe(NOT_CONCERNED);
    expect(of({ source: ['aws.ec2'] })).toBe(NOT_CONCERNED);
  });
});
