import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { afterAll, describe, expect, it } from 'vitest';
import { testNames, testStack } from '../stack.fixture.ts';
import { WorkerFleet, type WorkerFleetProps } from './worker-fleet.ts';

const bundle = mkdtempSync(join(tmpdir(), 'tollgate-fleet-'));
writeFileSync(join(bundle, 'tollgate-worker.mjs'), 'export {};');
afterAll(() => rmSync(bundle, { recursive: true }));

type Choices = Pick<WorkerFleetProps, 'profile' | 'workers'>;

function synthesize(choices: Partial<Choices> = {}) {
  const stack = testStack();
  const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
  const key = new Key(stack, 'Key');
  const table = (id: string) =>
    new Table(stack, id, { partitionKey: { name: 'pk', type: AttributeType.STRING }, encryptionKey: key });
  new WorkerFleet(stack, 'Fleet', {
    names: testNames(),
    profile: 'prod',
    workers: 'both',
    key,
    vpc,
    subnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
    securityGroup: new SecurityGroup(stack, 'Group', { vpc, allowAllOutbound: false }),
    payments: table('Payments'),
    control: table('Control'),
    queue: new Queue(stack, 'Queue'),
    deadLetters: new Queue(stack, 'DeadLetters'),
    auditBucket: Bucket.fromBucketName(stack, 'Audit', 'audit'),
    failedEvents: Bucket.fromBucketName(stack, 'Failed', 'failed'),
    secret: new Secret(stack, 'Secret', { encryptionKey: key }),
    alerts: new Topic(stack, 'Ops', { masterKey: key }),
    bundle,
    environment: { STORE: 'dynamodb', TABLE_NAME: 'payments-dev123' },
    ...choices,
  });
  return Template.fromStack(stack);
}

const prod = synthesize();
const dev = synthesize({ profile: 'dev' });

interface Resource {
  logicalId: string;
  Properties: ReturnType<Template['findResources']>[string]['Properties'];
  UpdatePolicy?: { AutoScalingRollingUpdate?: object };
  CreationPolicy?: object;
  DependsOn?: string[];
  DeletionPolicy?: string;
}

function only(template: Template, type: string, props: object = {}): Resource {
  const found = Object.entries(template.findResources(type, props));
  if (found.length !== 1 || !found[0]) throw new Error(`${found.length} of ${type}`);
  return { ...found[0][1], logicalId: found[0][0] } as Resource;
}

const group = (template: Template) => only(template, 'AWS::AutoScaling::AutoScalingGroup');
const instance = (template: Template) =>
  only(template, 'AWS::EC2::LaunchTemplate').Properties.LaunchTemplateData;

interface Statement {
  Sid?: string;
  Action: string | string[];
  Resource: unknown;
  Condition?: object;
}

function statements(template: Template): Statement[] {
  return Object.values(template.findResources('AWS::IAM::ManagedPolicy')).flatMap(
    ({ Properties }) => Properties.PolicyDocument.Statement as Statement[],
  );
}

/** What is allowed on everything. */
function wildActions(template: Template): string[] {
  return statements(template)
    .filter(({ Resource }) => Resource === '*')
    .flatMap(({ Action }) => Action)
    .toSorted();
}

describe('the size', () => {
  it('is 1 to 5 in prod and 0 to 5 in dev', () => {
    expect(group(prod).Properties).toMatchObject({ MinSize: '1', MaxSize: '5' });
    expect(group(dev).Properties).toMatchObject({ MinSize: '0', MaxSize: '5' });
  });

  it('is not set back by a deployment', () => {
    expect(group(prod).Properties).not.toHaveProperty('DesiredCapacity');
  });

  it('stays at 0 where Lambda does the work, whatever waits', () => {
    const none = synthesize({ workers: 'lambda' });
    expect(group(none).Properties).toMatchObject({ MinSize: '0', MaxSize: '0' });
    none.resourceCountIs('AWS::AutoScaling::ScalingPolicy', 0);
    // CloudFormation refuses a rolling update whose least is not below the greatest.
    expect(group(none).UpdatePolicy?.AutoScalingRollingUpdate).toBeUndefined();
  });
});

