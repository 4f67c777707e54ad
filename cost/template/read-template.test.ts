import { describe, expect, it } from 'vitest';
import { readTemplate } from './read-template.ts';
import { REGISTRY } from './registry.ts';
import { ref, resource, someTemplate, standing } from './template.fixture.ts';
import { TemplateError } from './template-error.ts';

describe('A template', () => {
  it('tells the volume model what it has to know', () => {
    expect(readTemplate(someTemplate(), { profile: 'dev' }).facts).toEqual({
      region: 'us-east-1',
      profile: 'dev',
      edge: { kind: 'rest', accessLogFormat: null, detailedMetrics: false, tracedShare: 0 },
      functions: Object.fromEntries(
        ['api', 'worker', 'relay', 'audit', 'sweep', 'authorizer', 'rotation'].map((name) => [
          name,
          { memoryMb: 512, architecture: 'arm64', traced: false, platformLines: false, logsRequests: false },
        ]),
      ),
      relay: { batchSize: 100, windowSeconds: 1, enabled: true, maxConcurrency: null },
      audit: { batchSize: 1_000, windowSeconds: 300, enabled: true, maxConcurrency: null },
      worker: { batchSize: 10, windowSeconds: 0, enabled: true, maxConcurrency: 20 },
      sweepEverySeconds: 300,
      fleet: null,
      nat: 'instance',
      payments: { tableClass: 'STANDARD', billing: 'on-demand', restorable: false },
      control: { tableClass: 'STANDARD', billing: 'on-demand', restorable: false },
      backups: null,
      auditDataEvents: false,
      bucketAccessLogs: false,
      auditTransition: null,
      flowLogs: false,
      firewallLogsAll: false,
    });
  });

  it('tells of tables, backups, audit log, network and firewall as they are set', () => {
    const { facts } = readTemplate(
      someTemplate({
        Payments: resource('AWS::DynamoDB::Table', {
          TableName: 'payments-dev',
          BillingMode: 'PAY_PER_REQUEST',
          TableClass: 'STANDARD_INFREQUENT_ACCESS',
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        }),
        Plan: resource('AWS::Backup::BackupPlan', {
          BackupPlan: {
            BackupPlanRule: [
              {
                ScheduleExpression: 'cron(0 3 1 * ? *)',
                Lifecycle: { DeleteAfterDays: 365, MoveToColdStorageAfterDays: 7 },
              },
            ],
          },
        }),
        Audit: resource('AWS::S3::Bucket', {
          BucketName: 'payment-audit-logs-dev-1',
          LoggingConfiguration: { LogFilePrefix: 'audit/' },
          LifecycleConfiguration: {
            Rules: [
              {
                Status: 'Enabled',
                ObjectSizeGreaterThan: '166912',
                Transitions: [{ StorageClass: 'GLACIER', TransitionInDays: 30 }],
              },
            ],
          },
        }),
        Trail: resource('AWS::CloudTrail::Trail', {
          AdvancedEventSelectors: [
            {
              FieldSelectors: [
                { Field: 'eventCategory', Equals: ['Data'] },
                { Field: 'resources.ARN', StartsWith: [{ 'Fn::GetAtt': ['Audit', 'Arn'] }] },
              ],
            },
          ],
        }),
        Nat: resource('AWS::EC2::NatGateway'),
        Flow: resource('AWS::EC2::FlowLog'),
        FirewallLog: resource('AWS::WAFv2::LoggingConfiguration'),
      }),
      { profile: 'prod', region: 'us-east-2' },
    );
    expect(facts).toMatchObject({
      region: 'us-east-2',
      profile: 'prod',
      nat: 'gateway',
      payments: { tableClass: 'STANDARD_INFREQUENT_ACCESS', restorable: true },
      backups: { perMonth: 1, keptDays: 365, coldAfterDays: 7 },
      auditDataEvents: true,
      bucketAccessLogs: true,
      auditTransition: { afterDays: 30, leastBytes: 166_913 },
      flowLogs: true,
      firewallLogsAll: true,
    });
  });

  it('logs only what the firewall blocks if others are dropped', () => {
    const FirewallLog = resource('AWS::WAFv2::LoggingConfiguration', {
      LoggingFilter: { DefaultBehavior: 'DROP' },
    });
    expect(readTemplate(someTemplate({ FirewallLog }), { profile: 'dev' }).facts.firewallLogsAll).toBe(false);
  });

  it('has Lambda write its own lines unless they are JSON of level WARN', () => {
    const fn = (LoggingConfig?: object) =>
      resource('AWS::Lambda::Function', {
        FunctionName: 'payment-relay-dev',
        ...(LoggingConfig && { LoggingConfig }),
      });
    const writes = (LoggingConfig?: object) =>
      readTemplate(someTemplate({ relayFunction: fn(LoggingConfig) }), { profile: 'dev' }).facts.functions
        .relay.platformLines;
    expect(writes()).toBe(true);
    expect(writes({ LogFormat: 'JSON', SystemLogLevel: 'INFO' })).toBe(true);
    expect(writes({ LogFormat: 'JSON', SystemLogLevel: 'WARN' })).toBe(false);
  });

  it('of a fleet that works alone says so: one instance works, though the group may be empty', () => {
    const { facts } = readTemplate(
      someTemplate({
        WorkerSource: resource('AWS::Lambda::EventSourceMapping', {
          FunctionName: ref('workerAlias'),
          BatchSize: 10,
          Enabled: false,
        }),
        Fleet: resource('AWS::AutoScaling::AutoScalingGroup', {
          AutoScalingGroupName: 'payment-asg-dev',
          MinSize: '0',
          LaunchTemplate: { LaunchTemplateId: ref('Machine') },
        }),
        Machine: resource('AWS::EC2::LaunchTemplate', { LaunchTemplateData: { InstanceType: 't4g.small' } }),
      }),
      { profile: 'dev' },
    );
    expect(facts.worker.enabled).toBe(false);
    expect(facts.fleet).toEqual({ instances: 1, instanceType: 't4g.small', spot: false });
  });

  it('of CloudFront has functions at the edge, a log, and no need of an authorizer', () => {
    const { Stage, authorizerFunction, ...others } = someTemplate().Resources;
    expect(Stage && authorizerFunction).toBeDefined();
    const { facts } = readTemplate(
      {
        Resources: {
          ...others,
          Edge: resource('AWS::CloudFront::Distribution', {
            DistributionConfig: {
              DefaultCacheBehavior: { FunctionAssociations: [{ EventType: 'viewer-request' }] },
              CacheBehaviors: [
                {
                  PathPattern: '/callbacks/*',
                  LambdaFunctionAssociations: [{ LambdaFunctionARN: ref('HashVersion') }],
                },
              ],
            },
          }),
          Hash: resource('AWS::Lambda::Function', { MemorySize: 128 }),
          HashVersion: resource('AWS::Lambda::Version', { FunctionName: ref('Hash') }),
          Destination: resource('AWS::Logs::DeliveryDestination', {
            DestinationResourceArn: { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['Audit', 'Arn'] }, '/edge']] },
          }),
          Delivery: resource('AWS::Logs::Delivery'),
        },
      },
      { profile: 'prod' },
    );
    expect(facts.edge).toEqual({
      kind: 'cloudfront',
      edgeFunctions: 1,
      callbackLambdaMb: 128,
      accessLogs: 's3',
    });
    expect(facts.functions.authorizer).toEqual(facts.functions.api);
  });

  it('traces by X-Ray’s own rule where there is no other', () => {
    const Stage = resource('AWS::ApiGateway::Stage', { TracingEnabled: true });
    const traced = (more = {}) =>
      readTemplate(someTemplate({ Stage, ...more }), { profile: 'dev' }).facts.edge;
    expect(traced()).toMatchObject({ tracedShare: 0.05 });
    const Rule = resource('AWS::XRay::SamplingRule', {
      SamplingRule: { FixedRate: 0.01, ServiceType: 'AWS::ApiGateway::Stage' },
    });
    expect(traced({ Rule })).toMatchObject({ tracedShare: 0.01 });
  });

  it('has an access log of the edge by its format', () => {
    const Stage = resource('AWS::ApiGateway::Stage', {
      AccessLogSetting: { Format: '{"ip":"$context.ip"}' },
    });
    expect(readTemplate(someTemplate({ Stage }), { profile: 'dev' }).facts.edge).toMatchObject({
      accessLogFormat: '{"ip":"$context.ip"}',
    });
  });

  it('of another stack is refused', () => {
    const read = (json: unknown) => () => readTemplate(json, { profile: 'dev' });
    expect(read({})).toThrow(TemplateError);
    expect(read({ Resources: { Queue: resource('AWS::SQS::Queue') } })).toThrow(
      'has no function payment-processor-…',
    );
    const { Payments, ...others } = someTemplate().Resources;
    expect(Payments).toBeDefined();
    expect(read({ Resources: others })).toThrow('has no table payments');
    expect(read(someTemplate({ Stage: resource('AWS::ApiGateway::RestApi') }))).toThrow('neither a stage');
  });

  it('with several rules of backups is refused, rather than read in part', () => {
    const rule = { ScheduleExpression: 'rate(1 day)', Lifecycle: { DeleteAfterDays: 7 } };
    const Plan = resource('AWS::Backup::BackupPlan', { BackupPlan: { BackupPlanRule: [rule, rule] } });
    expect(() => readTemplate(someTemplate({ Plan }), { profile: 'dev' })).toThrow('2 rules of backups');
  });
});

