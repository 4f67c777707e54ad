import { at, flatText, items } from '../nag/template-values.ts';
import { type Expected, unless, wants } from './differences.ts';
import type { TemplateCheck } from './template-check.ts';
import type { Resource, TemplateModel } from './template-model.ts';

const ON_OUR_KEY = /^<ProcessingEncryptionKey\w+\.Arn>$/;
const DAY_SECONDS = 24 * 60 * 60;
const RETAINED = { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' };
const DELETED = { DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Delete' };

/** What is kept in `prod`, and goes with the stack in `dev`. */
function kept(resource: Resource | undefined, what: string, profile: 'dev' | 'prod'): string[] {
  if (!resource) return [`${what} is missing`];
  return wants({ ...resource, properties: resource.body }, what, profile === 'prod' ? RETAINED : DELETED);
}

function refusesPlainHttp(template: TemplateModel, resource: Resource, policyType: string): boolean {
  return template
    .ofType(policyType)
    .filter(({ properties }) => template.referred(properties).includes(resource))
    .some(({ properties }) =>
      items(at(properties, 'PolicyDocument', 'Statement')).some(
        (statement) =>
          at(statement, 'Effect') === 'Deny' &&
          at(statement, 'Condition', 'Bool', 'aws:SecureTransport') === 'false',
      ),
    );
}

export const DATA_CHECKS: readonly TemplateCheck[] = [
  {
    says: 'row 4: payment-db-credentials is generated with 32 characters and rotated every 30 days',
    find: (template, { profile }) => {
      const secret = template.named('AWS::SecretsManager::Secret', 'payment-db-credentials');
      return [
        ...wants(secret, 'payment-db-credentials', {
          KmsKeyId: ON_OUR_KEY,
          SecretString: null,
          GenerateSecretString: {
            SecretStringTemplate: '{"username":"paymentuser"}',
            PasswordLength: 32,
            ExcludePunctuation: true,
          },
        }),
        ...kept(secret, 'payment-db-credentials', profile),
        ...wants(template.ofType('AWS::SecretsManager::RotationSchedule')[0], 'rotation', {
          RotationRules: { AutomaticallyAfterDays: 30 },
          RotationLambdaARN: /FunctionsRotation/,
        }),
      ];
    },
  },
  {
    says: 'row 5: payments is on demand, restorable, encrypted, streams both images, and its index is not a bare status',
    find: (template, { profile }) => {
      const table = template.named('AWS::DynamoDB::Table', 'payments');
      return [
        ...wants(table, 'payments', {
          BillingMode: 'PAY_PER_REQUEST',
          TableClass: 'STANDARD',
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
          SSESpecification: { SSEEnabled: true, KMSMasterKeyId: ON_OUR_KEY },
          StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
          DeletionProtectionEnabled: profile === 'prod',
          GlobalSecondaryIndexes: [
            {
              IndexName: 'status-index',
              KeySchema: [{ AttributeName: 'index_pk' }, { AttributeName: 'index_sk' }],
            },
          ],
        }),
        ...kept(table, 'payments', profile),
      ];
    },
  },
  {
    says: 'row 5: writes of every table are capped, of the index above the table, both above the API’s burst',
    find: (template) => {
      const cap = (of: unknown) => Number(at(of, 'OnDemandThroughput', 'MaxWriteRequestUnits') ?? 0);
      const payments = template.named('AWS::DynamoDB::Table', 'payments')?.properties;
      const [index] = items(at(payments, 'GlobalSecondaryIndexes'));
      return [
        ...template
          .ofType('AWS::DynamoDB::Table')
          .flatMap((table) => unless(cap(table.properties) > 0, `${table.id} has no cap`)),
        ...unless(cap(payments) >= 4_000, 'payments takes no two writes a payment at a burst of 2,000'),
        ...unless(cap(index) > cap(payments), 'the cap of the index is not above that of its table'),
      ];
    },
  },
  {
    says: 'row 5: prod keeps a monthly backup of every table, cold after a day, for 91 days, dev none',
    find: (template, { profile }) => {
      const [plan] = template.ofType('AWS::Backup::BackupPlan');
      if (profile === 'dev') return unless(!plan, 'dev has a backup plan, which cdk destroy cannot delete');
      const backedUp = template.referred(
        template.ofType('AWS::Backup::BackupSelection').map(({ properties }) => properties),
        'AWS::DynamoDB::Table',
      );
      return [
        ...wants(plan, 'backup plan', {
          BackupPlan: {
            BackupPlanRule: [
              {
                ScheduleExpression: 'cron(0 3 1 * ? *)',
                Lifecycle: { MoveToColdStorageAfterDays: 1, DeleteAfterDays: 91 },
              },
            ],
          },
        }),
        // A lock that asked for more than the plan gives would let every job fail.
        ...wants(template.ofType('AWS::Backup::BackupVault')[0], 'vault', {
          LockConfiguration: { MinRetentionDays: 91 },
        }),
        ...template
          .ofType('AWS::DynamoDB::Table')
          .flatMap((table) => unless(backedUp.includes(table), `${table.id} is not backed up`)),
      ];
    },
  },
  {
    says: 'row 6: payment-queue keeps 4 days and gives up after 5 receives; payment-dlq keeps 14 days for it alone',
    find: (template) => [
      ...wants(template.named('AWS::SQS::Queue', 'payment-queue'), 'payment-queue', {
        MessageRetentionPeriod: 4 * DAY_SECONDS,
        KmsMasterKeyId: 'alias/aws/sqs',
        RedrivePolicy: { maxReceiveCount: 5, deadLetterTargetArn: /DeadLetters/ },
      }),
      ...wants(template.named('AWS::SQS::Queue', 'payment-dlq'), 'payment-dlq', {
        MessageRetentionPeriod: 14 * DAY_SECONDS,
        KmsMasterKeyId: 'alias/aws/sqs',
        RedriveAllowPolicy: { redrivePermission: 'byQueue', sourceQueueArns: [/:payment-queue-/] },
      }),
      ...template
        .ofType('AWS::SQS::Queue')
        .flatMap((queue) =>
          unless(refusesPlainHttp(template, queue, 'AWS::SQS::QueuePolicy'), `${queue.id} takes plain HTTP`),
        ),
    ],
  },
  {
    says: 'row 7: every bucket is versioned, encrypted, private, logged, and takes TLS only',
    find: (template) =>
      template.ofType('AWS::S3::Bucket').flatMap((bucket) => {
        const isLogs = flatText(at(bucket.properties, 'BucketName')).startsWith('payment-access-logs');
        const expected: Expected = {
          VersioningConfiguration: { Status: 'Enabled' },
          PublicAccessBlockConfiguration: {
            BlockPublicAcls: true,
            BlockPublicPolicy: true,
            IgnorePublicAcls: true,
            RestrictPublicBuckets: true,
          },
          BucketEncryption: {
            ServerSideEncryptionConfiguration: [
              isLogs
                ? { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }
                : {
                    BucketKeyEnabled: true,
                    ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: ON_OUR_KEY },
                  },
            ],
          },
          ...(isLogs ? {} : { LoggingConfiguration: { DestinationBucketName: /AccessLogs/ } }),
        };
        return [
          ...wants(bucket, bucket.id, expected),
          ...unless(
            refusesPlainHttp(template, bucket, 'AWS::S3::BucketPolicy'),
            `${bucket.id} takes plain HTTP`,
          ),
        ];
      }),
  },
  {
    says: 'row 7: payment-audit-logs moves to Glacier after 30 days, but only what is large enough to save by it',
    find(template) {
      const bucket = template.named('AWS::S3::Bucket', 'payment-audit-logs');
      const rules = items(at(bucket?.properties, 'LifecycleConfiguration', 'Rules'));
      const moving = rules.find((rule) => at(rule, 'Transitions') !== undefined);
      return [
        ...wants(bucket, 'payment-audit-logs', {}),
        ...unless(Number(at(moving, 'ObjectSizeGreaterThan')) >= 128 * 1024, 'small objects move to Glacier'),
        ...unless(
          JSON.stringify(at(moving, 'Transitions')) === '[{"StorageClass":"GLACIER","TransitionInDays":30}]',
          'nothing moves to Glacier after 30 days',
        ),
      ];
    },
  },
  {
    says: 'row 7: in prod CloudTrail records who reads and writes the audit log',
    find: (template, { profile }) =>
      profile === 'dev'
        ? []
        : wants(template.ofType('AWS::CloudTrail::Trail')[0], 'trail', {
            IsLogging: true,
            EnableLogFileValidation: true,
            AdvancedEventSelectors: [
              {
                FieldSelectors: [{ Equals: ['Data'] }, {}, { StartsWith: [/ProcessingAuditE\w+\.Arn>\/$/] }],
              },
            ],
          }),
  },
  {
    says: 'trap: Object Lock in prod and auto-delete in dev, never both, and never one for the other',
    find(template, { profile }) {
      const bucket = template.named('AWS::S3::Bucket', 'payment-audit-logs');
      const deletes = template.referred(
        template.ofType('Custom::S3AutoDeleteObjects').map(({ properties }) => at(properties, 'BucketName')),
        'AWS::S3::Bucket',
      );
      if (profile === 'dev') {
        return [
          ...wants(bucket, 'payment-audit-logs', { ObjectLockEnabled: null, ObjectLockConfiguration: null }),
          ...kept(bucket, 'payment-audit-logs', profile),
          ...template
            .ofType('AWS::S3::Bucket')
            .flatMap((each) => unless(deletes.includes(each), `${each.id} stops cdk destroy`)),
        ];
      }
      const retention = at(bucket?.properties, 'ObjectLockConfiguration', 'Rule', 'DefaultRetention');
      return [
        ...wants(bucket, 'payment-audit-logs', { ObjectLockEnabled: true }),
        ...unless(at(retention, 'Mode') === 'COMPLIANCE', 'the lock can be lifted'),
        ...unless(Number(at(retention, 'Days')) >= 365, 'the lock holds for less than a year'),
        ...kept(bucket, 'payment-audit-logs', profile),
        ...unless(deletes.length === 0, 'a function empties buckets in prod'),
      ];
    },
  },
];
