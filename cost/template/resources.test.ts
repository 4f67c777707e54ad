import { describe, expect, it } from 'vitest';
import { ref, resource, someTemplate, standing } from './template.fixture.ts';

const HOURS = 730;

describe('Network:', () => {
  it('NAT gateways and addresses cost their hours', () => {
    const { quantities } = standing({
      A: resource('AWS::EC2::NatGateway'),
      B: resource('AWS::EC2::NatGateway'),
      Address: resource('AWS::EC2::EIP'),
    });
    expect(quantities).toEqual([
      ['nat.hour', 2 * HOURS],
      ['ipv4', HOURS],
    ]);
  });

  it('endpoints of S3 and DynamoDB cost nothing, others an hour in each subnet and bytes that nobody counts', () => {
    const endpoint = (properties: object) => resource('AWS::EC2::VPCEndpoint', properties);
    expect(standing({ A: endpoint({ VpcEndpointType: 'Gateway' }), B: endpoint({}) })).toMatchObject({
      quantities: [],
      unknown: [],
    });
    const Sqs = endpoint({ VpcEndpointType: 'Interface', SubnetIds: [ref('A'), ref('B')] });
    expect(standing({ Sqs })).toMatchObject({
      quantities: [['vpce.if.hour', 2 * HOURS]],
      unknown: [{ logicalId: 'Sqs', why: expect.stringContaining('bytes') }],
    });
    expect(standing({ Odd: endpoint({ VpcEndpointType: 'GatewayLoadBalancer' }) }).unknown).toHaveLength(1);
  });

  it('load balancers cost hours and public addresses, and what goes through them nobody counts', () => {
    const Inside = resource('AWS::ElasticLoadBalancingV2::LoadBalancer', {
      Scheme: 'internal',
      Type: 'network',
    });
    const Open = resource('AWS::ElasticLoadBalancingV2::LoadBalancer', { Subnets: ['a', 'b'] });
    const { quantities, unknown } = standing({ Inside, Open });
    expect(quantities).toEqual([
      ['alb.hour', HOURS],
      ['nlb.hour', HOURS],
      ['ipv4', 2 * HOURS],
    ]);
    expect(unknown).toHaveLength(2);
  });
});

describe('Firewall:', () => {
  const rule = (Name: string, Statement: object) => ({ Name, Statement });
  const managed = (Name: string) => rule(Name, { ManagedRuleGroupStatement: { Name, VendorName: 'AWS' } });

  it('the ACL and each of its rules or groups cost a month', () => {
    const Acl = resource('AWS::WAFv2::WebACL', {
      Rules: [managed('AWSManagedRulesSQLiRuleSet'), rule('Rate', { RateBasedStatement: {} })],
    });
    expect(
      standing({ Acl, Group: resource('AWS::WAFv2::RuleGroup', { Rules: [{}, {}, {}] }) }),
    ).toMatchObject({
      quantities: [
        ['waf.acl', 1],
        ['waf.rule', 2],
        ['waf.rule', 3],
      ],
      unknown: [],
    });
  });

  it('managed rules that may cost more are not known', () => {
    const Acl = resource('AWS::WAFv2::WebACL', { Rules: [managed('AWSManagedRulesBotControlRuleSet')] });
    expect(standing({ Acl }).unknown).toMatchObject([{ why: expect.stringContaining('BotControl') }]);
  });
});

describe('Functions:', () => {
  it('provisioned concurrency costs its memory all month', () => {
    const { apiFunction } = someTemplate().Resources;
    const Alias = resource('AWS::Lambda::Alias', {
      FunctionName: ref('apiFunction'),
      ProvisionedConcurrencyConfig: { ProvisionedConcurrentExecutions: 4 },
    });
    if (!apiFunction) throw new Error('the fixture has no function of the API');
    // 4 × half a GB × 730 hours of 3,600 seconds
    expect(standing({ apiFunction, Alias }).quantities).toEqual([['lambda.provconc.arm', 5_256_000]]);
    expect(standing({ Alias }).unknown).toHaveLength(1);
  });

  it('a larger disk, snapshots and pollers of their own are not in the model', () => {
    const Disk = resource('AWS::Lambda::Function', { EphemeralStorage: { Size: 1_024 } });
    const Snapshots = resource('AWS::Lambda::Function', { SnapStart: { ApplyOn: 'PublishedVersions' } });
    const Pollers = resource('AWS::Lambda::EventSourceMapping', {
      ProvisionedPollerConfig: { MinimumPollers: 1 },
    });
    expect(standing({ Disk, Snapshots, Pollers }).unknown.map(({ logicalId }) => logicalId)).toEqual([
      'Disk',
      'Snapshots',
      'Pollers',
    ]);
  });
});

