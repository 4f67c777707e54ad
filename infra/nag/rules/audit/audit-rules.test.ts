import { describe, expect, it } from 'vitest';
import {
  BAD,
  type Fragment,
  GOOD,
  NOT_CONCERNED,
  RETAIN,
  RETAIN_EXCEPT_ON_CREATE,
  verdict,
} from '../../rules.fixture.ts';
import { auditBucketLock } from './audit-bucket-lock.ts';
import { auditBucketRetained } from './audit-bucket-retained.ts';
import { auditBucketTrail } from './audit-bucket-trail.ts';
import { auditBucketTransport } from './audit-bucket-transport.ts';
import { logRetention } from './log-retention.ts';

const DEV = { profile: 'dev' } as const;
const lock = (retention: Record<string, unknown>) => ({
  ObjectLockEnabled: true,
  ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'COMPLIANCE', ...retention } } },
});
const bucket = (more: Record<string, unknown> = {}, policies: Partial<Fragment> = {}): Fragment => ({
  Type: 'AWS::S3::Bucket',
  Properties: {
    BucketName: { 'Fn::Join': ['', ['payment-audit-logs-x-', { Ref: 'AWS::AccountId' }]] },
    VersioningConfiguration: { Status: 'Enabled' },
    ...more,
  },
  ...policies,
});
const other = bucket({ BucketName: 'payment-failed-events-x', VersioningConfiguration: undefined });

describe('AuditBucketLock', () => {
  const of = (one: Fragment, settings = {}) => verdict(auditBucketLock, { Bucket: one }, settings);

  it('wants versions, and in production a lock for a year that nobody can lift', () => {
    expect(of(bucket(lock({ Days: 365 })))).toBe(GOOD);
    expect(of(bucket(lock({ Years: 1 })))).toBe(GOOD);
    expect(of(bucket(lock({ Days: 364 })))).toEqual(['Retention']);
    expect(of(bucket(lock({ Mode: 'GOVERNANCE', Years: 7 })))).toEqual(['Compliance']);
    expect(of(bucket())).toEqual(['ObjectLock', 'Compliance', 'Retention']);
  });

  it('wants only versions in a stack that is taken away', () => {
    expect(of(bucket(), DEV)).toBe(GOOD);
    expect(of(bucket({ VersioningConfiguration: undefined }), DEV)).toEqual(['Versioning']);
  });

  it('knows the bucket by its name or its tag', () => {
    const tagged = { BucketName: undefined, Tags: [{ Key: 'DataClass', Value: 'audit' }] };
    expect(of(bucket(tagged), DEV)).toBe(GOOD);
    expect(of(other)).toBe(NOT_CONCERNED);
    const elsewhere = { BucketName: undefined, Tags: [{ Key: 'Team', Value: 'audit' }] };
    expect(of(bucket(elsewhere))).toBe(NOT_CONCERNED);
  });
});

describe('AuditBucketRetained', () => {
  const kept = { DeletionPolicy: RETAIN_EXCEPT_ON_CREATE, UpdateReplacePolicy: RETAIN };
  const emptying = { Type: 'Custom::S3AutoDeleteObjects', Properties: { BucketName: { Ref: 'Bucket' } } };
  const of = (resources: Record<string, Fragment>, settings = {}) =>
    verdict(auditBucketRetained, resources, settings);

  it('wants the bucket to outlive its stack in production', () => {
    expect(of({ Bucket: bucket({}, kept) })).toBe(GOOD);
    expect(of({ Bucket: bucket() })).toEqual(['DeletionPolicy', 'UpdateReplacePolicy']);
    expect(of({ Bucket: bucket() }, DEV)).toBe(GOOD);
  });

  it('refuses to have it emptied in production, or anywhere with locked objects', () => {
    expect(of({ Bucket: bucket({}, kept), Emptying: emptying })).toEqual(['AutoDelete']);
    expect(of({ Bucket: bucket(), Emptying: emptying }, DEV)).toBe(GOOD);
    expect(of({ Bucket: bucket(lock({ Days: 1 })), Emptying: emptying }, DEV)).toEqual(['AutoDelete']);
  });

  it('leaves other buckets alone', () => {
    expect(of({ Bucket: other, Emptying: emptying })).toBe(NOT_CONCERNED);
  });
});

