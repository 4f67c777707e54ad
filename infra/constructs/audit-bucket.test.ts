import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, it } from 'vitest';
import type { Settings } from '../settings.ts';
import { deployed, testNames, testStack } from '../stack.fixture.ts';
import { AuditBucket } from './audit-bucket.ts';

function synthesised(profile: Settings['profile'], names = testNames()): Template {
  const stack = testStack();
  new AuditBucket(stack, 'Audit', { names, profile, key: new Key(stack, 'Key') });
  return Template.fromStack(stack);
}

interface Found {
  id: string;
  DeletionPolicy: string;
  Properties: {
    BucketName: unknown;
    BucketEncryption: unknown;
    ObjectLockEnabled?: boolean;
    ObjectLockConfiguration?: unknown;
    LifecycleConfiguration: { Rules: Record<string, unknown>[] };
    LoggingConfiguration?: { DestinationBucketName: { Ref: string }; LogFilePrefix: string };
  };
}

function bucket(template: Template, name: string): Found {
  const found = Object.entries(template.findResources('AWS::S3::Bucket')).find(([, { Properties }]) =>
    deployed(Properties.BucketName).startsWith(`${name}-`),
  );
  return { id: found?.[0], ...found?.[1] } as Found;
}

const NAMES = ['payment-audit-logs', 'payment-access-logs', 'failed-events'];
const PROFILES = ['dev', 'prod'] as const;

describe.each(PROFILES)('the buckets in %s', (profile) => {
  const template = synthesised(profile);

  it('are versioned, closed to the public and owned by the account alone', () => {
    template.resourceCountIs('AWS::S3::Bucket', 3);
    template.allResourcesProperties('AWS::S3::Bucket', {
      VersioningConfiguration: { Status: 'Enabled' },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    });
  });

  it.each(NAMES)('refuse what is not TLS 1.2: %s', (name) => {
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      Bucket: { Ref: bucket(template, name).id },
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          Match.objectLike({ Effect: 'Deny', Condition: { NumericLessThan: { 's3:TlsVersion': 1.2 } } }),
        ]),
      },
    });
  });

  it.each(['payment-audit-logs', 'failed-events'])(
    'encrypt with one call to KMS for many objects: %s',
    (name) => {
      expect(bucket(template, name).Properties.BucketEncryption).toMatchObject({
        ServerSideEncryptionConfiguration: [
          {
            BucketKeyEnabled: true,
            ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: expect.anything() },
          },
        ],
      });
    },
  );

  it('say who read them, in a bucket that S3 can deliver to', () => {
    const logs = bucket(template, 'payment-access-logs');
    for (const name of ['payment-audit-logs', 'failed-events']) {
      const { LoggingConfiguration } = bucket(template, name).Properties;
      expect(LoggingConfiguration?.DestinationBucketName).toEqual({ Ref: logs.id });
    }
    expect(JSON.stringify(logs.Properties.BucketEncryption)).toContain('"AES256"');
    expect(logs.Properties.ObjectLockEnabled).toBeUndefined();
  });

  it('have names of at most 63 characters with the longest suffix and region', () => {
    const long = synthesised(profile, testNames('abcdefghijklmno'));
    for (const { Properties } of Object.values(long.findResources('AWS::S3::Bucket'))) {
      const name = deployed(Properties.BucketName).replace('us-east-1', 'ap-southeast-1');
      expect(name).toContain('-abcdefghijklmno-123456789012-ap-southeast-1');
      expect(name.length).toBeLessThanOrEqual(63);
    }
  });

  it('move to Glacier after 30 days what is large enough to save by it', () => {
    const [rule] = bucket(template, 'payment-audit-logs').Properties.LifecycleConfiguration.Rules;
    expect(rule).toMatchObject({
      Id: 'TransitionToGlacier',
      Status: 'Enabled',
      Transitions: [{ StorageClass: 'GLACIER', TransitionInDays: 30 }],
    });
    const above = Number(rule?.ObjectSizeGreaterThan);
    expect(savedUsd(above + 1024)).toBeGreaterThan(0);
    expect(savedUsd(above - 1024)).toBeLessThan(0);
  });

  it('never expire an audit record, and failed events after two weeks', () => {
    const audit = JSON.stringify(bucket(template, 'payment-audit-logs').Properties.LifecycleConfiguration);
    expect(audit).not.toContain('Expiration');
    expect(bucket(template, 'failed-events').Properties.LifecycleConfiguration.Rules).toContainEqual(
      expect.objectContaining({ ExpirationInDays: 14, NoncurrentVersionExpiration: { NoncurrentDays: 1 } }),
    );
  });

  it('drop uploads that were never finished', () => {
    for (const name of NAMES) {
      const rules = bucket(template, name).Properties.LifecycleConfiguration.Rules;
      expect(rules).toContainEqual(
        expect.objectContaining({ AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 } }),
      );
    }
  });
});

describe('the audit log', () => {
  it('cannot be deleted by anybody for a year in prod, and stays when the stack goes', () => {
    const template = synthesised('prod');
    const { Properties, DeletionPolicy } = bucket(template, 'payment-audit-logs');
    expect(Properties.ObjectLockEnabled).toBe(true);
    expect(Properties.ObjectLockConfiguration).toMatchObject({
      Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 365 } },
    });
    expect(DeletionPolicy).toBe('RetainExceptOnCreate');
    template.resourceCountIs('Custom::S3AutoDeleteObjects', 0);
  });

  it('goes with a dev stack: no lock, and emptied first', () => {
    const template = synthesised('dev');
    const { Properties, DeletionPolicy } = bucket(template, 'payment-audit-logs');
    expect(Properties.ObjectLockEnabled).toBeUndefined();
    expect(Properties.ObjectLockConfiguration).toBeUndefined();
    expect(DeletionPolicy).toBe('Delete');
    template.resourceCountIs('Custom::S3AutoDeleteObjects', 3);
  });
});

/** What a move to Glacier saves until the lock ends, 11 months later, at the list prices of us-east-1. */
function savedUsd(bytes: number): number {
  const [standard, glacier, move, months, kib] = [0.023, 0.0036, 0.00003, 11, 1 / 1024 ** 2];
  const kept = 32 * kib * glacier + 8 * kib * standard;
  return months * ((bytes / 1024 ** 3) * (standard - glacier) - kept) - move;
}
