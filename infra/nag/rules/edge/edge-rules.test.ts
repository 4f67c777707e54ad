import { describe, expect, it } from 'vitest';
import { BAD, type Fragment, GOOD, NOT_CONCERNED, verdict } from '../../rules.fixture.ts';
import { accessLogFormat } from './access-log-format.ts';
import { dataTrace } from './data-trace.ts';
import { defaultEndpoint } from './default-endpoint.ts';
import { distribution } from './distribution.ts';
import { firewallBlocks } from './firewall-blocks.ts';
import { firewallLogging } from './firewall-logging.ts';
import { publicLoadBalancer } from './public-load-balancer.ts';
import { stageFirewall } from './stage-firewall.ts';
import { stageLogAccount } from './stage-log-account.ts';
import { stageThrottling } from './stage-throttling.ts';

const stage = (properties: Record<string, unknown> = {}, DependsOn?: string[]): Fragment => ({
  Type: 'AWS::ApiGateway::Stage',
  Properties: { RestApiId: 'api', StageName: 'prod', ...properties },
  DependsOn,
});
const forAll = (setting: Record<string, unknown>) => ({
  MethodSettings: [{ ResourcePath: '/*', HttpMethod: '*', ...setting }],
});

describe('DataTrace', () => {
  it('refuses it for any method of a stage', () => {
    const one = { ResourcePath: '/payments', HttpMethod: 'POST', DataTraceEnabled: true };
    expect(verdict(dataTrace, { Stage: stage(forAll({ DataTraceEnabled: false })) })).toBe(GOOD);
    expect(verdict(dataTrace, { Stage: stage() })).toBe(GOOD);
    expect(verdict(dataTrace, { Stage: stage({ MethodSettings: [one] }) })).toBe(BAD);
  });

  it('refuses it where a condition may switch it on', () => {
    const maybe = { 'Fn::If': ['Debug', true, false] };
    expect(verdict(dataTrace, { Stage: stage(forAll({ DataTraceEnabled: maybe })) })).toBe(BAD);
  });

  it('finds it in the description of a deployment and in a WebSocket stage', () => {
    const deployment = { StageDescription: { DataTraceEnabled: true } };
    const socket = { DefaultRouteSettings: { DataTraceEnabled: true } };
    expect(verdict(dataTrace, { D: { Type: 'AWS::ApiGateway::Deployment', Properties: deployment } })).toBe(
      BAD,
    );
    expect(verdict(dataTrace, { S: { Type: 'AWS::ApiGatewayV2::Stage', Properties: socket } })).toBe(BAD);
  });
});

describe('AccessLogFormat', () => {
  const of = (format: unknown) =>
    verdict(accessLogFormat, {
      Stage: stage({ AccessLogSetting: { DestinationArn: 'arn:aws:logs:x', Format: format } }),
    });

  it('accepts JSON, with variables in quotes or without', () => {
    expect(
      of('{"id":"$context.requestId","status":$context.status,"key":"$context.identity.apiKeyId"}'),
    ).toBe(GOOD);
    expect(of('{"merchant":"$context.authorizer.merchantId","error":"$context.authorizer.error"}')).toBe(
      GOOD,
    );
  });

  it('wants an access log, and in JSON', () => {
    expect(verdict(accessLogFormat, { Stage: stage() })).toEqual(['Missing']);
    const nowhere = { AccessLogSetting: { Format: '{}' } };
    expect(verdict(accessLogFormat, { Stage: stage(nowhere) })).toEqual(['Missing']);
    expect(of('$context.identity.sourceIp "$context.httpMethod" $context.status')).toEqual(['NotJson']);
  });

  it.each([
    '$input.body',
    '$context.identity.apiKey',
    '$context.requestOverride.header.x',
    '$context.requestOverride.querystring.q',
    'Authorization',
  ])('refuses secrets: %s', (secret) => {
    expect(of(JSON.stringify({ field: secret }))).toEqual(['Secrets']);
  });
});

describe('StageThrottling', () => {
  it('wants a rate and a burst for all methods', () => {
    const both = { ThrottlingRateLimit: 1_000, ThrottlingBurstLimit: 2_000 };
    expect(verdict(stageThrottling, { Stage: stage(forAll(both)) })).toBe(GOOD);
    expect(verdict(stageThrottling, { Stage: stage(forAll({ ThrottlingRateLimit: 1_000 })) })).toBe(BAD);
    expect(verdict(stageThrottling, { Stage: stage(forAll({ ...both, ThrottlingRateLimit: -1 })) })).toBe(
      BAD,
    );
    expect(verdict(stageThrottling, { Stage: stage(forAll({ ...both, ThrottlingBurstLimit: 0 })) })).toBe(
      BAD,
    );
    for (const some of [
      { ResourcePath: '/*', HttpMethod: 'POST' },
      { ResourcePath: '/payments', HttpMethod: '*' },
    ]) {
      expect(verdict(stageThrottling, { Stage: stage({ MethodSettings: [{ ...some, ...both }] }) })).toBe(
        BAD,
      );
    }
  });
});

