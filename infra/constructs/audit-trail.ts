import { Aws, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { CfnTrail } from 'aws-cdk-lib/aws-cloudtrail';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Names } from '../names.ts';

const PREFIX = 'cloudtrail';

export interface AuditTrailProps {
  readonly names: Names;
  readonly key: IKey;
  /** Whose objects are watched. */
  readonly bucket: Bucket;
  /** Where the trail is kept. */
  readonly logs: Bucket;
}

/**
 * Who read or wrote which object of the audit log: data events of that bucket alone ($0.10 per 100,000), since the
 * account's own trail has the management events and a second copy of them is billed. Not the construct of the CDK,
 * which gives its role an inline policy.
 */
export class AuditTrail extends Construct {
  constructor(scope: Construct, id: string, { names, key, bucket, logs }: AuditTrailProps) {
    super(scope, id);
    const trailName = names.of('payment-trail');
    // By name: the bucket's policy comes before the trail.
    const trailArn = Stack.of(this).formatArn({
      service: 'cloudtrail',
      resource: 'trail',
      resourceName: trailName,
    });
    const cloudTrail = new ServicePrincipal('cloudtrail.amazonaws.com');
    logs.addToResourcePolicy(
      new PolicyStatement({
        sid: 'TrailChecksBucket',
        principals: [cloudTrail],
        actions: ['s3:GetBucketAcl'],
        resources: [logs.bucketArn],
        conditions: { StringEquals: { 'aws:SourceArn': trailArn } },
      }),
    );
    logs.addToResourcePolicy(
      new PolicyStatement({
        sid: 'TrailWrites',
        principals: [cloudTrail],
        actions: ['s3:PutObject'],
        resources: [logs.arnForObjects(`${PREFIX}/AWSLogs/${Aws.ACCOUNT_ID}/*`)],
        conditions: {
          StringEquals: { 'aws:SourceArn': trailArn, 's3:x-amz-acl': 'bucket-owner-full-control' },
        },
      }),
    );

    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: names.of('/payment/audit-trail'),
      encryptionKey: key,
      retention: RetentionDays.ONE_YEAR,
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    const role = new Role(this, 'Role', {
      roleName: names.accountWide('payment-audit-trail'),
      description: 'Writes the trail of the audit log to its log group',
      // Without `aws:SourceArn`, which CloudTrail does not give when it assumes this role: with it, the trail is refused
      // (CloudTrail User Guide, "Role policy document for CloudTrail to use CloudWatch Logs for monitoring").
      assumedBy: cloudTrail,
    });
    const policy = new ManagedPolicy(this, 'Policy', {
      managedPolicyName: names.accountWide('payment-audit-trail'),
      description: 'The trail of the audit log to its log group',
      roles: [role],
      statements: [
        new PolicyStatement({
          actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
          resources: [logGroup.logGroupArn],
        }),
      ],
    });
    const trail = new CfnTrail(this, 'Trail', {
      trailName,
      isLogging: true,
      enableLogFileValidation: true,
      s3BucketName: logs.bucketName,
      s3KeyPrefix: PREFIX,
      kmsKeyId: key.keyArn,
      cloudWatchLogsLogGroupArn: logGroup.logGroupArn,
      cloudWatchLogsRoleArn: role.roleArn,
      advancedEventSelectors: [
        {
          name: 'Objects of the audit log',
          fieldSelectors: [
            { field: 'eventCategory', equalTo: ['Data'] },
            { field: 'resources.type', equalTo: ['AWS::S3::Object'] },
            { field: 'resources.ARN', startsWith: [bucket.arnForObjects('')] },
          ],
        },
      ],
    });
    // CloudTrail tries both before it takes the trail.
    trail.node.addDependency(policy);
    if (logs.policy) trail.node.addDependency(logs.policy);
  }
}
