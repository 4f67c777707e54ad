import { describe, expect, it } from 'vitest';
import { readTemplate } from './checks/template-model.ts';
import { at, flatText } from './nag/template-values.ts';
import { PROD, SYNTHESIS_MS, wholeTemplate } from './stack.fixture.ts';

/** The most characters that AWS takes, by where the name stands. */
const LIMITS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'AWS::ApiGateway::Authorizer': { Name: 128 },
  'AWS::ApiGateway::RestApi': { Name: 1024 },
  'AWS::AutoScaling::AutoScalingGroup': { AutoScalingGroupName: 255 },
  'AWS::Backup::BackupPlan': { 'BackupPlan.BackupPlanName': 50 },
  'AWS::Backup::BackupSelection': { 'BackupSelection.SelectionName': 50 },
  'AWS::Backup::BackupVault': { BackupVaultName: 50 },
  'AWS::Budgets::Budget': { 'Budget.BudgetName': 100 },
  'AWS::CE::AnomalyMonitor': { MonitorName: 1024 },
  'AWS::CE::AnomalySubscription': { SubscriptionName: 1024 },
  'AWS::CloudFront::Distribution': { 'DistributionConfig.Comment': 128 },
  'AWS::CloudFront::Function': { Name: 64 },
  'AWS::CloudFront::OriginAccessControl': { 'OriginAccessControlConfig.Name': 64 },
  'AWS::CloudTrail::Trail': { TrailName: 128 },
  'AWS::CloudWatch::Alarm': { AlarmName: 255 },
  'AWS::CloudWatch::Dashboard': { DashboardName: 255 },
  'AWS::CodeDeploy::Application': { ApplicationName: 100 },
  'AWS::CodeDeploy::DeploymentGroup': { DeploymentGroupName: 100 },
  'AWS::Config::ConfigRule': { ConfigRuleName: 128 },
  'AWS::Config::ConfigurationRecorder': { Name: 256 },
  'AWS::Config::DeliveryChannel': { Name: 256 },
  'AWS::DynamoDB::Table': { TableName: 255 },
  'AWS::EC2::LaunchTemplate': { LaunchTemplateName: 128 },
  'AWS::EC2::SecurityGroup': { GroupName: 255 },
  'AWS::Events::Rule': { Name: 64 },
  'AWS::IAM::ManagedPolicy': { ManagedPolicyName: 128 },
  'AWS::IAM::Role': { RoleName: 64 },
  'AWS::KMS::Alias': { AliasName: 256 },
  'AWS::Lambda::Function': { FunctionName: 64 },
  'AWS::Logs::DeliveryDestination': { Name: 60 },
  'AWS::Logs::DeliverySource': { Name: 60 },
  'AWS::Logs::LogGroup': { LogGroupName: 512 },
  'AWS::S3::Bucket': { BucketName: 63 },
  'AWS::SNS::Topic': { TopicName: 256 },
  'AWS::SQS::Queue': { QueueName: 80 },
  'AWS::SSM::Parameter': { Name: 1011 },
  'AWS::SecretsManager::Secret': { Name: 512 },
  'AWS::WAFv2::WebACL': { Name: 128 },
  'AWS::XRay::SamplingRule': { 'SamplingRule.RuleName': 32 },
};

interface Named {
  readonly type: string;
  readonly name: string;
  readonly limit: number;
}

const ACCOUNT = '123456789012';

/** Every physical name of a template, as it is when it is deployed. */
function names(context: Readonly<Record<string, string>>): Named[] {
  const { environmentSuffix = 'dev123', region = 'us-east-1' } = context;
  return readTemplate(wholeTemplate(context), environmentSuffix).all.flatMap(({ type, properties }) =>
    Object.entries(LIMITS[type] ?? {}).flatMap(([path, limit]) => {
      const name = flatText(at(properties, ...path.split('.')))
        .replaceAll('<AWS::AccountId>', ACCOUNT)
        .replaceAll('<AWS::Region>', region);
      return name === '' ? [] : [{ type, name, limit }];
    }),
  );
}

/** The longest suffix, in the region with the longest name. */
const LONGEST = { ...PROD, environmentSuffix: 'abcdefghijklmno', region: 'ap-southeast-1' };

describe('Names', { timeout: SYNTHESIS_MS }, () => {
  it('are within the limits of AWS with the longest suffix in the longest region', () => {
    const found = names(LONGEST);
    expect(found.length).toBeGreaterThan(100);
    expect(found.filter(({ name, limit }) => name.length > limit)).toEqual([]);
  });

  it('end in the suffix, but for buckets, parameters and what AWS names itself', () => {
    const others = names(PROD)
      .map(({ name }) => name)
      .filter((name) => !name.endsWith('-dev123'));
    const reasons = [`-dev123-${ACCOUNT}-us-east-1`, '/payment/dev123/', 'API-Gateway-Execution-Logs_<'];
    expect(others.filter((name) => !reasons.some((reason) => name.includes(reason)))).toEqual([]);
  });

  it('of CloudFront’s parts are within them too, and end in the suffix', () => {
    const edge = names({ ...PROD, environmentSuffix: 'abcdefghijklmno', edge: 'cloudfront' });
    const found = edge.filter(({ type }) => /^AWS::(CloudFront|Logs::Delivery)/.test(type));
    expect(found).toHaveLength(5);
    expect(found.filter(({ name, limit }) => name.length > limit)).toEqual([]);
    expect(found.filter(({ name }) => !name.endsWith('-abcdefghijklmno'))).toEqual([]);
  });

  it('are shared by no two deployments of one account and region', () => {
    const other = new Set(
      names({ ...PROD, environmentSuffix: 'other' }).map(({ type, name }) => `${type} ${name}`),
    );
    const ofReference = /API-Gateway-Execution-Logs_</;
    const shared = names(PROD).filter(
      ({ type, name }) => other.has(`${type} ${name}`) && !ofReference.test(name),
    );
    expect(shared).toEqual([]);
  });

  it('of what is one in the account, and not in the region, hold the region too', () => {
    const accountWide = [
      'AWS::IAM::Role',
      'AWS::IAM::ManagedPolicy',
      'AWS::Budgets::Budget',
      'AWS::CloudWatch::Dashboard',
    ];
    const found = names(PROD).filter(({ type }) => accountWide.includes(type));
    expect(found.length).toBeGreaterThan(10);
    expect(found.filter(({ name }) => !name.endsWith('-us-east-1-dev123'))).toEqual([]);
  });
});
