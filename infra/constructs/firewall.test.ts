import { Template } from 'aws-cdk-lib/assertions';
import { MockIntegration, RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, it } from 'vitest';
import { PROBLEMS } from '../../src/http/problems.ts';
import { deployed, soleResource, testNames, testStack } from '../stack.fixture.ts';
import { Firewall } from './firewall.ts';

function synthesised(profile: 'dev' | 'prod' = 'dev') {
  const stack = testStack();
  const api = new RestApi(stack, 'Api');
  api.root.addMethod('ANY', new MockIntegration());
  new Firewall(stack, 'Firewall', {
    names: testNames(),
    profile,
    key: new Key(stack, 'Key'),
    stage: api.deploymentStage,
  });
  const template = Template.fromStack(stack);
  const sole = (type: string) => soleResource(template, type);
  const acl = sole('AWS::WAFv2::WebACL').Properties;
  return { template, sole, acl };
}

/** Synthesised once: nothing here changes it. */
const standard = synthesised();

function ruleOf(name: string) {
  const [rule] = standard.acl.Rules.filter(({ Name }: { Name: string }) => Name === name);
  expect(rule, name).toBeDefined();
  return rule;
}

function rateOf(name: string) {
  return ruleOf(name).Statement.RateBasedStatement;
}

function groupOf(name: string) {
  return ruleOf(name).Statement.ManagedRuleGroupStatement;
}

const WITH_KEY = {
  ByteMatchStatement: {
    FieldToMatch: { SingleHeader: { Name: 'authorization' } },
    PositionalConstraint: 'STARTS_WITH',
    SearchString: 'bearer tg_',
  },
};

const CALLBACK = { RegexMatchStatement: { RegexString: '^(/prod)?/callbacks/' } };

describe('the firewall', () => {
  it('is regional, lets pass what no rule refuses, and counts under its own name', () => {
    expect(standard.acl).toMatchObject({
      Name: 'payment-waf-dev123',
      Scope: 'REGIONAL',
      DefaultAction: { Allow: {} },
      VisibilityConfig: { MetricName: 'payment-waf-dev123', CloudWatchMetricsEnabled: true },
    });
  });

  it('stands before the stage: named by a reference, so that it is joined only when the stage is there', () => {
    const { Properties } = standard.sole('AWS::WAFv2::WebACLAssociation');
    const [stage] = Object.keys(standard.template.findResources('AWS::ApiGateway::Stage'));
    expect(deployed(Properties.ResourceArn)).toMatch(/^arn:aws:apigateway:us-east-1::\/restapis\/<Api/);
    expect(JSON.stringify(Properties.ResourceArn)).toContain(`{"Ref":"${stage}"}`);
  });

  it('has rules that block, each with a metric, in the order of their priorities', () => {
    const priorities = standard.acl.Rules.map(({ Priority }: { Priority: number }) => Priority);
    expect(priorities).toEqual([0, 1, 2, 3, 4, 5, 6]);
    for (const { Name, Action, OverrideAction, VisibilityConfig } of standard.acl.Rules) {
      expect(VisibilityConfig, Name).toMatchObject({ CloudWatchMetricsEnabled: true, MetricName: Name });
      if (OverrideAction) expect(OverrideAction, Name).toEqual({ None: {} });
      else expect(Action, Name).toHaveProperty('Block');
    }
  });
});

describe('the rate rules', () => {
  it('let one address ask 2,000 times in five minutes without a key, call-backs of PSPs aside', () => {
    expect(rateOf('RateLimitRule')).toMatchObject({
      Limit: 2_000,
      EvaluationWindowSec: 300,
      AggregateKeyType: 'IP',
      ScopeDownStatement: {
        AndStatement: {
          Statements: [{ NotStatement: { Statement: WITH_KEY } }, { NotStatement: { Statement: CALLBACK } }],
        },
      },
    });
  });

  it('let one key ask as often as the whole stage may be asked', () => {
    expect(rateOf('KeyRateLimitRule')).toMatchObject({
      Limit: 300_000,
      AggregateKeyType: 'CUSTOM_KEYS',
      ScopeDownStatement: WITH_KEY,
    });
  });

  it('count a key by its hash: the value stands in the log', () => {
    expect(rateOf('KeyRateLimitRule').CustomKeys).toEqual([
      { Header: { Name: 'authorization', TextTransformations: [{ Priority: 0, Type: 'MD5' }] } },
    ]);
  });

  it('hold for an address with however many keys', () => {
    const rate = rateOf('SourceRateLimitRule');
    expect(rate).toMatchObject({ Limit: 300_000, AggregateKeyType: 'IP' });
    expect(rate.ScopeDownStatement).toBeUndefined();
  });

  it.each(['RateLimitRule', 'KeyRateLimitRule', 'SourceRateLimitRule'])(
    'answer 429 as the application does, and when to come back: %s',
    (name) => {
      const { CustomResponse } = ruleOf(name).Action.Block;
      expect(CustomResponse).toMatchObject({
        ResponseCode: 429,
        ResponseHeaders: [{ Name: 'Retry-After', Value: '60' }],
      });
      const { Content } = standard.acl.CustomResponseBodies[CustomResponse.CustomResponseBodyKey];
      const body = JSON.parse(Content);
      const [status, title] = PROBLEMS.rate_limited;
      expect(body).toMatchObject({ code: 'rate_limited', type: '/docs#rate_limited', status, title });
      expect(Object.keys(body).sort()).toEqual(['code', 'detail', 'request_id', 'status', 'title', 'type']);
    },
  );
});

