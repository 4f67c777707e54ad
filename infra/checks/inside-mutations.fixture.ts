import { type Mutation, ofMapping, put, removing, setting, the } from './mutation.fixture.ts';

const AUDIT = ['AWS::S3::Bucket', 'payment-audit-logs'] as const;
const API = ['AWS::Lambda::Function', 'payment-processor'] as const;
const PAYMENTS = ['AWS::DynamoDB::Table', 'payments'] as const;

/** Mistakes in the network, in what is kept, and in what works on it. */
export const INSIDE_MUTATIONS: readonly Mutation[] = [
  {
    what: 'an endpoint that is missing, so that every byte goes through the NAT',
    caughtBy: 'gateway endpoints',
    spoil: removing('AWS::EC2::VPCEndpoint'),
  },
  {
    what: 'a NAT that is missing',
    caughtBy: 'leave by one NAT',
    spoil: removing('AWS::EC2::NatGateway'),
  },
  {
    what: 'a NAT gateway in dev',
    caughtBy: 'leave by one NAT',
    profile: 'dev',
    spoil: (template) => put(the(template, 'AWS::EC2::FlowLog').body, 'Type', 'AWS::EC2::NatGateway'),
  },
  {
    what: 'a public address on launch',
    caughtBy: 'no instance a public address',
    spoil: setting('AWS::EC2::Subnet', undefined, 'MapPublicIpOnLaunch', true),
  },
  {
    what: 'a public address of the fleet',
    caughtBy: 'gets a public address',
    spoil: setting(
      'AWS::EC2::LaunchTemplate',
      undefined,
      'LaunchTemplateData.NetworkInterfaces.0.AssociatePublicIpAddress',
      true,
    ),
  },
  {
    what: 'a security group that is open to the internet',
    caughtBy: 'anything in from the internet',
    spoil: setting('AWS::EC2::SecurityGroup', 'ec2-sg', 'SecurityGroupIngress', [
      { CidrIp: '0.0.0.0/0', FromPort: 22, ToPort: 22, IpProtocol: 'tcp' },
    ]),
  },
  {
    what: 'a secret that is never rotated',
    caughtBy: 'payment-db-credentials',
    spoil: removing('AWS::SecretsManager::RotationSchedule'),
  },
  {
    what: 'a table without point-in-time recovery',
    caughtBy: 'payments is on demand',
    spoil: setting(...PAYMENTS, 'PointInTimeRecoverySpecification', undefined),
  },
  {
    what: 'a table that prod deletes with the stack',
    caughtBy: 'payments is on demand',
    spoil: (template) => put(the(template, ...PAYMENTS).body, 'DeletionPolicy', 'Delete'),
  },
  {
    what: 'a stream without the old image',
    caughtBy: 'payments is on demand',
    spoil: setting(...PAYMENTS, 'StreamSpecification.StreamViewType', 'NEW_IMAGE'),
  },
  {
    what: 'an index with a lower cap than its table',
    caughtBy: 'writes of every table are capped',
    spoil: setting(...PAYMENTS, 'GlobalSecondaryIndexes.0.OnDemandThroughput.MaxWriteRequestUnits', 100),
  },
  {
    what: 'a table that is not in the backup plan',
    caughtBy: 'monthly backup',
    spoil: setting('AWS::Backup::BackupSelection', undefined, 'BackupSelection.Resources', []),
  },
  {
    what: 'backups that are kept for a year, each a full copy',
    caughtBy: 'monthly backup',
    spoil: setting(
      'AWS::Backup::BackupPlan',
      undefined,
      'BackupPlan.BackupPlanRule.0.Lifecycle.DeleteAfterDays',
      365,
    ),
  },
  {
    what: 'a vault that is locked for longer than backups are kept, so that every job fails',
    caughtBy: 'monthly backup',
    spoil: setting('AWS::Backup::BackupVault', undefined, 'LockConfiguration.MinRetentionDays', 365),
  },
  {
    what: 'a queue that gives up after three receives',
    caughtBy: 'payment-queue keeps 4 days',
    spoil: setting('AWS::SQS::Queue', 'payment-queue', 'RedrivePolicy.maxReceiveCount', 3),
  },
  {
    what: 'a queue that takes plain HTTP',
    caughtBy: 'payment-queue keeps 4 days',
    spoil: removing('AWS::SQS::QueuePolicy'),
  },
  {
    what: 'an audit bucket without versions',
    caughtBy: 'every bucket is versioned',
    spoil: setting(...AUDIT, 'VersioningConfiguration', undefined),
  },
  {
    what: 'an audit bucket under a key of AWS',
    caughtBy: 'every bucket is versioned',
    spoil: setting(
      ...AUDIT,
      'BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.KMSMasterKeyID',
      'alias/aws/s3',
    ),
  },
  {
    what: 'small objects that move to Glacier',
    caughtBy: 'moves to Glacier after 30 days',
    spoil: setting(...AUDIT, 'LifecycleConfiguration.Rules.0.ObjectSizeGreaterThan', undefined),
  },
  {
    what: 'an audit log without Object Lock',
    caughtBy: 'Object Lock in prod',
    spoil: setting(...AUDIT, 'ObjectLockConfiguration', undefined),
  },
  {
    what: 'a lock that an administrator can lift',
    caughtBy: 'Object Lock in prod',
    spoil: setting(...AUDIT, 'ObjectLockConfiguration.Rule.DefaultRetention.Mode', 'GOVERNANCE'),
  },
  {
    what: 'a lock in dev, which cdk destroy cannot delete',
    caughtBy: 'Object Lock in prod',
    profile: 'dev',
    spoil: setting(...AUDIT, 'ObjectLockEnabled', true),
  },
  {
    what: 'an audit log whose readers nobody records',
    caughtBy: 'CloudTrail records',
    spoil: removing('AWS::CloudTrail::Trail'),
  },
  {
    what: 'a function on x86',
    caughtBy: 'payment-processor is arm64',
    spoil: setting(...API, 'Architectures', ['x86_64']),
  },
  {
    what: 'a function without reserved executions',
    caughtBy: 'payment-processor is arm64',
    spoil: setting(...API, 'ReservedConcurrentExecutions', undefined),
  },
  {
    what: 'a deployment that no alarm rolls back',
    caughtBy: 'rolled back on alarms',
    spoil: setting('AWS::CodeDeploy::DeploymentGroup', undefined, 'AlarmConfiguration.Alarms', []),
  },
  {
    what: 'a queue that shows messages again after a minute',
    caughtBy: 'stay hidden',
    spoil: setting('AWS::SQS::Queue', 'payment-queue', 'VisibilityTimeout', 60),
  },
  {
    what: 'a queue that forgets for how long its poller collects',
    caughtBy: 'stay hidden',
    spoil: setting('AWS::SQS::Queue', 'payment-queue', 'VisibilityTimeout', 360),
  },
  {
    what: 'a worker that waits for one PSP at a time',
    caughtBy: 'event-handler is arm64',
    spoil: ofMapping('Worker', 'MaximumBatchingWindowInSeconds', undefined),
  },
  {
    what: 'a worker that Lambda traces by its own measure',
    caughtBy: 'begins traces',
    spoil: setting('AWS::Lambda::Function', 'event-handler', 'TracingConfig.Mode', 'Active'),
  },
  {
    what: 'a queue source that brings ten messages back for one',
    caughtBy: 'reports which items failed',
    spoil: ofMapping('Worker', 'FunctionResponseTypes', undefined),
  },
  {
    what: 'a mapping that is missing',
    caughtBy: 'reports which items failed',
    spoil: removing('AWS::Lambda::EventSourceMapping'),
  },
  {
    what: 'a poller that takes more than the function may run',
    caughtBy: 'polled by more',
    spoil: ofMapping('Worker', 'ScalingConfig.MaximumConcurrency', 21),
  },
  {
    what: 'a poller without a limit',
    caughtBy: 'polled by more',
    spoil: ofMapping('Worker', 'ScalingConfig', undefined),
  },
  {
    what: 'a stream that is read from LATEST',
    caughtBy: 'read from the start',
    spoil: ofMapping('Relay', 'StartingPosition', 'LATEST'),
  },
  {
    what: 'a stream whose shard a poison message blocks',
    caughtBy: 'read from the start',
    spoil: ofMapping('Audit', 'BisectBatchOnFunctionError', false),
  },
  {
    what: 'a stream that loses what it gives up',
    caughtBy: 'read from the start',
    spoil: ofMapping('Audit', 'DestinationConfig', undefined),
  },
  {
    what: 'a relay that its own workers wake',
    caughtBy: 'wakes the relay',
    spoil: ofMapping('Relay', 'FilterCriteria', undefined),
  },
  {
    what: 'an audit that goes by an attribute which payments no longer have',
    caughtBy: 'only payments the audit',
    spoil: ofMapping(
      'Audit',
      'FilterCriteria.Filters.0.Pattern',
      '{"dynamodb":{"NewImage":{"payment_id":{}}}}',
    ),
  },
  {
    what: 'a dead-letter queue of a polled function',
    caughtBy: 'invoked asynchronously',
    spoil: setting('AWS::Lambda::Function', 'event-handler', 'DeadLetterConfig', { TargetArn: 'arn' }),
  },
];
