import { SHAPES } from '../constructs/payment-functions.ts';
import { createNames } from '../names.ts';
import type { Settings } from '../settings.ts';
import type { AccountFacts, Found, Usage } from './account-facts.ts';

/** The settings whose right value depends on what the account has already. */
export type Decided =
  | 'configRecorder'
  | 'apiGatewayAccount'
  | 'costAnomalyMonitor'
  | 'guardDuty'
  | 'reservedConcurrency';

export interface Advice {
  /** What to give; null: it could not be found out. */
  readonly value: string | null;
  readonly because: string;
}

export interface Check {
  readonly about: string;
  /** `stop`: a deployment would fail; `unknown`: it could not be found out. */
  readonly verdict: 'ok' | 'stop' | 'unknown';
  readonly says: string;
}

export interface Preflight {
  readonly advice: Readonly<Record<Decided, Advice>>;
  readonly checks: readonly Check[];
}

/** What the functions reserve together. */
export const RESERVED_EXECUTIONS = Object.values(SHAPES).reduce(
  (sum, { concurrency }) => sum + concurrency,
  0,
);

/** Behind CloudFront there is no authorizer. */
function reserved({ edge }: Settings): number {
  return edge === 'cloudfront' ? RESERVED_EXECUTIONS - SHAPES.authorizer.concurrency : RESERVED_EXECUTIONS;
}

/** Lambda refuses a reservation that leaves less than this for all functions that reserve nothing. */
export const LEAST_UNRESERVED = 100;

/** What the CDK's own templates ask for. */
const LEAST_BOOTSTRAP = 6;

/** What a deployment of this suffix should be given in this account, and what stands in its way. */
export function advise(facts: AccountFacts, settings: Settings): Preflight {
  return {
    advice: {
      configRecorder: recorder(facts, settings),
      apiGatewayAccount: apiGatewayAccount(facts, settings),
      costAnomalyMonitor: anomalyMonitor(facts, settings),
      guardDuty: guardDuty(facts, settings),
      reservedConcurrency: reservedConcurrency(facts, settings),
    },
    checks: [
      bootstrap(facts),
      leftovers(facts, settings),
      room('Elastic IPs', facts.elasticIps, facts.deployed),
      room('VPCs', facts.vpcs, facts.deployed),
    ],
  };
}

function from<T>(found: Found<T>, decide: (value: T) => Advice): Advice {
  return found.known ? decide(found.value) : { value: null, because: found.why };
}

/**
 * What this deployment made itself stays `create`: with `existing` the next deployment would take it away, as something
 * that is no longer in the template.
 */
function recorder({ recorders, deliveryChannels }: AccountFacts, settings: Settings): Advice {
  const own = createNames(settings).of('payment-config');
  return from(recorders, (names) => {
    if (names.includes(own)) return { value: 'create', because: 'its recorder is of this deployment' };
    if (names.length > 0) return { value: 'existing', because: `there is a recorder: ${names.join(', ')}` };
    return from(deliveryChannels, (channels) =>
      channels.length === 0
        ? { value: 'create', because: 'there is no recorder' }
        : {
            value: 'off',
            because:
              `there is no recorder, but a delivery channel (${channels.join(', ')}), of which a region has one. ` +
              'Delete it to use create',
          },
    );
  });
}

function apiGatewayAccount({ apiGatewayRole }: AccountFacts, settings: Settings): Advice {
  if (settings.edge === 'cloudfront')
    return { value: settings.apiGatewayAccount, because: 'has no effect here: there is no API Gateway' };
  const own = `:role/payment-${settings.environmentSuffix}-ProcessingApi`;
  return from(apiGatewayRole, (role) => {
    if (role === null) return { value: 'create', because: 'no role is set' };
    return role.includes(own)
      ? { value: 'create', because: 'its role is of this deployment' }
      : { value: 'existing', because: `a role is set: ${role}` };
  });
}

