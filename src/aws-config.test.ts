import { describe, expect, it } from 'vitest';
import { AWS_SETTINGS, parseAwsConfig, required } from './aws-config.ts';
import { ConfigError } from './config.ts';

/** What the parser says of an environment that it refuses. */
function complaint(environment: Record<string, string>): string {
  try {
    parseAwsConfig(environment);
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return (error as ConfigError).message;
  }
  throw new Error('fixture: it was taken');
}

describe('the configuration on AWS', () => {
  it('has the settings of the service too, and a development profile by default', () => {
    const config = parseAwsConfig({ TABLE_NAME: 'payments-dev', MAX_BACKLOG: '5000' });
    expect(config).toMatchObject({
      TABLE_NAME: 'payments-dev',
      SIMULATOR_TABLE_NAME: '',
      MAX_BACKLOG: 5_000,
      PROFILE: 'dev',
      CONNECTOR: 'simulator',
      ALLOW_SIMULATOR: false,
      HOT_RETENTION_DAYS: 0,
    });
  });

  it('takes an empty variable for one that is not set', () => {
    expect(parseAwsConfig({ PROFILE: '', ALLOW_SIMULATOR: '', HOT_RETENTION_DAYS: '' })).toMatchObject({
      PROFILE: 'dev',
      ALLOW_SIMULATOR: false,
      HOT_RETENTION_DAYS: 0,
    });
  });

  it('lets a flag go before the environment', () => {
    expect(parseAwsConfig({ TABLE_NAME: 'one' }, { TABLE_NAME: 'two' }).TABLE_NAME).toBe('two');
  });

  it.each([
    [{ PROFILE: 'prod' }],
    [{ PROFILE: 'prod', CONNECTOR: 'simulator' }],
    [{ PROFILE: 'prod', ALLOW_SIMULATOR: 'false' }],
  ])('does not start in production with the simulator: %j', (environment) => {
    expect(complaint(environment)).toMatch(/takes no real payments.*ALLOW_SIMULATOR=true/);
  });

  it('starts in production with the simulator where that is said', () => {
    expect(parseAwsConfig({ PROFILE: 'prod', ALLOW_SIMULATOR: 'true' })).toMatchObject({ PROFILE: 'prod' });
  });

  it.each([
    ['PROFILE', 'production', 'give dev or prod'],
    ['CONNECTOR', 'stripe', 'give simulator'],
    ['ALLOW_SIMULATOR', 'yes', 'give true or false'],
    ['ALLOW_SIMULATOR', '1', 'give true or false'],
    ['HOT_RETENTION_DAYS', '3651', 'give a whole number from 0 to 3650'],
    ['HOT_RETENTION_DAYS', '-1', 'give a whole number from 0 to 3650'],
    ['HOT_RETENTION_DAYS', '179', 'give 0, or at least 180'],
    ['HEALTH_PORT', '65536', 'give a whole number from 0 to 65535'],
    ['PUBLIC_URL', 'pay.example.com', 'give an http or https address'],
  ])('refuses %s="%s", and says what to give', (name, value, advice) => {
    expect(complaint({ [name]: value })).toContain(`${name} is "${value}": ${advice}`);
  });

  it.each(['0', '180', '3650'])('keeps settled payments for %s days', (days) => {
    expect(parseAwsConfig({ HOT_RETENTION_DAYS: days }).HOT_RETENTION_DAYS).toBe(Number(days));
  });

  it('tells all that is bad at once', () => {
    expect(complaint({ PROFILE: 'x', MAX_BACKLOG: '0', HOT_RETENTION_DAYS: '7' }).split('\n')).toHaveLength(
      3,
    );
  });
});

describe('a setting that names something', () => {
  it('is given when it is set', () => {
    expect(required(parseAwsConfig({ QUEUE_URL: 'https://queue' }), 'QUEUE_URL')).toBe('https://queue');
  });

  it('stops the start when it is not, and says what it is', () => {
    expect(() => required(parseAwsConfig({}), 'BUCKET_NAME')).toThrow(
      new ConfigError('BUCKET_NAME is not set. Give the bucket of the audit log.'),
    );
  });

  it('has a sentence that says what it is, each of them', () => {
    for (const { help } of Object.values(AWS_SETTINGS)) expect(help).not.toBe('');
  });
});