describe('Database:', () => {
  it('provisioned capacity is there all month, with that of the indexes', () => {
    const Table = resource('AWS::DynamoDB::Table', {
      TableName: 'orders',
      ProvisionedThroughput: { ReadCapacityUnits: 10, WriteCapacityUnits: 20 },
      GlobalSecondaryIndexes: [{ ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 2 } }],
    });
    expect(standing({ Table }).quantities).toEqual([
      ['ddb.wcu', 22 * HOURS],
      ['ddb.rcu', 11 * HOURS],
    ]);
  });

  it('what the model does not count is said', () => {
    const extra = (more: object) =>
      resource('AWS::DynamoDB::Table', { BillingMode: 'PAY_PER_REQUEST', ...more });
    const { unknown } = standing({
      A: extra({ ContributorInsightsSpecification: { Enabled: true } }),
      B: extra({ KinesisStreamSpecification: { StreamArn: 'arn' } }),
      C: extra({ BillingMode: 'PROVISIONED', TableClass: 'STANDARD_INFREQUENT_ACCESS' }),
      D: extra({}),
    });
    expect(unknown.map(({ logicalId }) => logicalId)).toEqual(['A', 'B', 'C']);
  });
});

describe('Security:', () => {
  it('keys and secrets cost a month', () => {
    const { quantities } = standing({
      Key: resource('AWS::KMS::Key'),
      A: resource('AWS::SecretsManager::Secret'),
      B: resource('AWS::SecretsManager::Secret'),
    });
    expect(quantities).toEqual([
      ['kms.key', 1],
      ['secrets.secret', 2],
    ]);
  });

  it('Config costs what it records of its types, and what its rules look at', () => {
    const rule = (identifier: string, Scope: object) =>
      resource('AWS::Config::ConfigRule', { Source: { SourceIdentifier: identifier }, Scope });
    const types = ['AWS::S3::Bucket', 'AWS::DynamoDB::Table', 'AWS::EC2::Instance'];
    const { fixed } = standing({
      A: resource('AWS::S3::Bucket'),
      B: resource('AWS::S3::Bucket'),
      Table: resource('AWS::DynamoDB::Table', { BillingMode: 'PAY_PER_REQUEST' }),
      Nat: resource('AWS::AutoScaling::AutoScalingGroup', {
        MinSize: '1',
        AutoScalingGroupName: 'payment-nat-dev',
      }),
      Recorder: resource('AWS::Config::ConfigurationRecorder', {
        RecordingGroup: { AllSupported: false, ResourceTypes: types },
      }),
      Tags: rule('REQUIRED_TAGS', { ComplianceResourceTypes: types }),
      Public: rule('S3_BUCKET_PUBLIC_READ_PROHIBITED', { ComplianceResourceTypes: ['AWS::S3::Bucket'] }),
      Locked: rule('S3_BUCKET_DEFAULT_LOCK_ENABLED', {
        ComplianceResourceId: ref('A'),
        ComplianceResourceTypes: ['AWS::S3::Bucket'],
      }),
    });
    const [items, evaluations] = fixed;
    // Two buckets, a table and an instance, four changes of each.
    expect(items).toMatchObject({ price: 'config.item', quantity: 16, basis: 'assumed' });
    // The tags of all four: 16. Two buckets, on four changes and on each of 730 / 24 days. One bucket's lock: 4.
    expect(evaluations?.price).toBe('config.rule');
    expect(evaluations?.quantity).toBeCloseTo(16 + 2 * (4 + 730 / 24) + 4, 9);
  });

  it('Config costs nothing where nothing records', () => {
    expect(standing({ A: resource('AWS::S3::Bucket') }).quantities).toEqual([]);
  });

  it('CloudTrail of anything but the audit bucket is not in the model', () => {
    const trail = (bucket: string) =>
      resource('AWS::CloudTrail::Trail', {
        EventSelectors: [{ DataResources: [{ Values: [{ 'Fn::GetAtt': [bucket, 'Arn'] }] }] }],
      });
    const { Audit } = someTemplate().Resources;
    if (!Audit) throw new Error('the fixture has no audit bucket');
    const Other = resource('AWS::S3::Bucket', { BucketName: 'other' });
    expect(standing({ Audit, Other, Trail: trail('Audit') }).unknown).toEqual([]);
    expect(standing({ Audit, Other, Trail: trail('Other') }).unknown).toMatchObject([{ logicalId: 'Trail' }]);
  });

  it('GuardDuty costs the account’s events, and what else it reads is not in the model', () => {
    const { fixed, unknown } = standing({ Detector: resource('AWS::GuardDuty::Detector', { Enable: true }) });
    expect(fixed).toMatchObject([{ price: 'guardduty.cloudtrail', basis: 'assumed' }]);
    expect(unknown).toMatchObject([{ logicalId: 'Detector' }]);
    expect(standing({ Detector: resource('AWS::GuardDuty::Detector', { Enable: false }) }).fixed).toEqual([]);
  });

  it('Shield Advanced costs its subscription once, however much it protects', () => {
    const protection = resource('AWS::Shield::Protection');
    expect(standing({ A: protection, B: protection }).quantities).toEqual([['shield.advanced', 1]]);
  });
});