function anomalyMonitor({ anomalyMonitors }: AccountFacts, settings: Settings): Advice {
  if (anomalyMonitors === null)
    return { value: 'create', because: 'has no effect here: cost parts are made in us-east-1 only' };
  const own = createNames(settings).accountWide('payment-services');
  return from(anomalyMonitors, (monitors) => {
    const [first] = monitors;
    if (!first) return { value: 'create', because: 'there is no monitor of all services' };
    return monitors.some(({ name }) => name === own)
      ? { value: 'create', because: 'its monitor is of this deployment' }
      : { value: first.arn, because: `there is a monitor of all services: ${first.name}` };
  });
}

function guardDuty({ detectors }: AccountFacts, { environmentSuffix, profile }: Settings): Advice {
  const own = ['dev', 'prod'].map((name) => `${name}-${environmentSuffix}`);
  return from(detectors, (environments) => {
    if (environments.length === 0) {
      return profile === 'prod'
        ? { value: 'create', because: 'there is no detector; off saves its cost' }
        : { value: 'off', because: 'there is no detector; create makes one' };
    }
    return environments.some((environment) => environment !== null && own.includes(environment))
      ? { value: 'create', because: 'its detector is of this deployment' }
      : { value: 'existing', because: 'there is a detector' };
  });
}

function reservedConcurrency({ concurrency }: AccountFacts, settings: Settings): Advice {
  const wanted = reserved(settings);
  return from(concurrency, ({ limit, unreserved, ownReserved }) => {
    const spare = Math.max(0, unreserved + ownReserved - LEAST_UNRESERVED);
    const figures = `${wanted} are to be reserved, ${spare} of the account's ${limit} are spare`;
    return spare >= wanted
      ? { value: 'on', because: figures }
      : {
          value: 'off',
          because: `${figures}. To reserve, raise "Concurrent executions" of Lambda in Service Quotas`,
        };
  });
}

function check<T>(about: string, found: Found<T>, judge: (value: T) => Omit<Check, 'about'>): Check {
  return found.known ? { about, ...judge(found.value) } : { about, verdict: 'unknown', says: found.why };
}

function bootstrap({ bootstrapVersion, account, region }: AccountFacts): Check {
  return check('CDK bootstrap', bootstrapVersion, (version) => {
    if (version !== null && version >= LEAST_BOOTSTRAP) return { verdict: 'ok', says: `version ${version}` };
    const what = version === null ? 'there is none' : `version ${version} is older than ${LEAST_BOOTSTRAP}`;
    return { verdict: 'stop', says: `${what}. Run: npx cdk bootstrap aws://${account}/${region}` };
  });
}

function leftovers({ deployed, paymentsTable }: AccountFacts, settings: Settings): Check {
  const about = `Suffix ${settings.environmentSuffix}`;
  return check(about, deployed, (isDeployed) => {
    if (isDeployed) return { verdict: 'ok', says: 'is deployed: this is an upgrade' };
    if (!paymentsTable.known) return { verdict: 'unknown', says: paymentsTable.why };
    return paymentsTable.value
      ? {
          verdict: 'stop',
          says:
            `is not deployed, but its table ${createNames(settings).of('payments')} is there: left by a prod ` +
            'deployment. Take another suffix, or remove what it left (docs/deploy.md, "Teardown")',
        }
      : { verdict: 'ok', says: 'is free' };
  });
}

/** A first deployment takes one; an upgrade has it. */
function room(about: string, found: Found<Usage>, deployed: Found<boolean>): Check {
  return check(about, found, ({ inUse, quota, quotaIsDefault = false }) => {
    const has = `${inUse} are in use, ${quota} ${quotaIsDefault ? 'is the default quota' : 'is the quota'}`;
    const needed = deployed.known && deployed.value ? 0 : 1;
    if (inUse + needed <= quota) return { verdict: 'ok', says: has };
    return quotaIsDefault
      ? {
          verdict: 'unknown',
          says: `${has}, and one more is needed. See in Service Quotas whether yours is higher`,
        }
      : { verdict: 'stop', says: `${has}, and one more is needed. Raise the quota in Service Quotas` };
  });
}