describe('AuditBucketTransport', () => {
  const policy = (statement: Record<string, unknown>, of = 'Bucket') => ({
    Policy: {
      Type: 'AWS::S3::BucketPolicy',
      Properties: {
        Bucket: { Ref: of },
        PolicyDocument: {
          Statement: [
            {
              Effect: 'Deny',
              Principal: { AWS: '*' },
              Action: 's3:*',
              Condition: { Bool: { 'aws:SecureTransport': 'false' } },
              ...statement,
            },
          ],
        },
      },
    },
  });

  it('wants plain HTTP refused to everybody', () => {
    expect(verdict(auditBucketTransport, { Bucket: bucket(), ...policy({}) })).toBe(GOOD);
    expect(verdict(auditBucketTransport, { Bucket: bucket() })).toBe(BAD);
    expect(verdict(auditBucketTransport, { Bucket: bucket(), ...policy({ Effect: 'Allow' }) })).toBe(BAD);
    expect(verdict(auditBucketTransport, { Bucket: bucket(), ...policy({ Condition: undefined }) })).toBe(
      BAD,
    );
    expect(verdict(auditBucketTransport, { Bucket: bucket(), Other: other, ...policy({}, 'Other') })).toBe(
      BAD,
    );
    expect(verdict(auditBucketTransport, { Bucket: other })).toBe(NOT_CONCERNED);
  });
});

describe('AuditBucketTrail', () => {
  const trail = (properties: Record<string, unknown>) => ({
    Trail: { Type: 'AWS::CloudTrail::Trail', Properties: { IsLogging: true, ...properties } },
  });
  const arn = { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['Bucket', 'Arn'] }, '/']] };
  const selected = (Values: unknown, ReadWriteType = 'All') => ({
    EventSelectors: [{ ReadWriteType, DataResources: [{ Type: 'AWS::S3::Object', Values }] }],
  });
  const fields = (...more: unknown[]) => ({
    AdvancedEventSelectors: [
      { FieldSelectors: [{ Field: 'resources.type', Equals: ['AWS::S3::Object'] }, ...more] },
    ],
  });

  it('wants data events of the bucket in production', () => {
    expect(verdict(auditBucketTrail, { Bucket: bucket(), ...trail(selected([arn])) })).toBe(GOOD);
    expect(verdict(auditBucketTrail, { Bucket: bucket() })).toBe(BAD);
    expect(verdict(auditBucketTrail, { Bucket: bucket(), ...trail({}) })).toBe(BAD);
    expect(verdict(auditBucketTrail, { Bucket: bucket(), ...trail(selected([arn], 'ReadOnly')) })).toBe(BAD);
    expect(
      verdict(auditBucketTrail, { Bucket: bucket(), ...trail(selected(['arn:aws:s3:::theirs/'])) }),
    ).toBe(BAD);
    const stopped = { ...selected([arn]), IsLogging: false };
    expect(verdict(auditBucketTrail, { Bucket: bucket(), ...trail(stopped) })).toBe(BAD);
  });

  it('reads the newer selectors too', () => {
    const ours = { Field: 'resources.ARN', StartsWith: [arn] };
    const theirs = { Field: 'resources.ARN', StartsWith: ['arn:aws:s3:::theirs/'] };
    expect(verdict(auditBucketTrail, { Bucket: bucket(), ...trail(fields(ours)) })).toBe(GOOD);
    expect(verdict(auditBucketTrail, { Bucket: bucket(), ...trail(fields()) })).toBe(GOOD);
    expect(verdict(auditBucketTrail, { Bucket: bucket(), ...trail(fields(theirs)) })).toBe(BAD);
  });

  it('does not ask for it in dev, or of another bucket', () => {
    expect(verdict(auditBucketTrail, { Bucket: bucket() }, DEV)).toBe(NOT_CONCERNED);
    expect(verdict(auditBucketTrail, { Bucket: other })).toBe(NOT_CONCERNED);
  });
});

describe('LogRetention', () => {
  it('wants an end, and in production a year before it', () => {
    const of = (RetentionInDays?: number, settings = {}) =>
      verdict(
        logRetention,
        { Logs: { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDays } } },
        settings,
      );
    expect(of(365)).toBe(GOOD);
    expect(of(180)).toBe(BAD);
    expect(of(7, DEV)).toBe(GOOD);
    expect(of(undefined, DEV)).toBe(BAD);
  });
});