describe('StageLogAccount', () => {
  const logs = { AccessLogSetting: { Format: '{}', DestinationArn: 'arn:aws:logs:x' } };
  const account = { Account: { Type: 'AWS::ApiGateway::Account' } };

  it('wants the stage made after the role, directly or by way of something else', () => {
    const deployment = { Deployment: { Type: 'AWS::ApiGateway::Deployment', DependsOn: ['Account'] } };
    const later = stage({ ...logs, DeploymentId: { Ref: 'Deployment' } });
    expect(verdict(stageLogAccount, { Stage: stage(logs, ['Account']), ...account })).toBe(GOOD);
    expect(verdict(stageLogAccount, { Stage: later, ...account, ...deployment })).toBe(GOOD);
    expect(verdict(stageLogAccount, { Stage: stage(logs), ...account })).toBe(BAD);
  });

  it('takes the word of whoever says that the account has the role', () => {
    expect(verdict(stageLogAccount, { Stage: stage(logs) })).toBe(BAD);
    expect(verdict(stageLogAccount, { Stage: stage(logs) }, { apiGatewayAccount: 'existing' })).toBe(GOOD);
  });

  it('does not concern a stage that writes no log', () => {
    expect(verdict(stageLogAccount, { Stage: stage(forAll({ LoggingLevel: 'OFF' })) })).toBe(NOT_CONCERNED);
    const one = { ResourcePath: '/payments', HttpMethod: 'POST', LoggingLevel: 'INFO' };
    const levels = [...forAll({ LoggingLevel: 'OFF' }).MethodSettings, one];
    expect(verdict(stageLogAccount, { Stage: stage({ MethodSettings: levels }) })).toBe(BAD);
  });
});

describe('StageFirewall', () => {
  const joined = (arn: unknown) => ({
    Join: {
      Type: 'AWS::WAFv2::WebACLAssociation',
      Properties: { ResourceArn: arn, WebACLArn: 'arn:aws:wafv2:x' },
    },
  });

  it('wants an association that refers to the stage', () => {
    const sub = { 'Fn::Sub': `arn:aws:apigateway:\${AWS::Region}::/restapis/api/stages/\${Stage}` };
    const join = {
      'Fn::Join': ['', ['arn:aws:apigateway:us-east-1::/restapis/api/stages/', { Ref: 'Stage' }]],
    };
    expect(verdict(stageFirewall, { Stage: stage(), ...joined(sub) })).toBe(GOOD);
    expect(verdict(stageFirewall, { Stage: stage(), ...joined(join) })).toBe(GOOD);
  });

  it('refuses none, and one that is written as text', () => {
    const literal = 'arn:aws:apigateway:us-east-1::/restapis/api/stages/prod';
    expect(verdict(stageFirewall, { Stage: stage() })).toBe(BAD);
    expect(verdict(stageFirewall, { Stage: stage(), ...joined(literal) })).toBe(BAD);
  });
});

describe('FirewallBlocks', () => {
  const rate = (limit: number, more: Record<string, unknown> = {}, Action: unknown = { Block: {} }) => ({
    Name: 'rate',
    Action,
    Statement: { RateBasedStatement: { Limit: limit, AggregateKeyType: 'IP', ...more } },
  });
  const group = (override: unknown) => ({
    Name: 'common',
    OverrideAction: override,
    Statement: {
      ManagedRuleGroupStatement: {
        RuleActionOverrides: [{ Name: 'SizeRestrictions_BODY', ActionToUse: { Count: {} } }],
      },
    },
  });
  const of = (...Rules: unknown[]) =>
    verdict(firewallBlocks, { Firewall: { Type: 'AWS::WAFv2::WebACL', Properties: { Rules } } });

  it('lets a single rule of a group count, but not the whole group', () => {
    expect(of(group({ None: {} }), rate(2_000))).toBe(GOOD);
    expect(of(group({ Count: {} }), rate(2_000))).toEqual(['Counts::common']);
  });

  it('wants a rate-based rule that blocks', () => {
    expect(of(group({ None: {} }))).toEqual(['RateLimit']);
    expect(of(rate(2_000, {}, { Count: {} }))).toEqual(['Counts::rate']);
  });

  it('bounds the limit in five minutes, whatever the window', () => {
    expect(of(rate(2_001))).toEqual(['RateLimit']);
    expect(of(rate(400, { EvaluationWindowSec: 60 }))).toBe(GOOD);
    expect(of(rate(401, { EvaluationWindowSec: 60 }))).toEqual(['RateLimit']);
  });

  it('lets higher limits stand beside that of an address, but none that the stage could never reach', () => {
    const perAddress = { ...rate(2_000), Name: 'address' };
    for (const kind of ['IP', 'CUSTOM_KEYS']) {
      expect(of(perAddress, rate(300_000, { AggregateKeyType: kind }))).toBe(GOOD);
      expect(of(perAddress, rate(300_001, { AggregateKeyType: kind }))).toEqual(['Limit::rate']);
    }
    expect(of(rate(300_000, { AggregateKeyType: 'CUSTOM_KEYS' }))).toEqual(['RateLimit']);
  });
});

