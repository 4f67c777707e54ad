import * as z from 'zod';
import { isCurrency } from './domain/money.ts';

/** A whole number in a range, as text. */
export function whole(min: number, max: number) {
  return z
    .string()
    .regex(/^\d{1,15}$/, { error: `give a whole number from ${min} to ${max}` })
    .transform(Number)
    .refine((value) => value >= min && value <= max, { error: `give a whole number from ${min} to ${max}` });
}

/** Every setting: its environment variable, its default, and what it means. A flag is the name with dashes. */
export const SETTINGS = {
  HOST: { schema: z.string().min(1), default: '127.0.0.1', help: 'address to listen on' },
  PORT: { schema: whole(0, 65_535), default: '8080', help: 'port to listen on; 0 takes a free one' },
  STORE: {
    schema: z.enum(['sqlite', 'dynamodb'], { error: 'give sqlite or dynamodb' }),
    default: 'sqlite',
    help: 'where payments are kept: the data folder, or tables on AWS',
  },
  DATA_DIR: {
    schema: z.string().min(1),
    default: './data',
    help: 'folder of the database, the audit log and secrets',
  },
  PUBLIC_URL: {
    schema: z.union([z.literal(''), z.url({ protocol: /^https?$/, error: 'give an http or https address' })]),
    default: '',
    help: 'address by which customers reach this server, for challenge pages; default: where it listens',
  },
  DEFAULT_CURRENCY: {
    schema: z.string().toLowerCase().refine(isCurrency, { error: 'give an ISO 4217 code, such as usd' }),
    default: 'usd',
    help: 'currency of payments that name none',
  },
  HTTP_THREADS: {
    schema: z.union([z.literal('').transform(() => null), whole(0, 64)]),
    default: '',
    help: 'threads that talk HTTP; 0: none but the one that does all the rest; default: one for each core but one, at most 4',
  },
  RATE_LIMIT_PER_SECOND: {
    schema: whole(0, 1_000_000),
    default: '1000',
    help: 'requests per second and merchant in the long run; 0 turns the limit off',
  },
  RATE_LIMIT_BURST: { schema: whole(1, 1_000_000), default: '2000', help: 'requests at once and merchant' },
  MAX_BACKLOG: {
    schema: whole(1, 100_000_000),
    default: '100000',
    help: 'operations waiting before new payments are refused as overloaded',
  },
  MAX_BODY_BYTES: { schema: whole(256, 1_048_576), default: '8192', help: 'longest request body' },
  MAX_WAITERS: {
    schema: whole(0, 100_000),
    default: '1000',
    help: 'requests that may wait (Prefer: wait) at once',
  },
  MAX_CONNECTIONS: {
    schema: whole(1, 1_000_000),
    default: '5000',
    help: 'connections at once; more are closed as they come',
  },
  PSP_TIMEOUT_MS: { schema: whole(10, 120_000), default: '10000', help: 'how long a PSP may take to answer' },
  PSP_CONCURRENCY: { schema: whole(1, 10_000), default: '512', help: 'operations asked of PSPs at once' },
  SIMULATOR_LATENCY_MS: {
    schema: whole(0, 60_000),
    default: '0',
    help: 'how long the simulator takes to answer',
  },
  LOG_LEVEL: {
    schema: z.enum(['debug', 'info', 'warn', 'error', 'silent'], {
      error: 'give debug, info, warn, error or silent',
    }),
    default: 'info',
    help: 'least level that is logged, to standard error',
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof SETTINGS;

type Values = { readonly [K in SettingName]: z.output<(typeof SETTINGS)[K]['schema']> };

export type Config = Values;

/** A setting that cannot be used; its message names the setting, what was given, and what to give. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** `RATE_LIMIT_BURST` → `rate-limit-burst`. */
export function flagName(setting: string): string {
  return setting.toLowerCase().replaceAll('_', '-');
}

/**
 * Parses the environment, once; flags go before it.
 * @throws ConfigError for the bad values, all of them in one message
 */
export function parseConfig(
  environment: Record<string, string | undefined>,
  flags: Partial<Record<SettingName, string>> = {},
): Config {
  return parseSettings(SETTINGS, environment, flags) as Config;
}

/** One setting: how its text is read, what stands for it when it is not given, and what it means. */
export interface Setting {
  readonly schema: z.ZodType;
  readonly default: string;
  readonly help: string;
}

/** @throws ConfigError for the bad values, all of them in one message */
export function parseSettings(
  settings: Readonly<Record<string, Setting>>,
  environment: Record<string, string | undefined>,
  flags: Partial<Record<string, string>> = {},
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  const problems: string[] = [];
  for (const [name, setting] of Object.entries(settings)) {
    const flag = flags[name];
    const given = flag ?? (environment[name] || setting.default);
    const parsed = setting.schema.safeParse(given);
    if (parsed.success) values[name] = parsed.data;
    else {
      const where = flag === undefined ? name : `--${flagName(name)}`;
      problems.push(`${where} is "${given}": ${parsed.error.issues[0]?.message}.`);
    }
  }
  if (problems.length > 0) throw new ConfigError(problems.join('\n'));
  return values;
}
