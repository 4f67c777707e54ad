import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import type { Settings } from '../settings.ts';
import { deployed, testNames, testStack } from '../stack.fixture.ts';
import { Encryption } from './encryption.ts';

interface Statement {
  Sid?: string;
  Principal: { Service?: string | string[]; AWS?: unknown };
  Action: string | string[];
  Condition?: Record<string, Record<string, unknown>>;
}

function synthesised(profile: Settings['profile'] = 'dev') {
  const stack = testStack();
  new Encryption(stack, 'Encryption', { names: testNames(), profile });
  const template = Template.fromStack(stack);
  const [key] = Object.values(template.findResources('AWS::KMS::Key'));
  const statements: Statement[] = key?.Properties.KeyPolicy.Statement;
  return { template, key, statements };
}

/** What a service may do with the key, under which condition. */
function allowed(statements: Statement[], service: string): Statement[] {
  return statements.filter(({ Principal }) =>
    [Principal.Service].flat().includes(`${service}.amazonaws.com`),
  );
}

function condition(statement: Statement | undefined, test: string, key: string): string {
  return deployed(statement?.Condition?.[test]?.[key]);
}

describe('the key', () => {
  it('is rotated and has the deployment in its alias', () => {
    const { template } = synthesised();
    template.hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
    template.hasResourceProperties('AWS::KMS::Alias', { AliasName: 'alias/payment-dev123' });
  });

  it('goes with a dev stack, and stays with the data of a prod stack that was once deployed', () => {
    expect(synthesised('dev').key).toMatchObject({ DeletionPolicy: 'Delete' });
    expect(synthesised('prod').key).toMatchObject({ DeletionPolicy: 'RetainExceptOnCreate' });
  });

  it.each(['budgets', 'cloudwatch', 'costalerts', 'events'])(
    'lets %s publish to the encrypted topics of this account',
    (service) => {
      const [statement] = allowed(synthesised().statements, service);
      expect(statement?.Action).toEqual(['kms:Decrypt', 'kms:GenerateDataKey*']);
      expect(condition(statement, 'ArnLike', 'kms:EncryptionContext:aws:sns:topicArn')).toBe(
        'arn:aws:sns:us-east-1:123456789012:*',
      );
    },
  );

  it('asks EventBridge for no source account, with which its messages to encrypted topics fail', () => {
    for (const statement of allowed(synthesised('prod').statements, 'events')) {
      expect(JSON.stringify(statement.Condition)).not.toContain('aws:Source');
    }
  });

  it.each(['events', 'sns'])(
    'lets %s put what it could not deliver into the queues of this account',
    (service) => {
      const conditions = allowed(synthesised().statements, service).map(
        (statement) => statement.Condition?.ArnLike,
      );
      const queues = conditions
        .flatMap((each) => each?.['kms:EncryptionContext:aws:sqs:arn'] ?? [])
        .map(deployed);
      expect(queues).toEqual(['arn:aws:sqs:us-east-1:123456789012:*']);
    },
  );

  it('lets CloudWatch Logs encrypt the log groups of this account', () => {
    // The principal that the guide names is the region's; the other is the service's own.
    const [statement] = allowed(synthesised().statements, 'logs.us-east-1');
    expect(allowed(synthesised().statements, 'logs')).toEqual([statement]);
    expect(statement?.Action).toContain('kms:GenerateDataKey*');
    expect(condition(statement, 'ArnLike', 'kms:EncryptionContext:aws:logs:arn')).toBe(
      'arn:aws:logs:us-east-1:123456789012:log-group:*',
    );
  });

  it('names the role of Auto Scaling by a condition, since a fresh account does not have it yet', () => {
    const statement = synthesised().statements.find(({ Sid }) => Sid === 'ScalingNoticesToTopics');
    expect(statement?.Principal).toEqual({ AWS: '*' });
    expect(condition(statement, 'StringEquals', 'kms:CallerAccount')).toBe('123456789012');
    expect(condition(statement, 'ArnEquals', 'aws:PrincipalArn')).toBe(
      'arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling',
    );
  });

  it('lets CloudTrail in where there is a trail: in prod', () => {
    expect(allowed(synthesised('dev').statements, 'cloudtrail')).toEqual([]);
    const [encrypts] = allowed(synthesised('prod').statements, 'cloudtrail');
    const trails = 'arn:aws:cloudtrail:us-east-1:123456789012:trail/*';
    expect(condition(encrypts, 'ArnLike', 'aws:SourceArn')).toBe(trails);
    expect(condition(encrypts, 'ArnLike', 'kms:EncryptionContext:aws:cloudtrail:arn')).toBe(trails);
  });

  it('lets nobody in from outside the account: every statement but the owner’s has a condition', () => {
    const open = synthesised('prod').statements.filter((statement) => statement.Condition === undefined);
    expect(open.map(({ Principal }) => deployed(Principal.AWS))).toEqual(['arn:aws:iam::123456789012:root']);
  });
});