describe('FirewallLogging', () => {
  const of = (RedactedFields?: unknown) =>
    verdict(firewallLogging, {
      Firewall: { Type: 'AWS::WAFv2::WebACL' },
      Logging: {
        Type: 'AWS::WAFv2::LoggingConfiguration',
        Properties: { ResourceArn: { 'Fn::GetAtt': ['Firewall', 'Arn'] }, RedactedFields },
      },
    });

  it('wants a log, in which the authorization header is redacted', () => {
    expect(of([{ SingleHeader: { Name: 'authorization' } }])).toBe(GOOD);
    expect(of([{ SingleHeader: { Name: 'cookie' } }])).toEqual(['Authorization']);
    expect(of()).toEqual(['Authorization']);
    expect(verdict(firewallLogging, { Firewall: { Type: 'AWS::WAFv2::WebACL' } })).toEqual(['Missing']);
  });
});

describe('DefaultEndpoint', () => {
  const api = (off?: boolean): Fragment => ({
    Type: 'AWS::ApiGateway::RestApi',
    Properties: { DisableExecuteApiEndpoint: off },
  });
  const mapping = { Type: 'AWS::ApiGateway::BasePathMapping', Properties: { RestApiId: { Ref: 'Api' } } };

  it('wants it off as soon as there is a domain', () => {
    expect(verdict(defaultEndpoint, { Api: api(true), Mapping: mapping })).toBe(GOOD);
    expect(verdict(defaultEndpoint, { Api: api(), Mapping: mapping })).toBe(BAD);
    expect(verdict(defaultEndpoint, { Api: api() })).toBe(NOT_CONCERNED);
  });
});

describe('Distribution', () => {
  const behavior = {
    ViewerProtocolPolicy: 'https-only',
    CachePolicyId: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
  };
  const config = {
    WebACLId: { 'Fn::GetAtt': ['Firewall', 'Arn'] },
    Origins: [{ Id: 'url', OriginAccessControlId: { Ref: 'Signer' } }],
    DefaultCacheBehavior: behavior,
    CacheBehaviors: [behavior],
  };
  const log = (fields: unknown): Record<string, Fragment> => ({
    Source: {
      Type: 'AWS::Logs::DeliverySource',
      Properties: { Name: 'edge', ResourceArn: { 'Fn::Sub': `arn:aws:cloudfront::1:distribution/\${Edge}` } },
    },
    Delivery: {
      Type: 'AWS::Logs::Delivery',
      Properties: { DeliverySourceName: 'edge', RecordFields: fields },
    },
  });
  const of = (changes: Record<string, unknown> = {}, logs = log(['date', 'sc-status'])) =>
    verdict(distribution, {
      Edge: {
        Type: 'AWS::CloudFront::Distribution',
        Properties: { DistributionConfig: { ...config, ...changes } },
      },
      Firewall: { Type: 'AWS::WAFv2::WebACL' },
      ...logs,
    });

  it('wants a firewall, and signs what it sends on', () => {
    expect(of()).toBe(GOOD);
    expect(of({ WebACLId: undefined })).toEqual(['Firewall']);
    expect(of({ WebACLId: 'arn:aws:wafv2:us-east-1:1:global/webacl/x' })).toEqual(['Firewall']);
    expect(of({ Origins: [...config.Origins, { Id: 'other' }] })).toEqual(['Unsigned']);
  });

  it('takes HTTPS alone and keeps no answer, on any path', () => {
    expect(of({ CacheBehaviors: [{ ...behavior, ViewerProtocolPolicy: 'allow-all' }] })).toEqual([
      'PlainHttp',
    ]);
    expect(of({ DefaultCacheBehavior: { ...behavior, CachePolicyId: 'other' } })).toEqual(['Cached']);
  });

  it('wants an access log, without what may hold a key or a card number', () => {
    expect(of({}, {})).toEqual(['AccessLog']);
    for (const fields of [undefined, [], ['date', 'cs-uri-query'], ['cs-uri-stem'], ['cs(Cookie)']]) {
      expect(of({}, log(fields)), String(fields)).toEqual(['LogFields']);
    }
  });
});

describe('PublicLoadBalancer', () => {
  it('wants it internal, which it is not by default', () => {
    const of = (Scheme?: string) =>
      verdict(publicLoadBalancer, {
        Balancer: { Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer', Properties: { Scheme } },
      });
    expect(of('internal')).toBe(GOOD);
    expect(of('internet-facing')).toBe(BAD);
    expect(of()).toBe(BAD);
  });
});
