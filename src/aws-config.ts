import * as z from 'zod';
import { type Config, ConfigError, parseSettings, SETTINGS, type Setting, whole } from './config.ts';

const text = z.string();
const flag = z
  .enum(['true', 'false'], { error: 'give true or false' })
  .transform((given) => given === 'true');

/** With a payment go its refunds and what makes its request safe to repeat. */
const LEAST_RETENTION_DAYS = 180;

/** Where the parts of a deployment on AWS are. The stack sets all of these for its functions and its fleet. */
export const AWS_SETTINGS = {
  TABLE_NAME: { schema: text, default: '', help: 'table of payments and API keys' },
  CONTROL_TABLE_NAME: { schema: text, default: '', help: 'table of dead letters and the audit log’s head' },
  SIMULATOR_TABLE_NAME: { schema: text, default: '', help: 'table of the simulator; empty: there is none' },
  QUEUE_URL: { schema: text, default: '', help: 'work queue' },
  DLQ_URL: { schema: text, default: '', help: 'its dead-letter queue' },
  BUCKET_NAME: { schema: text, default: '', help: 'bucket of the audit log' },
  FAILED_EVENTS_BUCKET: { schema: text, default: '', help: 'bucket of stream batches that were given up' },
  SECRET_ID: { schema: text, default: '', help: 'secret that signs list cursors' },
  DEPLOYMENT: { schema: text, default: '', help: 'suffix of the deployment, for metrics' },
  PROFILE: {
    schema: z.enum(['dev', 'prod'], { error: 'give dev or prod' }),
    default: 'dev',
    help: 'dev or prod; prod does not start with the simulator',
  },
  CONNECTOR: {
    schema: z.enum(['simulator'], { error: 'give simulator' }),
    default: 'simulator',
    help: 'the PSP',
  },
  ALLOW_SIMULATOR: { schema: flag, default: 'false', help: 'lets prod run with the simulator' },
  HOT_RETENTION_DAYS: {
    schema: whole(0, 3_650).refine((days) => days === 0 || days >= LEAST_RETENTION_DAYS, {
      error: `give 0, or at least ${LEAST_RETENTION_DAYS}: refunds and disputes reach that far`,
    }),
    default: '0',
    help: 'days after which settled payments leave the table; 0: never',
  },
  HEALTH_PORT: { schema: whole(0, 65_535), default: '8081', help: 'port of the worker’s health check' },
} as const satisfies Record<string, Setting>;

type AwsName = keyof typeof AWS_SETTINGS;
/** Settings that name something which must exist. */
type PlaceName = {
  [K in AwsName]: z.output<(typeof AWS_SETTINGS)[K]['schema']> extends string
    ? (typeof AWS_SETTINGS)[K]['default'] extends ''
      ? K
      : never
    : never;
}[AwsName];

export type AwsConfig = Config & { readonly [K in AwsName]: z.output<(typeof AWS_SETTINGS)[K]['schema']> };

/**
 * Parses the environment of a process that works against AWS.
 * @throws ConfigError for bad values, and for a production deployment that would take no real payment
 */
export function parseAwsConfig(
  environment: Record<string, string | undefined>,
  flags: Partial<Record<string, string>> = {},
): AwsConfig {
  const config = parseSettings({ ...SETTINGS, ...AWS_SETTINGS }, environment, flags) as AwsConfig;
  if (config.PROFILE === 'prod' && config.CONNECTOR === 'simulator' && !config.ALLOW_SIMULATOR) {
    throw new ConfigError(
      'PROFILE is "prod" and CONNECTOR is "simulator", which takes no real payments. ' +
        'For a load test or a review set ALLOW_SIMULATOR=true.',
    );
  }
  return config;
}

/** @throws ConfigError if it is not set: then the process must not start, and no payment fails later */
export function required(config: AwsConfig, name: PlaceName): string {
  const value = config[name];
  if (value === '') throw new ConfigError(`${name} is not set. Give the ${AWS_SETTINGS[name].help}.`);
  return value;
}