describe('A type of resource', () => {
  it('that nobody has taught is unknown, though its service may cost nothing', () => {
    expect(
      standing({
        Cache: resource('AWS::ElastiCache::CacheCluster'),
        Hub: resource('AWS::SecurityHub::Hub'),
        Users: resource('AWS::IAM::Group'),
        Own: resource('Custom::Something'),
      }).unknown,
    ).toEqual([
      { logicalId: 'Cache', type: 'AWS::ElastiCache::CacheCluster' },
      { logicalId: 'Hub', type: 'AWS::SecurityHub::Hub' },
      { logicalId: 'Users', type: 'AWS::IAM::Group' },
      { logicalId: 'Own', type: 'Custom::Something' },
    ]);
  });

  it('is not known by what objects have of themselves', () => {
    expect(standing({ Odd: resource('constructor') }).unknown).toHaveLength(1);
  });

  it('that is taken from the registry becomes unknown', () => {
    const { 'AWS::DynamoDB::Table': table, ...registry } = REGISTRY;
    expect(table).toBeDefined();
    const { unknown } = readTemplate(someTemplate(), { profile: 'dev', registry });
    expect(unknown.map(({ logicalId }) => logicalId)).toEqual(['Payments', 'Control']);
  });

  it('that costs nothing, or is in the model, says why', () => {
    for (const [type, known] of Object.entries(REGISTRY)) {
      if ('free' in known) expect(known.free, type).toMatch(/\w{3}.* /);
      if ('volume' in known) expect(known.volume, type).toMatch(/\w{3}/);
    }
  });
});
