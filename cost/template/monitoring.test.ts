import { describe, expect, it } from 'vitest';
import { resource, standing } from './template.fixture.ts';

function alarm(properties: object) {
  return resource('AWS::CloudWatch::Alarm', properties);
}

function looked(id: string, period = 300) {
  return { Id: id, MetricStat: { Period: period, Metric: { MetricName: id } } };
}

function dashboard(metrics: readonly unknown[]) {
  const widgets = [
    { type: 'metric', properties: { metrics } },
    { type: 'text', properties: { markdown: 'x' } },
  ];
  const [before, after] = JSON.stringify({ widgets, region: '@' }).split('@');
  return resource('AWS::CloudWatch::Dashboard', {
    DashboardBody: { 'Fn::Join': ['', [before, { Ref: 'AWS::Region' }, after]] },
  });
}

describe('Alarms', () => {
  it('cost by the metric: one on an expression as many as it looks at', () => {
    const { quantities, fixed } = standing({
      Plain: alarm({ MetricName: 'Errors', Period: 60 }),
      Rate: alarm({ Metrics: [{ Id: 'e', Expression: '100 * a / b' }, looked('a'), looked('b')] }),
    });
    expect(quantities).toEqual([['cw.alarm', 3]]);
    expect(fixed[0]?.derivation).toContain('2 alarms');
  });

  it('of high resolution are dearer', () => {
    const High = alarm({ Metrics: [{ Id: 'e', Expression: 'a' }, looked('a', 10)] });
    const Plain = alarm({ MetricName: 'Errors', Period: 30 });
    expect(standing({ High, Plain }).quantities).toEqual([['cw.alarm.high', 2]]);
  });

  it('on a band around the expected count two metrics more', () => {
    const Band = alarm({ Metrics: [looked('a'), { Id: 'b', Expression: 'ANOMALY_DETECTION_BAND(a, 2)' }] });
    expect(standing({ Band }).quantities).toEqual([['cw.alarm', 3]]);
  });

  it('on a query are not known', () => {
    const Query = alarm({
      Metrics: [{ Id: 'q', Expression: 'SELECT MAX(Errors) FROM "AWS/Lambda"', Period: 60 }],
    });
    expect(standing({ Query })).toMatchObject({ quantities: [], unknown: [{ logicalId: 'Query' }] });
  });

  it('of alarms have a price of their own', () => {
    expect(standing({ Any: resource('AWS::CloudWatch::CompositeAlarm') }).quantities).toEqual([
      ['cw.alarm.composite', 1],
    ]);
  });

  it('that target tracking makes are counted, though no template has them', () => {
    const policy = (more: object) =>
      resource('AWS::AutoScaling::ScalingPolicy', { PolicyType: 'TargetTrackingScaling', ...more });
    const One = policy({ TargetTrackingConfiguration: { DisableScaleIn: true } });
    const Two = policy({ TargetTrackingConfiguration: { TargetValue: 70 } });
    const Step = resource('AWS::AutoScaling::ScalingPolicy', { PolicyType: 'StepScaling' });
    expect(standing({ One, Step }).quantities).toEqual([['cw.alarm', 1]]);
    expect(standing({ One, Two, Step }).quantities).toEqual([['cw.alarm', 3]]);
  });

  it('that the scaling of tables makes are four for each policy; of anything else nobody knows', () => {
    const policy = (PredefinedMetricType: string) =>
      resource('AWS::ApplicationAutoScaling::ScalingPolicy', {
        PolicyType: 'TargetTrackingScaling',
        TargetTrackingScalingPolicyConfiguration: {
          PredefinedMetricSpecification: { PredefinedMetricType },
          TargetValue: 50,
        },
      });
    const { fixed, unknown } = standing({
      Writes: policy('DynamoDBWriteCapacityUtilization'),
      Reads: policy('DynamoDBReadCapacityUtilization'),
      Concurrency: policy('LambdaProvisionedConcurrencyUtilization'),
    });
    expect(fixed).toMatchObject([{ price: 'cw.alarm', quantity: 8, basis: 'assumed' }]);
    expect(unknown.map(({ logicalId }) => logicalId)).toEqual(['Concurrency']);
  });
});

describe('Dashboards', () => {
  it('are in the allowance only with up to fifty metrics, expressions not counted', () => {
    const metrics = (count: number) => Array.from({ length: count }, (_, i) => ['AWS/Lambda', `Metric${i}`]);
    const { quantities, fixed } = standing({
      Small: dashboard([...metrics(50), [{ expression: 'a + b' }]]),
      Large: dashboard(metrics(51)),
    });
    expect(quantities).toEqual([
      ['cw.dashboard', 1],
      ['cw.dashboard.large', 1],
    ]);
    expect(fixed.map(({ derivation }) => derivation)).toEqual(['of 50 metrics', 'of 51 metrics']);
  });
});

describe('Metrics', () => {
  it('that are read from logs are paid for', () => {
    const Filter = resource('AWS::Logs::MetricFilter', { MetricTransformations: [{}, {}] });
    expect(standing({ Filter }).quantities).toEqual([['cw.metric', 2]]);
  });

  it('of each method of a REST API are five', () => {
    const Stage = (MetricsEnabled: boolean) =>
      resource('AWS::ApiGateway::Stage', { MethodSettings: [{ HttpMethod: '*', MetricsEnabled }] });
    const methods = { A: resource('AWS::ApiGateway::Method'), B: resource('AWS::ApiGateway::Method') };
    expect(standing({ ...methods, Stage: Stage(true) }).fixed).toMatchObject([
      { price: 'cw.metric', quantity: 10, basis: 'assumed' },
    ]);
    expect(standing({ ...methods, Stage: Stage(false) }).fixed).toEqual([]);
  });
});
