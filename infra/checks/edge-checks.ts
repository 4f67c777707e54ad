import { contractPaths } from '../constructs/api-routes.ts';
import { at, flatText, items } from '../nag/template-values.ts';
import { unless, wants } from './differences.ts';
import type { TemplateCheck } from './template-check.ts';
import { dependsOn, type TemplateModel } from './template-model.ts';

function firewallRule(template: TemplateModel, name: string): unknown {
  const acl = template.named('AWS::WAFv2::WebACL', 'payment-waf');
  return items(at(acl?.properties, 'Rules')).find((rule) => at(rule, 'Name') === name);
}

function limitOf(template: TemplateModel, name: string): number {
  const rule = firewallRule(template, name);
  const blocks = at(rule, 'Action', 'Block') !== undefined;
  return blocks ? Number(at(rule, 'Statement', 'RateBasedStatement', 'Limit')) : Number.NaN;
}

/** Nothing of the request but what routes it, and nothing of the answer but its size. */
const TELLS_TOO_MUCH = /body|header|querystring|authorizer\.claims|\$context\.path\b|input/i;

/** Whether an alarm, or the text of a dashboard, names API Gateway's metrics by `Method` and `Resource`. */
function readsMethods(properties: unknown): boolean {
  const alarm = JSON.stringify(properties);
  const dashboard = flatText(at(properties, 'DashboardBody'));
  return (
    (alarm.includes('"AWS/ApiGateway"') && /"Name":"(Method|Resource)"/.test(alarm)) ||
    /"AWS\/ApiGateway",[^\]]*"(Method|Resource)",/.test(dashboard)
  );
}

const MANAGED_GROUPS = {
  IpReputation: 'AWSManagedRulesAmazonIpReputationList',
  SQLiProtection: 'AWSManagedRulesSQLiRuleSet',
  XSSProtection: 'AWSManagedRulesCommonRuleSet',
  KnownBadInputs: 'AWSManagedRulesKnownBadInputsRuleSet',
};

