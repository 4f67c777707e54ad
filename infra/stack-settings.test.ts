import { CfnResource, TagManager } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
import { mappings } from './checks/function-checks.ts';
import { readTemplate, type TemplateModel } from './checks/template-model.ts';
import { TAG_KEYS } from './constructs/tag-keys.ts';
import { at, flatText, items } from './nag/template-values.ts';
import { PROD, SYNTHESIS_MS, wholeStack, wholeTemplate } from './stack.fixture.ts';

const MONITOR = 'arn:aws:ce::123456789012:anomalymonitor/12345678-1234-1234-1234-123456789012';
const CERTIFICATE = 'arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012';

/** Several settings in one template, since each takes a second; those of one do not touch each other. */
const BESIDE_ANOTHER = {
  workers: 'lambda',
  apiGatewayAccount: 'existing',
  configRecorder: 'existing',
  costAnomalyMonitor: 'existing',
  guardDuty: 'existing',
};
const LITTLE = {
  workers: 'fleet',
  reservedConcurrency: 'off',
  apiGatewayAccount: 'off',
  configRecorder: 'off',
  costAnomalyMonitor: 'off',
  guardDuty: 'create',
  provisionedPaymentsPerSecond: '100',
};
const MORE = {
  nat: 'gateway',
  costAnomalyMonitor: MONITOR,
  hotRetentionDays: '180',
  tableClass: 'STANDARD_INFREQUENT_ACCESS',
  relayWindowSeconds: '60',
  monthlyBudgetUsd: '5000',
  alertEmail: 'ops@example.com',
  domainName: 'pay.example.com',
  certificateArn: CERTIFICATE,
};

/** CloudFormation does not take their tags everywhere yet. */
const UNTAGGED = ['AWS::CloudWatch::Dashboard'];

function template(context: Readonly<Record<string, string>> = {}): TemplateModel {
  return readTemplate(wholeTemplate(context), 'dev123');
}

function properties(of: TemplateModel, type: string, name?: string): unknown {
  return (name === undefined ? of.ofType(type)[0] : of.named(type, name))?.properties;
}

function fleet(of: TemplateModel): unknown {
  return properties(of, 'AWS::AutoScaling::AutoScalingGroup', 'payment-asg');
}

function queueMapping(of: TemplateModel): unknown {
  return of
    .ofType('AWS::Lambda::EventSourceMapping')
    .map((mapping) => mapping.properties)
    .find((mapping) => of.referred(at(mapping, 'EventSourceArn'), 'AWS::SQS::Queue').length > 0);
}

function mappingOf(of: TemplateModel, name: string): unknown {
  return mappings(of).find(({ fn }) => at(fn?.properties, 'FunctionName') === `${name}-dev123`)?.mapping
    .properties;
}

describe('workers', { timeout: SYNTHESIS_MS }, () => {
  it('of both kinds take work by default', () => {
    expect(fleet(template())).toMatchObject({ MinSize: '0', MaxSize: '5' });
    expect(queueMapping(template())).toMatchObject({ Enabled: true });
  });

  it('lambda leaves the fleet at no instances, with nothing that scales it or watches over it', () => {
    const of = template(BESIDE_ANOTHER);
    expect(fleet(of)).toMatchObject({ MinSize: '0', MaxSize: '0' });
    expect(of.ofType('AWS::AutoScaling::ScalingPolicy')).toEqual([]);
    expect(of.named('AWS::CloudWatch::Alarm', 'ec2-cpu-high')).toBeUndefined();
    expect(queueMapping(of)).toMatchObject({ Enabled: true });
  });

  it('fleet keeps the function from the queue, so that nobody takes what the fleet is meant to', () => {
    const of = template(LITTLE);
    expect(queueMapping(of)).toMatchObject({ Enabled: false });
    expect(fleet(of)).toMatchObject({ MaxSize: '5' });
  });
});

