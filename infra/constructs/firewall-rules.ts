import type { CfnWebACL } from 'aws-cdk-lib/aws-wafv2';

type Rule = CfnWebACL.RuleProperty;
type Statement = CfnWebACL.StatementProperty;

/** A body for answers of the firewall. It can neither name the request nor say `application/problem+json`. */
export const TOO_MANY_REQUESTS = 'too-many-requests';

export const RESPONSE_BODIES = {
  [TOO_MANY_REQUESTS]: {
    contentType: 'APPLICATION_JSON',
    content: JSON.stringify({
      type: '/docs#rate_limited',
      title: 'Too many requests',
      status: 429,
      detail: 'Too many requests in the last five minutes. Try again in 60 s, and slow down.',
      code: 'rate_limited',
      request_id: 'firewall',
    }),
  },
};

const AUTHORIZATION = { singleHeader: { Name: 'authorization' } };

/** What any other sends is not a key: with random ones, each counted for itself, nobody would ever be limited. */
const HAS_KEY: Statement = {
  byteMatchStatement: {
    fieldToMatch: AUTHORIZATION,
    positionalConstraint: 'STARTS_WITH',
    searchString: 'bearer tg_',
    textTransformations: [
      { priority: 0, type: 'LOWERCASE' },
      { priority: 1, type: 'COMPRESS_WHITE_SPACE' },
    ],
  },
};

/** The stage is part of the path on API Gateway's own address, and not on a domain of one's own. */
const IS_CALLBACK: Statement = {
  regexMatchStatement: {
    fieldToMatch: { uriPath: {} },
    regexString: '^(/prod)?/callbacks/',
    textTransformations: [{ priority: 0, type: 'NORMALIZE_PATH' }],
  },
};

/** Requests in five minutes. 7 a second from one address that shows no key is a person who types fast, or a bot. */
const LIMIT_WITHOUT_KEY = 2_000;
/** 1,000 a second is the stage's own limit; the application's, for each merchant, comes first. */
const LIMIT_OF_KEY = 300_000;
/** And however many keys one address shows. */
const LIMIT_OF_SOURCE = 300_000;
const WINDOW_SECONDS = 300;

const REFUSE = {
  block: {
    customResponse: {
      responseCode: 429,
      customResponseBodyKey: TOO_MANY_REQUESTS,
      responseHeaders: [{ name: 'Retry-After', value: '60' }],
    },
  },
};

function not(statement: Statement): Statement {
  return { notStatement: { statement } };
}

/** Samples would show paths as they were sent: what was blocked is in the log, without them. */
function visible(name: string): Pick<Rule, 'name' | 'visibilityConfig'> {
  return {
    name,
    visibilityConfig: { cloudWatchMetricsEnabled: true, metricName: name, sampledRequestsEnabled: false },
  };
}

function managed(
  name: string,
  group: string,
  rest: Partial<CfnWebACL.ManagedRuleGroupStatementProperty> = {},
): Omit<Rule, 'priority'> {
  return {
    ...visible(name),
    statement: { managedRuleGroupStatement: { vendorName: 'AWS', name: group, ...rest } },
    overrideAction: { none: {} },
  };
}

function limited(name: string, rate: Omit<CfnWebACL.RateBasedStatementProperty, 'evaluationWindowSec'>) {
  return {
    ...visible(name),
    statement: { rateBasedStatement: { ...rate, evaluationWindowSec: WINDOW_SECONDS } },
    action: REFUSE,
  };
}

/**
 * In the order in which they are tried. Capacity units, of which 1,500 are in the price of the firewall: 25 for
 * addresses, 37 without key, 64 of a key, 2 of a source, 213 for SQL, 713 common, 200 known bad: 1,254.
 *
 * The bodies of a PSP's call-backs are not searched: they are long, they are not under our control, and may well hold
 * markup; one that is refused here is an outcome that we learn late. The application takes none that is not signed,
 * reads no more of it than an id, and looks up everything else. Nor do they count as requests without a key: a PSP
 * sends all of them from a few addresses.
 */
export const FIREWALL_RULES: readonly Rule[] = [
  managed('IpReputation', 'AWSManagedRulesAmazonIpReputationList'),
  limited('RateLimitRule', {
    limit: LIMIT_WITHOUT_KEY,
    aggregateKeyType: 'IP',
    scopeDownStatement: { andStatement: { statements: [not(HAS_KEY), not(IS_CALLBACK)] } },
  }),
  limited('KeyRateLimitRule', {
    limit: LIMIT_OF_KEY,
    aggregateKeyType: 'CUSTOM_KEYS',
    // Counted by its hash: the value by which a request was counted stands in the log.
    customKeys: [{ header: { name: 'authorization', textTransformations: [{ priority: 0, type: 'MD5' }] } }],
    scopeDownStatement: HAS_KEY,
  }),
  limited('SourceRateLimitRule', { limit: LIMIT_OF_SOURCE, aggregateKeyType: 'IP' }),
  managed('SQLiProtection', 'AWSManagedRulesSQLiRuleSet', { scopeDownStatement: not(IS_CALLBACK) }),
  managed('XSSProtection', 'AWSManagedRulesCommonRuleSet', {
    scopeDownStatement: not(IS_CALLBACK),
    // Bodies over 8 KB: the application answers them with 413 and says what to do.
    ruleActionOverrides: [{ name: 'SizeRestrictions_BODY', actionToUse: { count: {} } }],
  }),
  managed('KnownBadInputs', 'AWSManagedRulesKnownBadInputsRuleSet'),
].map((rule, priority) => ({ ...rule, priority }));
