import { CfnResource, TagManager } from 'aws-cdk-lib';
import { describe, expect, it } from 'vitest';
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
};
const MORE = {
  nat: 'gateway',
  costAnomalyMonitor: MONITOR,
  hotRetentionDays: '180',
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
  for (const context of [{}, PROD]) {
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