describe('What is one per account or region', { timeout: SYNTHESIS_MS }, () => {
  it('is made by the first deployment', () => {
    const of = template();
    for (const type of [
      'AWS::ApiGateway::Account',
      'AWS::Config::ConfigurationRecorder',
      'AWS::Config::DeliveryChannel',
      'AWS::CE::AnomalyMonitor',
    ]) {
      expect(of.ofType(type), type).toHaveLength(1);
    }
  });

  it('is used by the next ones, which log and are watched all the same', () => {
    const of = template(BESIDE_ANOTHER);
    for (const type of [
      'AWS::ApiGateway::Account',
      'AWS::Config::ConfigurationRecorder',
      'AWS::CE::AnomalyMonitor',
      'AWS::CE::AnomalySubscription',
      'AWS::GuardDuty::Detector',
    ]) {
      expect(of.ofType(type), type).toEqual([]);
    }
    expect(of.ofType('AWS::Config::ConfigRule').length).toBeGreaterThan(0);
    expect(properties(of, 'AWS::ApiGateway::Stage')).toHaveProperty('AccessLogSetting');
  });

  it('may be left out, and then nothing needs it', () => {
    const of = template(LITTLE);
    expect(of.ofType('AWS::ApiGateway::Account')).toEqual([]);
    expect(properties(of, 'AWS::ApiGateway::Stage')).not.toHaveProperty('AccessLogSetting');
    expect(of.ofType('AWS::Config::ConfigurationRecorder', 'AWS::Config::ConfigRule')).toEqual([]);
    expect(of.ofType('AWS::CE::AnomalyMonitor', 'AWS::CE::AnomalySubscription')).toEqual([]);
    expect(of.ofType('AWS::Budgets::Budget')).toHaveLength(1);
  });

  it('a detector of GuardDuty, is made only if asked for', () => {
    expect(template().ofType('AWS::GuardDuty::Detector')).toEqual([]);
    expect(properties(template(LITTLE), 'AWS::GuardDuty::Detector')).toMatchObject({ Enable: true });
  });

  it('an anomaly monitor that is named, gets a subscription', () => {
    const of = template(MORE);
    expect(of.ofType('AWS::CE::AnomalyMonitor')).toEqual([]);
    expect(properties(of, 'AWS::CE::AnomalySubscription')).toMatchObject({ MonitorArnList: [MONITOR] });
  });

  it('of spending, is in us-east-1 alone', () => {
    const abroad = template({ region: 'eu-west-1' });
    expect(abroad.all.filter(({ type }) => /^AWS::(CE|Budgets)::/.test(type))).toEqual([]);
  });
});

describe('Further settings', { timeout: SYNTHESIS_MS }, () => {
  it('nat=gateway replaces the instance, nat=instance the gateway', () => {
    expect(template(MORE).ofType('AWS::EC2::NatGateway')).toHaveLength(1);
    expect(template(MORE).named('AWS::AutoScaling::AutoScalingGroup', 'payment-nat')).toBeUndefined();
    expect(template().ofType('AWS::EC2::NatGateway')).toEqual([]);
  });

  it('reservedConcurrency=off reserves none, and still bounds what the worker has in hand', () => {
    const of = template(LITTLE);
    const reserved = of
      .ofType('AWS::Lambda::Function')
      .filter((fn) => at(fn.properties, 'ReservedConcurrentExecutions') !== undefined);
    expect(reserved.map(({ id }) => id)).toEqual([]);
    expect(queueMapping(of)).toMatchObject({ ScalingConfig: { MaximumConcurrency: 20 } });
  });

  it('hotRetentionDays lets settled payments expire, and tells the functions when', () => {
    expect(properties(template(), 'AWS::DynamoDB::Table', 'payments')).not.toHaveProperty(
      'TimeToLiveSpecification',
    );
    const of = template(MORE);
    expect(properties(of, 'AWS::DynamoDB::Table', 'payments')).toMatchObject({
      TimeToLiveSpecification: { AttributeName: 'expires_at', Enabled: true },
    });
    expect(properties(of, 'AWS::Lambda::Function', 'event-handler')).toMatchObject({
      Environment: { Variables: { HOT_RETENTION_DAYS: '180' } },
    });
  });

  it('tableClass is that of payments', () => {
    const classOf = (of: TemplateModel) =>
      at(properties(of, 'AWS::DynamoDB::Table', 'payments'), 'TableClass');
    expect([classOf(template()), classOf(template(MORE))]).toEqual([
      'STANDARD',
      'STANDARD_INFREQUENT_ACCESS',
    ]);
  });

  it('provisionedPaymentsPerSecond has payments scale up to where the alarms take its cap to be', () => {
    const scaled = 'AWS::ApplicationAutoScaling::ScalableTarget';
    expect(template().ofType(scaled)).toEqual([]);
    const of = template(LITTLE);
    const bounds = of
      .ofType(scaled)
      .filter((each) => flatText(at(each.properties, 'ScalableDimension')).endsWith(':WriteCapacityUnits'))
      .map((each) => [at(each.properties, 'MinCapacity'), at(each.properties, 'MaxCapacity')]);
    expect(bounds).toEqual([
      [220, 4_000],
      [320, 8_000],
    ]);
    const thresholds = ['table', 'index'].map((part) =>
      at(properties(of, 'AWS::CloudWatch::Alarm', `dynamodb-writes-near-cap-${part}`), 'Threshold'),
    );
    expect(thresholds).toEqual([0.8 * 4_000 * 60, 0.8 * 8_000 * 60]);
  });

  it('relayWindowSeconds is how long the relay’s work is collected, and its alarm waits for as much longer', () => {
    const figures = (of: TemplateModel) => [
      at(mappingOf(of, 'payment-relay'), 'MaximumBatchingWindowInSeconds'),
      at(properties(of, 'AWS::CloudWatch::Alarm', 'relay-iterator-age'), 'Threshold'),
    ];
    expect(figures(template())).toEqual([1, 61_000]);
    expect(figures(template(MORE))).toEqual([60, 120_000]);
  });

  it('a domain of your own takes TLS 1.2 and closes the address of API Gateway', () => {
    const of = template(MORE);
    expect(properties(of, 'AWS::ApiGateway::DomainName')).toMatchObject({ SecurityPolicy: 'TLS_1_2' });
    expect(properties(of, 'AWS::ApiGateway::RestApi')).toMatchObject({ DisableExecuteApiEndpoint: true });
    expect(at(of.json, 'Outputs', 'ApiEndpoint', 'Value')).toBe('https://pay.example.com');
  });

  it('alertEmail subscribes to all three topics, with dead letters', () => {
    expect(template().ofType('AWS::SNS::Subscription')).toEqual([]);
    const subscriptions = template(MORE).ofType('AWS::SNS::Subscription');
    expect(subscriptions.map((each) => at(each.properties, 'Endpoint'))).toEqual(
      Array(3).fill('ops@example.com'),
    );
    expect(subscriptions.filter((each) => at(each.properties, 'RedrivePolicy') === undefined)).toEqual([]);
  });

  it('monthlyBudgetUsd is what the budget alerts at', () => {
    expect(properties(template(MORE), 'AWS::Budgets::Budget')).toMatchObject({
      Budget: { BudgetLimit: { Amount: 5_000, Unit: 'USD' } },
    });
  });
});