describe('the rule groups', () => {
  it.each([
    ['IpReputation', 'AWSManagedRulesAmazonIpReputationList'],
    ['SQLiProtection', 'AWSManagedRulesSQLiRuleSet'],
    ['XSSProtection', 'AWSManagedRulesCommonRuleSet'],
    ['KnownBadInputs', 'AWSManagedRulesKnownBadInputsRuleSet'],
  ])('are those of AWS: %s', (name, group) => {
    expect(groupOf(name)).toMatchObject({ VendorName: 'AWS', Name: group });
  });

  it('only count bodies over 8 KB, which the application refuses with a reason; nothing else', () => {
    expect(groupOf('XSSProtection').RuleActionOverrides).toEqual([
      { Name: 'SizeRestrictions_BODY', ActionToUse: { Count: {} } },
    ]);
    for (const name of ['IpReputation', 'SQLiProtection', 'KnownBadInputs']) {
      expect(groupOf(name).RuleActionOverrides, name).toBeUndefined();
    }
  });

  it('do not search the bodies of call-backs, which are signed, and markup is nothing bad there', () => {
    for (const name of ['SQLiProtection', 'XSSProtection']) {
      expect(groupOf(name).ScopeDownStatement, name).toMatchObject({ NotStatement: { Statement: CALLBACK } });
    }
    for (const name of ['IpReputation', 'KnownBadInputs']) {
      expect(groupOf(name).ScopeDownStatement, name).toBeUndefined();
    }
  });

  it.each([
    ['/prod/callbacks/simulator', true],
    ['/callbacks/simulator', true],
    ['/prod/payments', false],
    ['/prod/payments/callbacks/x', false],
    ['/x/prod/callbacks/', false],
    ['/prod/callbacksx', false],
  ])('take for a call-back what the application does: %s', (path, isCallback) => {
    const { NotStatement } = groupOf('SQLiProtection').ScopeDownStatement;
    const { RegexString, TextTransformations } = NotStatement.Statement.RegexMatchStatement;
    expect(new RegExp(RegexString).test(path)).toBe(isCallback);
    // Otherwise `/callbacks/../payments` would be one too.
    expect(TextTransformations).toEqual([{ Priority: 0, Type: 'NORMALIZE_PATH' }]);
  });
});

describe('what the firewall remembers', () => {
  it('is what it refused or counted, in a group of the right name under the customer-managed key', () => {
    const { Properties } = standard.sole('AWS::WAFv2::LoggingConfiguration');
    const [destination] = Properties.LogDestinationConfigs;
    expect(deployed(destination)).toMatch(/^arn:aws:logs:us-east-1:123456789012:log-group:<FirewallLogs/);
    expect(Properties.LoggingFilter).toEqual({
      DefaultBehavior: 'DROP',
      Filters: [
        {
          Behavior: 'KEEP',
          Requirement: 'MEETS_ANY',
          Conditions: ['BLOCK', 'COUNT', 'EXCLUDED_AS_COUNT'].map((Action) => ({
            ActionCondition: { Action },
          })),
        },
      ],
    });
    const logs = standard.sole('AWS::Logs::LogGroup').Properties;
    expect(logs).toMatchObject({ LogGroupName: 'aws-waf-logs-payment-dev123', RetentionInDays: 7 });
    expect(deployed(logs.KmsKeyId)).toMatch(/^<Key/);
  });

  it('is kept for twelve months in prod', () => {
    expect(synthesised('prod').sole('AWS::Logs::LogGroup')).toMatchObject({
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: { RetentionInDays: 365 },
    });
  });

  it('holds no key, and no place where a card number can stand', () => {
    expect(standard.sole('AWS::WAFv2::LoggingConfiguration').Properties.RedactedFields).toEqual([
      { SingleHeader: { Name: 'authorization' } },
      { UriPath: {} },
      { QueryString: {} },
    ]);
    expect(standard.acl.DataProtectionConfig.DataProtections).toEqual(
      ['SINGLE_HEADER', 'SINGLE_COOKIE', 'QUERY_STRING', 'BODY'].map((FieldType) => ({
        Field: { FieldType },
        Action: 'SUBSTITUTION',
        ExcludeRuleMatchDetails: false,
        ExcludeRateBasedDetails: false,
      })),
    );
    expect(JSON.stringify(standard.acl)).not.toContain('"SampledRequestsEnabled":true');
  });
});