export const EDGE_CHECKS: readonly TemplateCheck[] = [
  {
    says: 'row 11: payment-api has one stage prod with 1,000 requests a second, a burst of 2,000, and no metrics by method',
    edge: 'rest',
    find: (template) => [
      ...unless(template.ofType('AWS::ApiGateway::RestApi').length === 1, 'not one REST API'),
      ...wants(template.named('AWS::ApiGateway::RestApi', 'payment-api'), 'payment-api', {
        EndpointConfiguration: { Types: ['REGIONAL'] },
      }),
      ...wants(template.ofType('AWS::ApiGateway::Stage')[0], 'stage', {
        StageName: 'prod',
        MethodSettings: [
          {
            HttpMethod: '*',
            ResourcePath: '/*',
            ThrottlingRateLimit: 1_000,
            ThrottlingBurstLimit: 2_000,
            MetricsEnabled: false,
          },
        ],
      }),
    ],
  },
  {
    says: 'row 11: ANY on every path of the contract that needs a key, behind the authorizer, and one proxy for the rest',
    edge: 'rest',
    find(template) {
      const methods = template.ofType('AWS::ApiGateway::Method');
      const open = methods.filter(({ properties }) => at(properties, 'AuthorizationType') === 'NONE');
      const guarded = methods.filter(({ properties }) => at(properties, 'AuthorizationType') === 'CUSTOM');
      const wanted = contractPaths().filter(({ needsKey }) => needsKey).length;
      const proxy = template.referred(open[0]?.properties, 'AWS::ApiGateway::Resource')[0];
      return [
        ...unless(guarded.length === wanted, `${guarded.length} methods with a key, not ${wanted}`),
        ...unless(open.length === 1, `${open.length} methods without a key`),
        ...wants(proxy, 'what needs no key', { PathPart: '{proxy+}' }),
        ...methods.flatMap((method) =>
          wants(method, method.id, { HttpMethod: 'ANY', Integration: { Type: 'AWS_PROXY' } }),
        ),
      ];
    },
  },
  {
    says: 'row 11: the authorizer sees the header alone and is asked once in 60 seconds',
    edge: 'rest',
    find: (template) =>
      wants(template.ofType('AWS::ApiGateway::Authorizer')[0], 'authorizer', {
        Type: 'TOKEN',
        AuthorizerResultTtlInSeconds: 60,
        IdentitySource: 'method.request.header.Authorization',
      }),
  },
  {
    says: 'row 11: the gateway refuses in the form of the application: firewall, throttle, key, 4xx and 5xx',
    edge: 'rest',
    find: (template) =>
      ['WAF_FILTERED', 'THROTTLED', 'UNAUTHORIZED', 'ACCESS_DENIED', 'DEFAULT_4XX', 'DEFAULT_5XX'].flatMap(
        (type) => {
          const answer = template
            .ofType('AWS::ApiGateway::GatewayResponse')
            .find(({ properties }) => at(properties, 'ResponseType') === type);
          return wants(answer, type, {
            ResponseParameters: { 'gatewayresponse.header.Content-Type': "'application/problem+json'" },
          });
        },
      ),
  },
  {
    says: 'row 13: 2,000 requests per address without a key, more by key, both answered with 429',
    find: (template) => [
      ...unless(limitOf(template, 'RateLimitRule') <= 2_000, 'no block at 2,000 requests of one address'),
      ...unless(limitOf(template, 'KeyRateLimitRule') <= 300_000, 'no block by key'),
      ...unless(limitOf(template, 'SourceRateLimitRule') <= 300_000, 'no ceiling for an address'),
      ...['RateLimitRule', 'KeyRateLimitRule'].flatMap((name) =>
        unless(
          at(firewallRule(template, name), 'Action', 'Block', 'CustomResponse', 'ResponseCode') === 429,
          `${name} does not answer 429`,
        ),
      ),
    ],
  },
  {
    says: 'row 13: reputation, SQL, common and known-bad rules block; only the common 8 KB rule counts',
    find: (template) =>
      Object.entries(MANAGED_GROUPS).flatMap(([name, group]) => {
        const rule = firewallRule(template, name);
        const statement = at(rule, 'Statement', 'ManagedRuleGroupStatement');
        const counting = items(at(statement, 'RuleActionOverrides')).map((override) => at(override, 'Name'));
        return [
          ...unless(at(statement, 'Name') === group, `${name} is not ${group}`),
          ...unless(at(rule, 'OverrideAction', 'None') !== undefined, `${name} only counts`),
          ...unless(
            counting.join() === (name === 'XSSProtection' ? 'SizeRestrictions_BODY' : ''),
            `${name} leaves out ${counting.join()}`,
          ),
        ];
      }),
  },
  {
    says: 'row 13: the firewall is of its edge, measured, and logs without the key',
    find: (template, { edge }) => [
      ...wants(template.named('AWS::WAFv2::WebACL', 'payment-waf'), 'payment-waf', {
        Scope: edge === 'cloudfront' ? 'CLOUDFRONT' : 'REGIONAL',
        VisibilityConfig: { CloudWatchMetricsEnabled: true },
      }),
      ...unless(
        /"authorization"/.test(
          JSON.stringify(
            at(template.ofType('AWS::WAFv2::LoggingConfiguration')[0]?.properties, 'RedactedFields') ?? '',
          ),
        ),
        'API keys are logged',
      ),
    ],
  },
  {
    says: 'trap: the firewall is tied to the stage by a reference, so that it waits for it',
    edge: 'rest',
    find(template) {
      const [association] = template.ofType('AWS::WAFv2::WebACLAssociation');
      const stage = template.referred(at(association?.properties, 'ResourceArn'), 'AWS::ApiGateway::Stage');
      return [
        ...wants(association, 'association', {}),
        ...unless(stage.length === 1, 'no reference to the stage'),
      ];
    },
  },
  {
    says: 'trap: a stage that logs waits for the account’s role',
    edge: 'rest',
    find(template) {
      const [account] = template.ofType('AWS::ApiGateway::Account');
      const [stage] = template.ofType('AWS::ApiGateway::Stage');
      if (!account || !stage) return ['there is no account or no stage'];
      return unless(dependsOn(stage).includes(account.id), 'the stage does not wait');
    },
  },
  {
    says: 'trap: no alarm and no dashboard looks at one method of the API, of which there are no metrics',
    edge: 'rest',
    find: (template) =>
      template
        .ofType('AWS::CloudWatch::Alarm', 'AWS::CloudWatch::Dashboard')
        .flatMap(({ id, properties }) =>
          unless(!readsMethods(properties), `${id} waits for metrics by method`),
        ),
  },
  {
    says: 'trap: no data trace, and no access log with a body, a header, a query or a whole path',
    edge: 'rest',
    find: (template) =>
      template
        .ofType('AWS::ApiGateway::Stage')
        .flatMap(({ id, properties }) => [
          ...items(at(properties, 'MethodSettings')).flatMap((setting) => [
            ...unless(at(setting, 'DataTraceEnabled') === false, `${id} writes bodies to logs`),
            ...unless(at(setting, 'LoggingLevel') !== 'INFO', `${id} logs each step of a request`),
          ]),
          ...unless(
            !TELLS_TOO_MUCH.test(flatText(at(properties, 'AccessLogSetting', 'Format'))),
            `the access log of ${id} says too much`,
          ),
          ...unless(
            at(properties, 'AccessLogSetting', 'DestinationArn') !== undefined,
            `${id} has no access log`,
          ),
        ]),
  },
];
