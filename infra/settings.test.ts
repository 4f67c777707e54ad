import { describe, expect, it } from 'vitest';
import { CONTEXT_KEYS, parseContext, SettingsError } from './settings.ts';
import { cdkContext } from './stack.fixture.ts';

function parsed(context: Record<string, unknown> = {}) {
  return parseContext({ environmentSuffix: 'dev123', ...context });
}

function problem(context: Record<string, unknown>): string {
  try {
    parseContext(context);
  } catch (error) {
    if (error instanceof SettingsError) return error.message;
    throw error;
  }
  return 'none';
}

describe('with no more than the suffix', () => {
  it('the cheapest stack is deployed into a fresh account', () => {
    expect(parsed()).toEqual({
      environmentSuffix: 'dev123',
      profile: 'dev',
      region: 'us-east-1',
      connector: 'simulator',
      allowSimulator: false,
      workers: 'both',
      nat: 'instance',
      edge: 'rest',
      reservedConcurrency: 'on',
      configRecorder: 'create',
      apiGatewayAccount: 'create',
      costAnomalyMonitor: 'create',
      guardDuty: 'off',
      shieldAdvanced: 'off',
      monthlyBudgetUsd: 200,
      alertEmail: null,
      hotRetentionDays: null,
      tableClass: 'STANDARD',
      provisionedPaymentsPerSecond: null,
      relayWindowSeconds: 1,
      domainName: null,
      certificateArn: null,
    });
  });

  it('prod gets the gateway for its NAT', () => {
    expect(parsed({ profile: 'prod', allowSimulator: 'true' }).nat).toBe('gateway');
    expect(parsed({ profile: 'prod', allowSimulator: 'true', nat: 'instance' }).nat).toBe('instance');
  });
});

describe('what is given', () => {
  it.each([
    ['region', 'eu-central-1', 'eu-central-1'],
    ['region', 'us-gov-west-1', 'us-gov-west-1'],
    ['allowSimulator', true, true],
    ['allowSimulator', 'true', true],
    ['monthlyBudgetUsd', '350', 350],
    ['monthlyBudgetUsd', 350, 350],
    ['alertEmail', 'ops@example.com', 'ops@example.com'],
    ['hotRetentionDays', '180', 180],
    ['hotRetentionDays', 'off', null],
    ['tableClass', 'STANDARD_INFREQUENT_ACCESS', 'STANDARD_INFREQUENT_ACCESS'],
    ['provisionedPaymentsPerSecond', 'off', null],
    ['provisionedPaymentsPerSecond', '1', 1],
    ['provisionedPaymentsPerSecond', 2_000, 2_000],
    ['relayWindowSeconds', '0', 0],
    ['relayWindowSeconds', 60, 60],
    ['costAnomalyMonitor', monitor(), monitor()],
    ['guardDuty', 'existing', 'existing'],
    ['edge', 'cloudfront', 'cloudfront'],
  ])('is taken: %s=%s', (key, value, expected) => {
    expect(parsed({ [key]: value })).toHaveProperty(key, expected);
  });

  it.each(['a', 'dev123', 'a-b', 'abcdefghijklmno'])('is taken as a suffix: %s', (environmentSuffix) => {
    expect(parsed({ environmentSuffix }).environmentSuffix).toBe(environmentSuffix);
  });

  it.each(['-a', 'a-', 'Dev', 'a_b', 'a.b', 'abcdefghijklmnop', 'ä'])(
    'is refused as a suffix: %s',
    (suffix) => {
      expect(problem({ environmentSuffix: suffix })).toContain(
        `-c environmentSuffix=${suffix} cannot be used. Give`,
      );
    },
  );

  it.each([
    ['profile', 'production'],
    ['region', 'europe'],
    ['connector', 'stripe'],
    ['allowSimulator', 'yes'],
    ['workers', 'none'],
    ['nat', 'none'],
    ['edge', 'alb'],
    ['reservedConcurrency', 'true'],
    ['configRecorder', 'on'],
    ['apiGatewayAccount', 'on'],
    ['costAnomalyMonitor', 'arn:aws:ce::1:anomalymonitor/x'],
    ['guardDuty', 'on'],
    ['shieldAdvanced', 'yes'],
    ['monthlyBudgetUsd', '0'],
    ['monthlyBudgetUsd', '12.5'],
    ['alertEmail', 'ops'],
    ['hotRetentionDays', '179'],
    ['hotRetentionDays', '90'],
    ['tableClass', 'standard'],
    ['provisionedPaymentsPerSecond', '0'],
    ['provisionedPaymentsPerSecond', '2001'],
    ['provisionedPaymentsPerSecond', 'on'],
    ['relayWindowSeconds', '61'],
    ['relayWindowSeconds', '-1'],
    ['relayWindowSeconds', '0.5'],
    ['domainName', 'Pay.example.com'],
    ['certificateArn', 'arn:aws:iam::123456789012:server-certificate/x'],
  ])('is refused with what to give instead: %s=%s', (key, value) => {
    expect(problem({ environmentSuffix: 'dev123', [key]: value })).toContain(
      `-c ${key}=${value} cannot be used. Give `,
    );
  });

  it('is refused if its key is unknown, and the known ones are listed', () => {
    const message = problem({ environmentSuffix: 'dev123', enviromentSuffix: 'dev' });
    expect(message).toContain('-c enviromentSuffix is not known.');
    for (const key of CONTEXT_KEYS) expect(message).toContain(key);
  });

  it('may stand beside the context of the CDK itself', () => {
    expect(parsed({ ...cdkContext, 'aws:cdk:bundling-stacks': ['**'] }).profile).toBe('dev');
  });

  it('is refused with all that is wrong at once', () => {
    expect(problem({ profile: 'test', nat: 'none' }).split('\n')).toEqual([
      expect.stringContaining('environmentSuffix is missing'),
      expect.stringContaining('profile=test'),
      expect.stringContaining('nat=none'),
    ]);
  });
});

