/** What can be said about a deployment, by `-c key=value` or by the props of `PaymentProcessing`. */
export interface Settings {
  /** Ends every name, so that several deployments can stand side by side in one account. */
  readonly environmentSuffix: string;
  /** `dev`: everything goes with `cdk destroy`, cheapest choices. `prod`: data retained and locked. */
  readonly profile: 'dev' | 'prod';
  readonly region: string;
  readonly connector: 'simulator';
  /** Lets `prod` take payments with the simulator: for load tests and reviews. */
  readonly allowSimulator: boolean;
  /** Who takes work from the queue; with `lambda` the fleet stays at 0 instances. */
  readonly workers: 'both' | 'lambda' | 'fleet';
  readonly nat: 'instance' | 'gateway';
  /** By which requests come. `cloudfront`: only in us-east-1, and whoever sends a body must send its hash. */
  readonly edge: 'rest' | 'cloudfront';
  /** `off` where the account has too few concurrent executions to reserve any. */
  readonly reservedConcurrency: 'on' | 'off';
  /** AWS Config's recorder: one per account and region. */
  readonly configRecorder: 'create' | 'existing' | 'off';
  /** The role by which API Gateway writes logs: one per account and region. */
  readonly apiGatewayAccount: 'create' | 'existing' | 'off';
  /** Cost anomaly monitor: `create`, `off`, `existing`, or the ARN of one to subscribe to. Only in us-east-1. */
  readonly costAnomalyMonitor: string;
  /** GuardDuty's detector: one per account and region. */
  readonly guardDuty: 'off' | 'create' | 'existing';
  readonly shieldAdvanced: 'off' | 'on';
  readonly monthlyBudgetUsd: number;
  /** Who gets the three topics' alerts; null: nobody by e-mail. */
  readonly alertEmail: string | null;
  /** Days after which settled payments leave the table; null: never. */
  readonly hotRetentionDays: number | null;
  /** DynamoDB's class of `payments`: infrequent access keeps for less and takes requests for more. */
  readonly tableClass: 'STANDARD' | 'STANDARD_INFREQUENT_ACCESS';
  /**
   * So many payments `payments` always has capacity for, paid by the hour; it scales above that. Null: on demand, paid by
   * the request.
   */
  readonly provisionedPaymentsPerSecond: number | null;
  /** For so long accepted work is collected before it is sent to the queue: for so long each payment may wait. */
  readonly relayWindowSeconds: number;
  /** A domain of your own for the API; null: API Gateway's or CloudFront's address. */
  readonly domainName: string | null;
  /** Certificate of that domain in the same region. */
  readonly certificateArn: string | null;
}