describe('edge=cloudfront', { timeout: SYNTHESIS_MS }, () => {
  const EDGE = { edge: 'cloudfront', shieldAdvanced: 'on' };
  const OWN = { ...EDGE, domainName: 'pay.example.com', certificateArn: CERTIFICATE };
  const told = (of: TemplateModel, name: string) =>
    at(properties(of, 'AWS::Lambda::Function', name), 'Environment', 'Variables', 'PUBLIC_URL');

  it('gives out the address of the distribution, but to the function that it is made after', () => {
    const of = template(EDGE);
    const address = /^https:\/\/<ProcessingEdgeDistribution\w+\.DomainName>$/;
    expect(flatText(at(of.json, 'Outputs', 'ApiEndpoint', 'Value'))).toMatch(address);
    expect(flatText(told(of, 'event-handler'))).toMatch(address);
    expect(told(of, 'payment-processor')).toBeUndefined();
    const parameter = of
      .ofType('AWS::SSM::Parameter')
      .find((each) => at(each.properties, 'Name') === '/payment/dev123/api-url');
    expect(flatText(at(parameter?.properties, 'Value'))).toMatch(address);
  });

  it('tells everybody a domain of one’s own, which is known before', () => {
    const of = template(OWN);
    expect(told(of, 'payment-processor')).toBe('https://pay.example.com');
    expect(at(of.json, 'Outputs', 'ApiEndpoint', 'Value')).toBe('https://pay.example.com');
  });

  it('has Shield Advanced protect the distribution, if asked to', () => {
    const [protection] = template(EDGE).ofType('AWS::Shield::Protection');
    expect(flatText(at(protection?.properties, 'ResourceArn'))).toMatch(/:distribution\/<ProcessingEdge/);
    expect(template({ edge: 'cloudfront' }).ofType('AWS::Shield::Protection')).toEqual([]);
  });
});

describe('prod', { timeout: SYNTHESIS_MS }, () => {
  it('cannot be deleted by mistake, and dev can', () => {
    expect(wholeStack(PROD).stack.terminationProtection).toBe(true);
    expect(wholeStack().stack.terminationProtection).toBeFalsy();
  });

  it('tells every process that it is, and that the simulator is meant', () => {
    const environment = {
      PROFILE: 'prod',
      CONNECTOR: 'simulator',
      ALLOW_SIMULATOR: 'true',
      STORE: 'dynamodb',
    };
    expect(properties(template(PROD), 'AWS::Lambda::Function', 'payment-processor')).toMatchObject({
      Environment: { Variables: environment },
    });
  });
});

it('Everything that CloudFormation can tag carries the five tags', { timeout: SYNTHESIS_MS }, () => {
  const contexts: readonly Readonly<Record<string, string>>[] = [{}, PROD, { edge: 'cloudfront' }];
  for (const context of contexts) {
    const { stack } = wholeStack(context);
    const untagged = stack.node.findAll().filter((construct) => {
      // The stack's own tags would be CloudFormation's business; its resources have them already.
      if (!CfnResource.isCfnResource(construct) || UNTAGGED.includes(construct.cfnResourceType)) return false;
      const tags = TagManager.of(construct)?.tagValues();
      return tags !== undefined && TAG_KEYS.some((key) => tags[key] === undefined);
    });
    expect(untagged.map(({ node }) => node.path)).toEqual([]);
  }
});

it('No template looks anything up or names an account', { timeout: SYNTHESIS_MS }, () => {
  const { stack } = wholeStack();
  expect(stack.account).toContain('Token');
  const images = items(Object.values(at(template().json, 'Parameters') ?? {})).map((parameter: unknown) =>
    flatText(at(parameter, 'Type')),
  );
  expect(images.filter((type) => !/^(String|AWS::SSM::Parameter::Value<)/.test(type))).toEqual([]);
});