describe('What is free in one way and paid for in another', () => {
  it('is not known: alerts by text message', () => {
    const to = (Protocol: string) => resource('AWS::SNS::Subscription', { Protocol });
    expect(standing({ Mail: to('email'), Text: to('sms') }).unknown).toMatchObject([{ logicalId: 'Text' }]);
  });

  it.each<[string, string, object]>([
    ['events of a bus of one’s own', 'AWS::Events::Rule', { EventBusName: 'orders' }],
    ['copies of a bucket elsewhere', 'AWS::S3::Bucket', { ReplicationConfiguration: {} }],
    ['a budget that acts', 'AWS::Budgets::Budget', { BudgetActions: [{}] }],
    ['a cache of the API', 'AWS::ApiGateway::Stage', { CacheClusterEnabled: true }],
    ['CloudTrail Insights', 'AWS::CloudTrail::Trail', { InsightSelectors: [{}] }],
    [
      'Lambda@Edge on every request',
      'AWS::CloudFront::Distribution',
      { DistributionConfig: { DefaultCacheBehavior: { LambdaFunctionAssociations: [{}] } } },
    ],
    [
      'an address of the distribution’s own',
      'AWS::CloudFront::Distribution',
      { DistributionConfig: { ViewerCertificate: { SslSupportMethod: 'vip' } } },
    ],
    [
      'Origin Shield',
      'AWS::CloudFront::Distribution',
      { DistributionConfig: { Origins: [{ OriginShield: { Enabled: true } }] } },
    ],
  ])('is not known: %s', (_, type, properties) => {
    const { unknown } = standing({ It: resource(type, properties) });
    expect(unknown).toMatchObject([{ logicalId: 'It', type, why: expect.stringMatching(/\w/) }]);
    expect(standing({ It: resource(type) }).unknown).toEqual([]);
  });

  it('is known where the model counts it: Lambda@Edge on call-backs alone', () => {
    const LambdaFunctionAssociations = [{ EventType: 'origin-request' }];
    const edge = (PathPattern: string) =>
      resource('AWS::CloudFront::Distribution', {
        DistributionConfig: { CacheBehaviors: [{ PathPattern, LambdaFunctionAssociations }] },
      });
    expect(standing({ It: edge('/callbacks/*') }).unknown).toEqual([]);
    expect(standing({ It: edge('/payments') }).unknown).toHaveLength(1);
  });

  it('costs what it is when it is larger', () => {
    const Parameter = resource('AWS::SSM::Parameter', { Tier: 'Advanced' });
    expect(standing({ Parameter, Plain: resource('AWS::SSM::Parameter') }).quantities).toEqual([
      ['ssm.adv', 1],
    ]);
    expect(standing({ Zone: resource('AWS::Route53::HostedZone') }).quantities).toEqual([['r53.zone', 1]]);
    expect(standing({ More: resource('AWS::CloudFront::MonitoringSubscription') }).quantities).toEqual([
      ['cw.metric', 8],
    ]);
  });
});