describe('an instance', () => {
  it('comes from a launch template and from no launch configuration', () => {
    prod.resourceCountIs('AWS::AutoScaling::LaunchConfiguration', 0);
    expect(group(prod).Properties.LaunchTemplate).toBeDefined();
  });

  it('is a t4g.small with the newest Amazon Linux 2023 for arm64 at the deployment', () => {
    expect(instance(prod).InstanceType).toBe('t4g.small');
    const { Default } = prod.toJSON().Parameters[instance(prod).ImageId.Ref];
    expect(Default).toMatch(/^\/aws\/service\/ami-amazon-linux-latest\/al2023-ami-kernel-[\d.]+-arm64$/);
  });

  it('asks for metadata tokens and lets none leave the instance', () => {
    expect(instance(prod).MetadataOptions).toMatchObject({
      HttpTokens: 'required',
      HttpPutResponseHopLimit: 1,
    });
  });

  it('has an encrypted gp3 disk', () => {
    expect(instance(prod).BlockDeviceMappings).toMatchObject([
      { Ebs: { Encrypted: true, VolumeType: 'gp3' } },
    ]);
  });

  it('has no public address and stands in the private subnets', () => {
    expect(instance(prod).NetworkInterfaces).toMatchObject([{ AssociatePublicIpAddress: false }]);
    const subnets = group(prod).Properties.VPCZoneIdentifier.map(({ Ref }: { Ref: string }) => Ref);
    expect(subnets).toHaveLength(2);
    for (const subnet of subnets) expect(subnet).toContain('PrivateSubnet');
  });

  it('is bought on the spot market in dev, of types that the template fits, and never in prod', () => {
    const { InstancesDistribution, LaunchTemplate } = group(dev).Properties.MixedInstancesPolicy;
    expect(InstancesDistribution).toMatchObject({
      OnDemandBaseCapacity: 0,
      OnDemandPercentageAboveBaseCapacity: 0,
      SpotAllocationStrategy: 'price-capacity-optimized',
    });
    for (const { InstanceType } of LaunchTemplate.Overrides) expect(InstanceType).toMatch(/^t4g\./);
    expect(group(prod).Properties).not.toHaveProperty('MixedInstancesPolicy');
  });
});

describe('a new version', () => {
  it('replaces one instance after the other, and waits until each has signalled that it works', () => {
    expect(group(prod).UpdatePolicy?.AutoScalingRollingUpdate).toMatchObject({
      MaxBatchSize: 1,
      MinInstancesInService: 1,
      WaitOnResourceSignals: true,
      PauseTime: 'PT10M',
    });
    expect(group(dev).UpdatePolicy?.AutoScalingRollingUpdate).toMatchObject({
      MinInstancesInService: 0,
      WaitOnResourceSignals: true,
    });
  });

  it('is waited for on creation too, but not where the group starts empty', () => {
    expect(group(prod).CreationPolicy).toEqual({ ResourceSignal: { Count: 1, Timeout: 'PT10M' } });
    expect(group(dev)).not.toHaveProperty('CreationPolicy');
  });

  it('is signalled for the group by its logical id', () => {
    const script = JSON.stringify(instance(prod).UserData);
    expect(script).toContain(`--stack Test --resource ${group(prod).logicalId} --region us-east-1`);
  });

  it('starts only when there is a way out, without which it gets no packages and can signal nobody', () => {
    const routes = prod.findResources('AWS::EC2::Route', { Properties: { NatGatewayId: Match.anyValue() } });
    expect(Object.keys(routes)).toHaveLength(2);
    expect(group(prod).DependsOn).toEqual(expect.arrayContaining(Object.keys(routes)));
  });

  it('starts only when its permissions are attached', () => {
    for (const policy of Object.keys(prod.findResources('AWS::IAM::ManagedPolicy')))
      expect(group(prod).DependsOn).toContain(policy);
  });
});