/** The context cannot be used; the message names each key, what was given, and what to give. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** Disputes and refunds reach back this far, and the payment is the memory of its idempotency key. */
const LEAST_RETENTION_DAYS = 180;
const MOST_RETENTION_DAYS = 3_650;
/** The API's burst: above it nothing gets to the table. */
const MOST_PAYMENTS_PER_SECOND = 2_000;
/** A payment that waits for longer looks lost to whoever made it. */
const MOST_RELAY_WINDOW_SECONDS = 60;
/** Leaves room for the prefix, account and region of the longest name within its AWS limit (bucket: 63). */
const SUFFIX = /^[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/;
const REGION = /^[a-z]{2}(-[a-z]+){1,2}-\d$/;
const MONITOR_ARN = /^arn:aws[a-z-]*:ce::\d{12}:anomalymonitor\/[0-9a-f-]+$/;
const CERTIFICATE_ARN = /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[0-9a-f-]+$/;
const DOMAIN = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;
const EMAIL = /^[^\s@<>"']+@[^\s@<>"']+\.[^\s@<>"']+$/;

/** Where CloudFront has whatever has to be in a region. */
const CLOUDFRONT_REGION = 'us-east-1';

interface Key<T> {
  /** What to give, for a person. */
  readonly accepts: string;
  /** `undefined` if the text cannot be taken. */
  parse(text: string): T | undefined;
  /** Null: required. */
  readonly fallback: ((profile: Settings['profile']) => T) | null;
}

function oneOf<const T extends string>(
  values: readonly T[],
  fallback?: (profile: 'dev' | 'prod') => T,
): Key<T> {
  return {
    accepts: values.join(', '),
    parse: (text) => values.find((value) => value === text),
    fallback: fallback ?? (() => values[0] as T),
  };
}

function matching(pattern: RegExp, accepts: string): Key<string | null> {
  return { accepts, parse: (text) => (pattern.test(text) ? text : undefined), fallback: () => null };
}

function whole(least: number, most: number, text: string): number | undefined {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  return value >= least && value <= most ? value : undefined;
}

/** Every context key with what it takes and its default, in the order in which the documents list them. */
const KEYS: { readonly [K in keyof Settings]: Key<Settings[K]> } = {
  environmentSuffix: {
    accepts: '1 to 15 of a-z 0-9 and -, no dash at either end, such as dev123',
    parse: (text) => (SUFFIX.test(text) ? text : undefined),
    fallback: null,
  },
  profile: oneOf(['dev', 'prod']),
  region: {
    accepts: 'an AWS region, such as us-east-1',
    parse: (text) => (REGION.test(text) ? text : undefined),
    fallback: () => 'us-east-1',
  },
  connector: oneOf(['simulator']),
  allowSimulator: {
    accepts: 'true, false',
    parse: (text) => (text === 'true' ? true : text === 'false' ? false : undefined),
    fallback: () => false,
  },
  workers: oneOf(['both', 'lambda', 'fleet']),
  nat: oneOf(['instance', 'gateway'], (profile) => (profile === 'dev' ? 'instance' : 'gateway')),
  edge: oneOf(['rest', 'cloudfront']),
  reservedConcurrency: oneOf(['on', 'off']),
  configRecorder: oneOf(['create', 'existing', 'off']),
  apiGatewayAccount: oneOf(['create', 'existing', 'off']),
  costAnomalyMonitor: {
    accepts: 'create, existing, off, or the ARN of an anomaly monitor',
    parse: (text) =>
      ['create', 'existing', 'off'].includes(text) || MONITOR_ARN.test(text) ? text : undefined,
    fallback: () => 'create',
  },
  guardDuty: oneOf(['off', 'create', 'existing']),
  shieldAdvanced: oneOf(['off', 'on']),
  monthlyBudgetUsd: {
    accepts: 'a whole number of US dollars from 1 to 10000000',
    parse: (text) => whole(1, 10_000_000, text),
    fallback: () => 200,
  },
  alertEmail: matching(EMAIL, 'an e-mail address'),
  hotRetentionDays: {
    accepts: `off, or a whole number of days from ${LEAST_RETENTION_DAYS} to ${MOST_RETENTION_DAYS}`,
    parse: (text) => (text === 'off' ? null : whole(LEAST_RETENTION_DAYS, MOST_RETENTION_DAYS, text)),
    fallback: () => null,
  },
  tableClass: oneOf(['STANDARD', 'STANDARD_INFREQUENT_ACCESS']),
  provisionedPaymentsPerSecond: {
    accepts: `off, or a whole number of payments a second from 1 to ${MOST_PAYMENTS_PER_SECOND}`,
    parse: (text) => (text === 'off' ? null : whole(1, MOST_PAYMENTS_PER_SECOND, text)),
    fallback: () => null,
  },
  relayWindowSeconds: {
    accepts: `a whole number of seconds from 0 to ${MOST_RELAY_WINDOW_SECONDS}`,
    parse: (text) => whole(0, MOST_RELAY_WINDOW_SECONDS, text),
    fallback: () => 1,
  },
  domainName: matching(DOMAIN, 'a domain name in lower case, such as pay.example.com'),
  certificateArn: matching(CERTIFICATE_ARN, 'the ARN of a certificate of ACM'),
};

export const CONTEXT_KEYS = Object.keys(KEYS) as readonly (keyof Settings)[];

/** What the CDK itself puts into the context: feature flags, look-ups, its own settings. */
const CDK_CONTEXT = /^(@aws-cdk|aws:|aws-cdk:|cdk:|availability-zones:|ami:|vpc-provider:|hosted-zone:|ssm:)/;

/**
 * Reads and checks the whole context, once.
 * @param context as given by `-c key=value` and cdk.json; values that are not text are taken by their JSON form
 * @throws SettingsError that names every problem, not only the first
 */
export function parseContext(context: Readonly<Record<string, unknown>>): Settings {
  const problems: string[] = [];
  const given = (key: string): string | undefined => {
    const value = context[key];
    if (value === undefined || value === null || value === '') return undefined;
    return typeof value === 'string' ? value : JSON.stringify(value);
  };
  for (const key of Object.keys(context)) {
    if (CDK_CONTEXT.test(key) || (CONTEXT_KEYS as readonly string[]).includes(key)) continue;
    problems.push(`-c ${key} is not known. Known are: ${CONTEXT_KEYS.join(', ')}.`);
  }
  const profileGiven = given('profile');
  const profile = profileGiven === 'prod' ? 'prod' : 'dev';
  const values: Record<string, unknown> = {};
  for (const name of CONTEXT_KEYS) {
    const key: Key<unknown> = KEYS[name];
    const text = given(name);
    if (text !== undefined) {
      const value = key.parse(text);
      if (value === undefined) problems.push(`-c ${name}=${text} cannot be used. Give ${key.accepts}.`);
      values[name] = value;
    } else if (key.fallback) values[name] = key.fallback(profile);
    else problems.push(`-c ${name} is missing. Give ${key.accepts}.`);
  }
  if (problems.length > 0) throw new SettingsError(problems.join('\n'));
  return checkSettings(values as unknown as Settings);
}

/** What a construct is given where its props say nothing; the suffix has no default. */
export function defaultSettings(profile: Settings['profile']): Omit<Settings, 'environmentSuffix'> {
  const defaults = CONTEXT_KEYS.flatMap((name) => {
    const { fallback } = KEYS[name];
    return fallback ? [[name, fallback(profile)] as const] : [];
  });
  return Object.fromEntries(defaults) as unknown as Omit<Settings, 'environmentSuffix'>;
}

/** @throws SettingsError if the settings, each of which is good, contradict each other */
export function checkSettings(settings: Settings): Settings {
  const problems = contradictions(settings);
  if (problems.length > 0) throw new SettingsError(problems.join('\n'));
  return settings;
}

/** What each value allows and the whole does not. */
function contradictions(settings: Settings): string[] {
  const { profile, connector, allowSimulator, shieldAdvanced, edge, domainName, certificateArn, region } =
    settings;
  const problems: string[] = [];
  if (profile === 'prod' && connector === 'simulator' && !allowSimulator) {
    problems.push(
      '-c profile=prod with -c connector=simulator takes no real payments. For a load test or a review say -c allowSimulator=true too.',
    );
  }
  if (shieldAdvanced === 'on' && edge === 'rest') {
    problems.push(
      '-c shieldAdvanced=on protects nothing with -c edge=rest: Shield Advanced covers no REST API. Leave it off.',
    );
  }
  if (edge === 'cloudfront' && region !== CLOUDFRONT_REGION) {
    problems.push(
      `-c edge=cloudfront cannot be deployed to ${region}: the firewall and certificates of CloudFront are in ` +
        `${CLOUDFRONT_REGION} alone. Use -c region=${CLOUDFRONT_REGION}, or -c edge=rest.`,
    );
  }
  // By the address and the certificate of CloudFront itself clients may use TLS 1.0, which nobody can forbid.
  if (edge === 'cloudfront' && profile === 'prod' && domainName === null && !allowSimulator) {
    problems.push(
      '-c edge=cloudfront with -c profile=prod needs a domain: on its own address CloudFront takes TLS 1.0 too. ' +
        'Give -c domainName and -c certificateArn.',
    );
  }
  if ((domainName === null) !== (certificateArn === null)) {
    problems.push('-c domainName and -c certificateArn belong together. Give both, or neither.');
  }
  if (certificateArn !== null && certificateArn.split(':')[3] !== region) {
    problems.push(
      `-c certificateArn=${certificateArn} is not in ${region}. Give a certificate of the stack's own region.`,
    );
  }
  return problems;
}
