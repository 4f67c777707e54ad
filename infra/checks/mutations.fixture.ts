import { at, items } from '../nag/template-values.ts';
import { type Resource, readTemplate, type TemplateModel } from './template-model.ts';

/** One mistake in a template, and the check whose business it is. */
export interface Mutation {
  readonly what: string;
  /** Words of the check's name that no other has. */
  readonly caughtBy: string;
  /** @default 'prod' */
  readonly profile?: 'dev' | 'prod';
  spoil(template: TemplateModel): void;
}

/** Sets a property, or takes it away; a part of the path that is a number is an index. */
function put(target: unknown, path: string, value: unknown): void {
  const steps = path.split('.');
  const last = steps.pop() as string;
  const owner = steps.reduce<unknown>(
    (inner, step) => (Array.isArray(inner) ? inner[Number(step)] : at(inner, step)),
    target,
  ) as Record<string, unknown>;
  if (value === undefined) delete owner[last];
  else owner[last] = value;
}

function the(template: TemplateModel, type: string, name?: string): Resource {
  const found = name === undefined ? template.ofType(type)[0] : template.named(type, name);
  if (!found) throw new Error(`There is no ${type} ${name ?? ''} to spoil`);
  return found;
}

function setting(type: string, name: string | undefined, path: string, value: unknown): Mutation['spoil'] {
  return (template) => put(the(template, type, name).properties, path, value);
}

function removing(type: string, name?: string): Mutation['spoil'] {
  return (template) => {
    const resources = at(template.json, 'Resources') as Record<string, unknown>;
    delete resources[the(template, type, name).id];
  };
}

function ofMapping(fn: string, path: string, value: unknown): Mutation['spoil'] {
  return (template) => {
    const mapping = template
      .ofType('AWS::Lambda::EventSourceMapping')
      .find(({ id }) => id.startsWith(`ProcessingFunctions${fn}`));
    if (!mapping) throw new Error(`There is no mapping of ${fn} to spoil`);
    put(mapping.properties, path, value);
  };
}

function ofRule(name: string, path: string, value: unknown): Mutation['spoil'] {
  return (template) => {
    const acl = the(template, 'AWS::WAFv2::WebACL');
    put(
      items(at(acl.properties, 'Rules')).find((rule) => at(rule, 'Name') === name),
      path,
      value,
    );
  };
}

function allowing(
  Action: unknown,
  Resource: unknown = 'arn:aws:dynamodb:us-east-1::table/t',
): Mutation['spoil'] {
  return (template) => {
    const policy = the(template, 'AWS::IAM::ManagedPolicy');
    put(policy.properties, 'PolicyDocument.Statement.0', { Effect: 'Allow', Action, Resource });
  };
}

const AUDIT = ['AWS::S3::Bucket', 'payment-audit-logs'] as const;
const FLEET = ['AWS::AutoScaling::AutoScalingGroup', 'payment-asg'] as const;
const STAGE = ['AWS::ApiGateway::Stage', undefined] as const;
const API = ['AWS::Lambda::Function', 'payment-processor'] as const;
const PAYMENTS = ['AWS::DynamoDB::Table', 'payments'] as const;

