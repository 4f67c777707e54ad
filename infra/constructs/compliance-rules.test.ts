import { Match, Template } from 'aws-cdk-lib/assertions';
import { ManagedRuleIdentifiers } from 'aws-cdk-lib/aws-config';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, it } from 'vitest';
import { testNames, testStack } from '../stack.fixture.ts';
import { ComplianceRules, type ComplianceRulesProps } from './compliance-rules.ts';

type Choices = Pick<ComplianceRulesProps, 'profile' | 'configRecorder'>;

function synthesize(choices: Partial<Choices> = {}) {
  const stack = testStack();
  const bucket = (id: string) => Bucket.fromBucketName(stack, id, `${id.toLowerCase()}-bucket`);
  new ComplianceRules(stack, 'Compliance', {
    names: testNames(),
    profile: 'prod',
    configRecorder: 'create',
    key: new Key(stack, 'Key'),
    accessLogs: bucket('Logs'),
    auditBucket: bucket('Audit'),
    ...choices,
  });
  return Template.fromStack(stack);
}

function identifiers(template: Template): string[] {
  return Object.values(template.findResources('AWS::Config::ConfigRule')).map(
    ({ Properties }) => Properties.Source.SourceIdentifier,
  );
}

const template = synthesize();

describe('the rules', () => {
  it('are those of the reference with Object Lock and IMDSv2, by identifiers that exist', () => {
    expect(identifiers(template)).toEqual([
      'S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED',
      'REQUIRED_TAGS',
      'S3_BUCKET_PUBLIC_READ_PROHIBITED',
      'S3_BUCKET_PUBLIC_WRITE_PROHIBITED',
      'EC2_IMDSV2_CHECK',
      'S3_BUCKET_DEFAULT_LOCK_ENABLED',
    ]);
    const real = new Set<unknown>(Object.values(ManagedRuleIdentifiers));
    expect(identifiers(template).filter((identifier) => !real.has(identifier))).toEqual([]);
  });

  it('ask for the five tags that everything has', () => {
    template.hasResourceProperties('AWS::Config::ConfigRule', {
      ConfigRuleName: 'payment-required-tags-dev123',
      InputParameters: {
        tag1Key: 'Project',
        tag2Key: 'Environment',
        tag3Key: 'Owner',
        tag4Key: 'CostCenter',
        tag5Key: 'DataClass',
      },
    });
  });

  it('look at the lock of the audit bucket alone, and only in prod', () => {
    template.hasResourceProperties('AWS::Config::ConfigRule', {
      ConfigRuleName: 'payment-audit-object-lock-dev123',
      Scope: { ComplianceResourceTypes: ['AWS::S3::Bucket'], ComplianceResourceId: 'audit-bucket' },
    });
    expect(identifiers(synthesize({ profile: 'dev' }))).not.toContain('S3_BUCKET_DEFAULT_LOCK_ENABLED');
  });

  it('wait for the recorder, or the first deployment fails', () => {
    const [recorder = ''] = Object.keys(template.findResources('AWS::Config::ConfigurationRecorder'));
    for (const rule of Object.values(template.findResources('AWS::Config::ConfigRule')))
      expect(rule.DependsOn).toContain(recorder);
  });
});

describe('the recorder', () => {
  it('records only what the rules look at', () => {
    template.hasResourceProperties('AWS::Config::ConfigurationRecorder', {
      RecordingGroup: {
        AllSupported: false,
        ResourceTypes: [
          'AWS::S3::Bucket',
          'AWS::DynamoDB::Table',
          'AWS::EC2::Instance',
          'AWS::AutoScaling::AutoScalingGroup',
        ],
      },
    });
  });

  it('and its channel do not wait for each other: CloudFormation would wait for ever', () => {
    const of = (type: string) => Object.entries(template.findResources(type))[0] ?? ['', {}];
    const [recorderId, recorder] = of('AWS::Config::ConfigurationRecorder');
    const [channelId, channel] = of('AWS::Config::DeliveryChannel');
    expect(channel.DependsOn).not.toContain(recorderId);
    expect(recorder.DependsOn).not.toContain(channelId);
  });

  it('delivers to an encrypted, private, versioned bucket that prod keeps', () => {
    template.hasResource('AWS::S3::Bucket', {
      UpdateReplacePolicy: 'Retain',
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: {
        VersioningConfiguration: { Status: 'Enabled' },
        PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true },
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            { ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' }, BucketKeyEnabled: true },
          ],
        },
      },
    });
    template.hasResourceProperties('AWS::Config::DeliveryChannel', { S3KmsKeyArn: Match.anyValue() });
    synthesize({ profile: 'dev' }).hasResource('AWS::S3::Bucket', { DeletionPolicy: 'Delete' });
  });

  it('may write below its own prefix of that bucket, and starts when it may', () => {
    const [policy] = Object.entries(template.findResources('AWS::S3::BucketPolicy'));
    const statements: { Sid?: string; Action: string; Resource: unknown }[] =
      policy?.[1].Properties.PolicyDocument.Statement;
    const delivers = statements.find(({ Sid }) => Sid === 'ConfigDelivers');
    expect(delivers?.Action).toBe('s3:PutObject');
    expect(JSON.stringify(delivers?.Resource)).toContain('"/AWSLogs/",{"Ref":"AWS::AccountId"},"/Config/*"');
    for (const type of ['AWS::Config::ConfigurationRecorder', 'AWS::Config::DeliveryChannel'])
      expect(Object.values(template.findResources(type))[0]?.DependsOn).toContain(policy?.[0]);
  });

  it('is one per account and region: with an existing one there are only rules, and without none', () => {
    const existing = synthesize({ configRecorder: 'existing' });
    existing.resourceCountIs('AWS::Config::ConfigurationRecorder', 0);
    existing.resourceCountIs('AWS::Config::DeliveryChannel', 0);
    existing.resourceCountIs('AWS::S3::Bucket', 0);
    existing.resourceCountIs('AWS::Config::ConfigRule', 6);
    synthesize({ configRecorder: 'off' }).resourceCountIs('AWS::Config::ConfigRule', 0);
  });
});
