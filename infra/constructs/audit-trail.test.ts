import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, it } from 'vitest';
import type { Settings } from '../settings.ts';
import { deployed, testNames, testStack } from '../stack.fixture.ts';
import { AuditBucket } from './audit-bucket.ts';

const TRAIL = 'AWS::CloudTrail::Trail';

function synthesised(profile: Settings['profile'] = 'prod'): Template {
  const stack = testStack();
  new AuditBucket(stack, 'Audit', { names: testNames(), profile, key: new Key(stack, 'Key') });
  return Template.fromStack(stack);
}

describe('the trail', () => {
  it('is there in prod only', () => {
    synthesised('dev').resourceCountIs(TRAIL, 0);
    synthesised('prod').resourceCountIs(TRAIL, 1);
  });

  it('has the data events of the audit log’s objects and no other, which would be billed', () => {
    const [trail] = Object.values(synthesised().findResources(TRAIL));
    const [selector, ...others] = trail?.Properties.AdvancedEventSelectors ?? [];
    expect(others).toEqual([]);
    const fields = selector.FieldSelectors.map(
      (each: { Field: string; Equals?: string[]; StartsWith?: unknown[] }) => [
        each.Field,
        (each.Equals ?? each.StartsWith)?.map(deployed),
      ],
    );
    expect(fields).toEqual([
      ['eventCategory', ['Data']],
      ['resources.type', ['AWS::S3::Object']],
      ['resources.ARN', [expect.stringMatching(/^<Audit\w+\.Arn>\/$/)]],
    ]);
  });

  it('is encrypted, and shows when its files were changed', () => {
    synthesised().hasResourceProperties(TRAIL, {
      TrailName: 'payment-trail-dev123',
      IsLogging: true,
      EnableLogFileValidation: true,
      KMSKeyId: Match.anyValue(),
      CloudWatchLogsLogGroupArn: Match.anyValue(),
    });
  });

  it('comes after the bucket’s policy and its role’s, both of which CloudTrail tries first', () => {
    const template = synthesised();
    const [role] = Object.keys(template.findResources('AWS::IAM::ManagedPolicy'));
    template.hasResource(TRAIL, {
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('AccessLogsPolicy'), role]),
    });
  });

  it('asks for no source when CloudTrail assumes its role, since CloudTrail gives none there', () => {
    const roles = Object.values(synthesised().findResources('AWS::IAM::Role'));
    const trusted = roles.flatMap(({ Properties }) => Properties.AssumeRolePolicyDocument.Statement);
    expect(trusted).toEqual([
      { Action: 'sts:AssumeRole', Effect: 'Allow', Principal: { Service: 'cloudtrail.amazonaws.com' } },
    ]);
  });

  it('is the only one that may write to its place in the bucket', () => {
    const policies = Object.values(synthesised().findResources('AWS::S3::BucketPolicy'));
    const statements = policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
    const writes = statements.find(({ Sid }) => Sid === 'TrailWrites');
    expect(writes.Principal).toEqual({ Service: 'cloudtrail.amazonaws.com' });
    expect(deployed(writes.Resource)).toMatch(
      /^<AuditAccessLogs.*\.Arn>\/cloudtrail\/AWSLogs\/123456789012\/\*$/,
    );
    expect(deployed(writes.Condition.StringEquals['aws:SourceArn'])).toBe(
      'arn:aws:cloudtrail:us-east-1:123456789012:trail/payment-trail-dev123',
    );
  });
});