export const MUTATIONS: readonly Mutation[] = [
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
    what: 'a dead-letter queue of a polled function',
    caughtBy: 'invoked asynchronously',
    spoil: setting('AWS::Lambda::Function', 'event-handler', 'DeadLetterConfig', { TargetArn: 'arn' }),
  },
  {
    what: 'a stage without a throttle',
    caughtBy: 'payment-api has one stage',
    spoil: setting(...STAGE, 'MethodSettings.0.ThrottlingRateLimit', undefined),
  },
  {
    what: 'payments without an authorizer',
    caughtBy: 'behind the authorizer',
    spoil: setting('AWS::ApiGateway::Method', undefined, 'AuthorizationType', 'NONE'),
  },
  {
    what: 'bodies in logs by data trace',
    caughtBy: 'no data trace',
    spoil: setting(...STAGE, 'MethodSettings.0.DataTraceEnabled', true),
  },
  {
    what: 'a log format with the body',
    caughtBy: 'no data trace',
    spoil: setting(...STAGE, 'AccessLogSetting.Format', '{"body":"$input.body"}'),
  },
  {
    what: 'a stage that does not wait for the account’s role',
    caughtBy: 'waits for the account',
    spoil: (template) => put(the(template, ...STAGE).body, 'DependsOn', undefined),
  },
  {
    what: 'an association by a written ARN',
    caughtBy: 'tied to the stage',
    spoil: setting(
      'AWS::WAFv2::WebACLAssociation',
      undefined,
      'ResourceArn',
      'arn:aws:apigateway:us-east-1::/restapis/api/stages/prod',
    ),
  },
  {
    what: 'a limit times ten',
    caughtBy: '2,000 requests per address',
    spoil: ofRule('RateLimitRule', 'Statement.RateBasedStatement.Limit', 20_000),
  },
  {
    what: 'a limit that only counts',
    caughtBy: '2,000 requests per address',
    spoil: ofRule('RateLimitRule', 'Action', { Count: {} }),
  },
  {
    what: 'a rule set that only counts',
    caughtBy: 'only the common 8 KB rule counts',
    spoil: ofRule('SQLiProtection', 'OverrideAction', { Count: {} }),
  },
  {
    what: 'API keys in the firewall’s log',
    caughtBy: 'logs without the key',
    spoil: setting('AWS::WAFv2::LoggingConfiguration', undefined, 'RedactedFields', []),
  },
  {
    what: 'a desired capacity, which resets the fleet at each deployment',
    caughtBy: 'payment-asg has at most 5',
    spoil: setting(...FLEET, 'DesiredCapacity', '2'),
  },
  {
    what: 'an instance that takes IMDSv1',
    caughtBy: 'launch templates only',
    spoil: setting(
      'AWS::EC2::LaunchTemplate',
      undefined,
      'LaunchTemplateData.MetadataOptions.HttpTokens',
      'optional',
    ),
  },
  {
    what: 'a launch configuration',
    caughtBy: 'launch templates only',
    spoil: setting(...FLEET, 'LaunchConfigurationName', 'old'),
  },
  {
    what: 'a rolling update that waits for nothing',
    caughtBy: 'waits for its signal',
    spoil: (template) =>
      put(the(template, ...FLEET).body, 'UpdatePolicy.AutoScalingRollingUpdate.WaitOnResourceSignals', false),
  },
  {
    what: 'a topic under the key of AWS, to which alarms cannot publish',
    caughtBy: 'three topics',
    spoil: setting('AWS::SNS::Topic', 'ops-alerts', 'KmsMasterKeyId', 'alias/aws/sns'),
  },
  {
    what: 'a topic policy that only refuses',
    caughtBy: 'lets its publishers publish',
    spoil: (template) => {
      const { properties } = the(template, 'AWS::SNS::TopicPolicy');
      put(
        properties,
        'PolicyDocument.Statement',
        items(at(properties, 'PolicyDocument', 'Statement')).slice(0, 1),
      );
    },
  },
  {
    what: 'an alarm that tells nobody',
    caughtBy: 'every alarm does something',
    spoil: setting('AWS::CloudWatch::Alarm', 'dlq-depth', 'AlarmActions', []),
  },
  {
    what: 'an alarm on a count where a rate is promised',
    caughtBy: 'alarms on rates',
    spoil: setting('AWS::CloudWatch::Alarm', 'api-5xx-errors', 'Metrics', undefined),
  },
  {
    what: 'an invented detail type',
    caughtBy: 'real detail types',
    spoil: setting('AWS::Events::Rule', 'cost-anomaly', 'EventPattern.detail-type', [
      'Cost Anomaly Detected',
    ]),
  },
  {
    what: 'an event that is lost where the topic is not reached',
    caughtBy: 'every target has retries',
    spoil: setting('AWS::Events::Rule', 'cost-anomaly', 'Targets.0.DeadLetterConfig', undefined),
  },
  {
    what: 'a budget without a forecast',
    caughtBy: 'actual and forecast alerts',
    spoil: setting('AWS::Budgets::Budget', undefined, 'NotificationsWithSubscribers', []),
  },
  {
    what: 'an invented Config rule',
    caughtBy: 'Config rules watch',
    spoil: setting('AWS::Config::ConfigRule', undefined, 'Source.SourceIdentifier', 'S3_BUCKETS_ENCRYPTED'),
  },
  {
    what: 'an output that is missing',
    caughtBy: 'nine outputs',
    spoil: (template) => put(template.json, 'Outputs.VpcId', undefined),
  },
  {
    what: 'a parameter that is missing',
    caughtBy: 'SSM has table-name',
    spoil: removing('AWS::SSM::Parameter'),
  },
  {
    what: 'a bucket without tags',
    caughtBy: 'carries the five tags',
    spoil: setting(...AUDIT, 'Tags', []),
  },
  {
    what: 'a policy that allows dynamodb:*',
    caughtBy: 'wildcard action',
    spoil: allowing('dynamodb:*'),
  },
  {
    what: 'a policy that allows a write to every table',
    caughtBy: 'wildcard resource only',
    spoil: allowing('dynamodb:PutItem', '*'),
  },
  {
    what: 'an operation that is no action',
    caughtBy: 'no action of IAM',
    spoil: allowing('dynamodb:TransactWriteItems'),
  },
  {
    what: 'a key that alarms may not use',
    caughtBy: 'one key of our own',
    spoil: setting('AWS::KMS::Key', undefined, 'KeyPolicy.Statement', []),
  },
  {
    what: 'a log that is kept for ever',
    caughtBy: 'every log group',
    spoil: setting('AWS::Logs::LogGroup', undefined, 'RetentionInDays', undefined),
  },
  {
    what: 'an account number',
    caughtBy: 'no account number',
    spoil: setting('AWS::SSM::Parameter', undefined, 'Value', 'arn:aws:sns:us-east-1:210987654321:ops'),
  },
];

/** A copy of a template with the mistake in it. */
export function mutated(json: unknown, suffix: string, { spoil }: Mutation): unknown {
  const copy: unknown = structuredClone(json);
  spoil(readTemplate(copy, suffix));
  return copy;
}
