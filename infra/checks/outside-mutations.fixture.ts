import { at, items } from '../nag/template-values.ts';
import { allowing, type Mutation, ofRule, put, removing, setting, the } from './mutation.fixture.ts';

const AUDIT = ['AWS::S3::Bucket', 'payment-audit-logs'] as const;
const FLEET = ['AWS::AutoScaling::AutoScalingGroup', 'payment-asg'] as const;
const STAGE = ['AWS::ApiGateway::Stage', undefined] as const;

/** Mistakes in what the world sees, in the fleet, in alerts, and in who may do what. */
export const OUTSIDE_MUTATIONS: readonly Mutation[] = [
  {
    what: 'a stage without a throttle',
    caughtBy: 'payment-api has one stage',
    spoil: setting(...STAGE, 'MethodSettings.0.ThrottlingRateLimit', undefined),
  },
  {
    what: 'metrics of each method, each of them paid for',
    caughtBy: 'payment-api has one stage',
    spoil: setting(...STAGE, 'MethodSettings.0.MetricsEnabled', true),
  },
  {
    what: 'an alarm on one method, of which nothing is measured',
    caughtBy: 'one method',
    spoil: (template) => {
      const { properties } = the(template, 'AWS::CloudWatch::Alarm', 'api-latency-p99');
      put(properties, 'Namespace', 'AWS/ApiGateway');
      put(properties, 'Dimensions', [{ Name: 'Method', Value: 'POST' }]);
    },
  },
  {
    what: 'a dashboard of one method, of which nothing is measured',
    caughtBy: 'one method',
    spoil: setting(
      'AWS::CloudWatch::Dashboard',
      undefined,
      'DashboardBody',
      '{"metrics":[["AWS/ApiGateway","Count","ApiName","payment-api","Method","POST","Stage","prod"]]}',
    ),
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
    what: 'an alarm on the stage by reference, which waits for the alias that the alarm rolls back',
    caughtBy: 'waits for itself',
    spoil: (template) => {
      const stage = { Ref: the(template, 'AWS::ApiGateway::Stage').id };
      put(the(template, 'AWS::CloudWatch::Alarm', 'api-5xx-errors').properties, 'Dimensions', [stage]);
    },
  },
  {
    what: 'an account number',
    caughtBy: 'no account number',
    spoil: setting('AWS::SSM::Parameter', undefined, 'Value', 'arn:aws:sns:us-east-1:210987654321:ops'),
  },
];