describe('what contradicts itself', () => {
  const suffix = { environmentSuffix: 'dev123' };

  it('is prod with the simulator, unless that is meant', () => {
    expect(problem({ ...suffix, profile: 'prod' })).toContain('-c allowSimulator=true');
    expect(problem({ ...suffix, profile: 'prod', allowSimulator: 'true' })).toBe('none');
  });

  it('is Shield Advanced before a REST API, which it does not cover', () => {
    expect(problem({ ...suffix, shieldAdvanced: 'on' })).toContain('Shield Advanced covers no REST API');
  });

  it('is CloudFront in another region than the one where its firewall is', () => {
    const abroad = problem({ ...suffix, edge: 'cloudfront', region: 'eu-west-1' });
    expect(abroad).toContain('-c edge=cloudfront cannot be deployed to eu-west-1');
    expect(abroad).toContain('-c region=us-east-1');
    expect(problem({ ...suffix, edge: 'cloudfront' })).toBe('none');
  });

  it('is production at CloudFront’s own address, where TLS 1.0 is taken, unless it takes no real payments', () => {
    const prod = { ...suffix, edge: 'cloudfront', profile: 'prod' };
    expect(problem(prod)).toContain('-c edge=cloudfront with -c profile=prod needs a domain');
    expect(problem({ ...prod, allowSimulator: 'true' })).toBe('none');
  });

  it('is not Shield Advanced before CloudFront', () => {
    expect(problem({ ...suffix, shieldAdvanced: 'on', edge: 'cloudfront' })).toBe('none');
  });

  it('is a domain without its certificate, or one of another region', () => {
    const certificateArn = 'arn:aws:acm:eu-west-1:123456789012:certificate/0a1b2c3d';
    const domainName = 'pay.example.com';
    expect(problem({ ...suffix, domainName })).toContain('belong together');
    expect(problem({ ...suffix, certificateArn })).toContain('belong together');
    expect(problem({ ...suffix, certificateArn, domainName })).toContain('is not in us-east-1');
    expect(problem({ ...suffix, certificateArn, domainName, region: 'eu-west-1' })).toBe('none');
  });
});

function monitor(): string {
  return 'arn:aws:ce::123456789012:anomalymonitor/01234567-89ab-cdef-0123-456789abcdef';
}