describe('scaling', () => {
  const alarms = Object.values(prod.findResources('AWS::CloudWatch::Alarm')).map(
    ({ Properties }) => Properties,
  );
  const policies = Object.values(prod.findResources('AWS::AutoScaling::ScalingPolicy')).map(
    ({ Properties }) => Properties,
  );

  it('keeps CPU at 70 %, and never removes an instance for a CPU that waits', () => {
    const [cpu] = policies.filter(({ PolicyType }) => PolicyType === 'TargetTrackingScaling');
    expect(cpu.TargetTrackingConfiguration).toMatchObject({
      TargetValue: 70,
      DisableScaleIn: true,
      PredefinedMetricSpecification: { PredefinedMetricType: 'ASGAverageCPUUtilization' },
    });
  });

  it('adds one instance at 60 % and two at 75 % of memory, by the agent’s metric of the group', () => {
    const [memory] = alarms.filter(({ MetricName }) => MetricName === 'mem_used_percent');
    expect(memory).toMatchObject({
      Namespace: 'CWAgent',
      Threshold: 60,
      Dimensions: [{ Name: 'AutoScalingGroupName', Value: { Ref: group(prod).logicalId } }],
    });
    const [policy] = policies.filter(
      ({ StepAdjustments }) => StepAdjustments?.[0]?.MetricIntervalUpperBound === 15,
    );
    expect(policy.StepAdjustments).toEqual([
      { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 15, ScalingAdjustment: 1 },
      { MetricIntervalLowerBound: 15, ScalingAdjustment: 2 },
    ]);
  });

  const expressions = (template: Template) =>
    Object.values(template.findResources('AWS::CloudWatch::Alarm')).flatMap(({ Properties }) =>
      (Properties.Metrics ?? []).flatMap(({ Expression }: { Expression?: string }) => Expression ?? []),
    );

  it('goes by the backlog for each instance, and divides by none', () => {
    expect(expressions(prod)).toContain('IF(instances > 0, visible / instances, visible)');
    expect(group(prod).Properties.MetricsCollection).toEqual([{ Granularity: '1Minute' }]);
  });

  it('starts the first instance for a single message where nobody else takes it', () => {
    expect(expressions(synthesize({ workers: 'fleet' }))).toContain(
      'IF(instances > 0, visible / instances, IF(visible > 0 AND visible < 100, 100, visible))',
    );
  });

  it('removes an instance only after a quarter of an hour with nothing waiting', () => {
    const [idle] = alarms.filter(({ ComparisonOperator }) => ComparisonOperator.startsWith('LessThan'));
    expect(idle).toMatchObject({ EvaluationPeriods: 15, Threshold: 0.5 });
    expect(
      policies.filter(({ StepAdjustments }) => StepAdjustments?.[0]?.ScalingAdjustment < 0),
    ).toHaveLength(1);
  });

  it('has a runbook link in each of its alarms', () => {
    expect(alarms).toHaveLength(3);
    for (const { AlarmDescription } of alarms) expect(AlarmDescription).toMatch(/\/fleet-scaling\.md$/);
  });
});

it('tells the topic of every instance that comes, goes, or cannot', () => {
  expect(group(prod).Properties.NotificationConfigurations[0].NotificationTypes.toSorted()).toEqual([
    'autoscaling:EC2_INSTANCE_LAUNCH',
    'autoscaling:EC2_INSTANCE_LAUNCH_ERROR',
    'autoscaling:EC2_INSTANCE_TERMINATE',
    'autoscaling:EC2_INSTANCE_TERMINATE_ERROR',
  ]);
});

describe('the role', () => {
  it('has no inline policy, and none of AWS’s', () => {
    prod.resourceCountIs('AWS::IAM::Policy', 0);
    const role = { Properties: { RoleName: 'payment-fleet-us-east-1-dev123' } };
    expect(only(prod, 'AWS::IAM::Role', role).Properties).not.toHaveProperty('ManagedPolicyArns');
  });

  it('may do what the Lambda worker may, fetch its bundle, and write its logs', () => {
    const actions = new Set(
      statements(prod)
        .flatMap(({ Action }) => Action)
        .filter((action) => !action.startsWith('kms:') && !action.startsWith('ssm')),
    );
    expect([...actions].toSorted()).toEqual([
      'cloudwatch:PutMetricData',
      'dynamodb:DeleteItem',
      'dynamodb:GetItem',
      'dynamodb:PutItem',
      'dynamodb:UpdateItem',
      'logs:CreateLogStream',
      'logs:DescribeLogStreams',
      'logs:PutLogEvents',
      's3:GetObject',
      'secretsmanager:GetSecretValue',
      'sqs:ChangeMessageVisibility',
      'sqs:DeleteMessage',
      'sqs:GetQueueAttributes',
      'sqs:ReceiveMessage',
      'sqs:SendMessage',
    ]);
  });

  it('has a wildcard only where AWS has no resource level', () => {
    const wild = statements(prod).filter(({ Action, Resource }) =>
      /\*/.test(JSON.stringify([Action, Resource])),
    );
    expect(wild.map(({ Sid }) => Sid)).toEqual(['Memory', 'Register', 'SessionManager']);
    expect(wild[0]?.Condition).toEqual({ StringEquals: { 'cloudwatch:namespace': 'CWAgent' } });
  });

  it('reads no parameter of the account, as AWS’s own policy for Session Manager would', () => {
    expect(wildActions(prod)).toEqual([
      'cloudwatch:PutMetricData',
      'ssmmessages:CreateControlChannel',
      'ssmmessages:CreateDataChannel',
      'ssmmessages:OpenControlChannel',
      'ssmmessages:OpenDataChannel',
    ]);
  });
});

it('logs for a week in dev, and for a year in prod, where the logs are kept', () => {
  expect(only(dev, 'AWS::Logs::LogGroup')).toMatchObject({
    DeletionPolicy: 'Delete',
    Properties: { RetentionInDays: 7, LogGroupName: '/aws/ec2/payment-fleet-dev123' },
  });
  expect(only(prod, 'AWS::Logs::LogGroup')).toMatchObject({
    DeletionPolicy: 'RetainExceptOnCreate',
    Properties: { RetentionInDays: 365 },
  });
});
