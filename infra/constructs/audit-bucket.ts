import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  type CfnBucket,
  type LifecycleRule,
  ObjectLockRetention,
  ObjectOwnership,
  StorageClass,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Names } from '../names.ts';
import type { Settings } from '../settings.ts';
import { AuditTrail } from './audit-trail.ts';

/** PCI DSS 10.5.1: twelve months of audit records, which until then nobody can delete, not even the account's owner. */
const LOCK_DAYS = 365;
const GLACIER_AFTER_DAYS = 30;
/**
 * Below this size Glacier costs more than it saves by the end of the lock, 11 months after the move. A move is
 * $0.00003, and each object there keeps 32 KiB at Glacier's and 8 KiB at the standard price: $0.000000285 a month. A
 * GiB saves $0.023 - $0.0036 = $0.0194 a month. ($0.00003 / 11 + $0.000000285) / $0.0194 = 0.000155 GiB = 163 KiB.
 */
const GLACIER_ABOVE_BYTES = 163 * 1024;
/** The sweep reads failed events every few minutes; two weeks are for a person who has to look. */
const FAILED_EVENTS_DAYS = 14;

export interface AuditBucketProps {
  readonly names: Names;
  readonly profile: Settings['profile'];
  readonly key: IKey;
}

/** The audit log's bucket, who read it, and what the change feed could not deliver. */
export class AuditBucket extends Construct {
  readonly bucket: Bucket;
  readonly accessLogs: Bucket;
  /** Whole records of the change feed that a function could not take; the sweep reads them back. */
  readonly failedEvents: Bucket;

  constructor(scope: Construct, id: string, { names, profile, key }: AuditBucketProps) {
    super(scope, id);
    const prod = profile === 'prod';
    const named = (name: string) => names.bucket(name, Aws.ACCOUNT_ID, Aws.REGION);
    const common = {
      versioned: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      removalPolicy: prod ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
      autoDeleteObjects: !prod,
    } satisfies BucketProps;

    this.accessLogs = new Bucket(this, 'AccessLogs', {
      ...common,
      bucketName: named('payment-access-logs'),
      // S3 delivers access logs to no bucket with a KMS key or a default lock.
      encryption: BucketEncryption.S3_MANAGED,
      lifecycleRules: [...expiring(prod ? LOCK_DAYS : 7), abortingUploads],
    });
    const logged = (prefix: string) =>
      ({
        ...common,
        encryption: BucketEncryption.KMS,
        encryptionKey: key,
        // One call to KMS for many objects.
        bucketKeyEnabled: true,
        serverAccessLogsBucket: this.accessLogs,
        serverAccessLogsPrefix: prefix,
      }) satisfies BucketProps;

    this.bucket = new Bucket(this, 'Audit', {
      ...logged('audit/'),
      bucketName: named('payment-audit-logs'),
      ...(prod && {
        objectLockEnabled: true,
        objectLockDefaultRetention: ObjectLockRetention.compliance(Duration.days(LOCK_DAYS)),
      }),
      lifecycleRules: [
        {
          id: 'TransitionToGlacier',
          objectSizeGreaterThan: GLACIER_ABOVE_BYTES,
          transitions: [
            { storageClass: StorageClass.GLACIER, transitionAfter: Duration.days(GLACIER_AFTER_DAYS) },
          ],
        },
        abortingUploads,
      ],
    });
    // CloudFormation wants this number as text, and the construct writes a number.
    (this.bucket.node.defaultChild as CfnBucket).addPropertyOverride(
      'LifecycleConfiguration.Rules.0.ObjectSizeGreaterThan',
      String(GLACIER_ABOVE_BYTES),
    );
    this.failedEvents = new Bucket(this, 'FailedEvents', {
      ...logged('failed-events/'),
      bucketName: named('failed-events'),
      lifecycleRules: [...expiring(FAILED_EVENTS_DAYS), abortingUploads],
    });
    if (prod) new AuditTrail(this, 'Trail', { names, key, bucket: this.bucket, logs: this.accessLogs });
  }
}

const abortingUploads: LifecycleRule = {
  id: 'AbortIncompleteUploads',
  abortIncompleteMultipartUploadAfter: Duration.days(1),
};

/** In a versioned bucket an expired object leaves its version and then a marker behind: both go too. */
function expiring(days: number): LifecycleRule[] {
  return [
    {
      id: 'Expire',
      expiration: Duration.days(days),
      noncurrentVersionExpiration: Duration.days(1),
    },
    { id: 'RemoveMarkers', expiredObjectDeleteMarker: true },
  ];
}
