import { describe, expect, it } from 'vitest';
import { parseContext } from '../settings.ts';
import { advise, RESERVED_EXECUTIONS } from './advise.ts';
import { freshAccount, known } from './preflight.fixture.ts';

const dev = parseContext({ environmentSuffix: 'dev123' });
const prod = parseContext({ environmentSuffix: 'dev123', profile: 'prod', allowSimulator: 'true' });

function values(over: Parameters<typeof freshAccount>[0], settings = dev) {
  const { advice } = advise(freshAccount(over), settings);
  return Object.fromEntries(Object.entries(advice).map(([name, { value }]) => [name, value]));
}

function verdicts(over: Parameters<typeof freshAccount>[0]) {
  const { checks } = advise(freshAccount(over), dev);
  return checks.filter(({ verdict }) => verdict !== 'ok').map(({ about, verdict }) => [about, verdict]);
}

describe('the advice', () => {
  it('is the defaults in a fresh account, which nothing stands in the way of', () => {
    expect(values({})).toEqual({
      configRecorder: 'create',
      apiGatewayAccount: 'create',
      costAnomalyMonitor: 'create',
      guardDuty: 'off',
      reservedConcurrency: 'on',
    });
    expect(verdicts({})).toEqual([]);
  });

  it('is to use what another has made, of which an account has one', () => {
    const arn = 'arn:aws:ce::123456789012:anomalymonitor/1234abcd-0000';
    const over = {
      recorders: known(['default']),
      apiGatewayRole: known('arn:aws:iam::123456789012:role/payment-other-ProcessingApiAccountRole-X'),
      anomalyMonitors: known([{ name: 'Default-Services-Monitor', arn }]),
      detectors: known([null]),
    };
    expect(values(over)).toMatchObject({
      configRecorder: 'existing',
      apiGatewayAccount: 'existing',
      costAnomalyMonitor: arn,
      guardDuty: 'existing',
    });
  });

  it('stays create for what this deployment has made, or an upgrade would take it away', () => {
    const over = {
      deployed: known(true),
      recorders: known(['payment-config-dev123']),
      apiGatewayRole: known('arn:aws:iam::123456789012:role/payment-dev123-ProcessingApiAccountRole-X'),
      anomalyMonitors: known([{ name: 'payment-services-us-east-1-dev123', arn: 'arn:of-it' }]),
      detectors: known(['dev-dev123']),
    };
    expect(values(over)).toMatchObject({
      configRecorder: 'create',
      apiGatewayAccount: 'create',
      costAnomalyMonitor: 'create',
      guardDuty: 'create',
    });
  });

  it('does not take for its own what a deployment with a longer suffix has made', () => {
    const role = 'arn:aws:iam::123456789012:role/payment-dev123-b-ProcessingApiAccountRole-X';
    expect(values({ apiGatewayRole: known(role) })).toMatchObject({ apiGatewayAccount: 'existing' });
  });

  it('leaves what API Gateway needs as it is where there is none', () => {
    const role = known('arn:aws:iam::123456789012:role/payment-other-ProcessingApiAccountRole-X');
    const settings = parseContext({
      environmentSuffix: 'dev123',
      edge: 'cloudfront',
      apiGatewayAccount: 'off',
    });
    expect(values({ apiGatewayRole: role }, settings)).toMatchObject({ apiGatewayAccount: 'off' });
  });

  it('reserves nothing for an authorizer behind CloudFront, which has none', () => {
    const concurrency = known({ limit: 1_000, unreserved: RESERVED_EXECUTIONS + 80, ownReserved: 0 });
    const settings = parseContext({ environmentSuffix: 'dev123', edge: 'cloudfront' });
    expect(values({ concurrency }, settings)).toMatchObject({ reservedConcurrency: 'on' });
    expect(values({ concurrency })).toMatchObject({ reservedConcurrency: 'off' });
  });

  it('wants a detector in prod', () => {
    expect(values({}, prod)).toMatchObject({ guardDuty: 'create' });
  });

  it('makes no recorder where its delivery channel would be refused', () => {
    expect(values({ deliveryChannels: known(['default']) })).toMatchObject({ configRecorder: 'off' });
  });

  it('says that there is no value where one could not be found out', () => {
    const denied = { known: false, why: 'AccessDenied' } as const;
    const { advice } = advise(freshAccount({ recorders: denied }), dev);
    expect(advice.configRecorder).toEqual({ value: null, because: 'AccessDenied' });
  });

  it.each([
    [
      'on',
      'exactly enough is spare',
      { limit: 1_000, unreserved: RESERVED_EXECUTIONS + 100, ownReserved: 0 },
    ],
    ['off', 'one is missing', { limit: 1_000, unreserved: RESERVED_EXECUTIONS + 99, ownReserved: 0 }],
    ['off', 'the account is new', { limit: 10, unreserved: 10, ownReserved: 0 }],
    ['on', 'it has reserved them already', { limit: 232, unreserved: 100, ownReserved: RESERVED_EXECUTIONS }],
  ])('reserves executions: %s, where %s', (value, _where, concurrency) => {
    expect(values({ concurrency: known(concurrency) })).toMatchObject({ reservedConcurrency: value });
  });
});

describe('the checks', () => {
  it.each([null, 5])('stop where the bootstrap stack is missing or old: version %s', (version) => {
    expect(verdicts({ bootstrapVersion: known(version) })).toEqual([['CDK bootstrap', 'stop']]);
  });

  it('stop where prod left a table of this suffix', () => {
    expect(verdicts({ paymentsTable: known(true) })).toEqual([['Suffix dev123', 'stop']]);
  });

  it('let an upgrade pass, whose table and address are its own', () => {
    const full = known({ inUse: 5, quota: 5 });
    expect(
      verdicts({ deployed: known(true), paymentsTable: known(true), elasticIps: full, vpcs: full }),
    ).toEqual([]);
  });

  it('stop where a quota has no room for one more', () => {
    const full = known({ inUse: 5, quota: 5 });
    expect(verdicts({ elasticIps: full, vpcs: full })).toEqual([
      ['Elastic IPs', 'stop'],
      ['VPCs', 'stop'],
    ]);
  });

  it('leave it open where only the default of a full quota is known', () => {
    const vpcs = known({ inUse: 5, quota: 5, quotaIsDefault: true });
    expect(verdicts({ vpcs })).toEqual([['VPCs', 'unknown']]);
  });

  it('say what could not be found out', () => {
    expect(verdicts({ vpcs: { known: false, why: 'AccessDenied' } })).toEqual([['VPCs', 'unknown']]);
  });
});
