import {
  GetParametersByPathCommand,
  type GetParametersByPathCommandOutput,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { type AwsConfig, parseAwsConfig } from '../aws-config.ts';
import { ConfigError } from '../config.ts';
import { UnavailableError } from '../ports/faults.ts';

/** The stack's parameters under `/payment/<suffix>/`, by the settings that they stand for. */
const PARAMETERS: Readonly<Record<string, string>> = {
  'table-name': 'TABLE_NAME',
  'control-table-name': 'CONTROL_TABLE_NAME',
  'simulator-table-name': 'SIMULATOR_TABLE_NAME',
  'queue-url': 'QUEUE_URL',
  'dlq-url': 'DLQ_URL',
  'bucket-name': 'BUCKET_NAME',
  'failed-events-bucket': 'FAILED_EVENTS_BUCKET',
  'secret-id': 'SECRET_ID',
  'api-url': 'PUBLIC_URL',
  profile: 'PROFILE',
  'allow-simulator': 'ALLOW_SIMULATOR',
  'hot-retention-days': 'HOT_RETENTION_DAYS',
};

const SUFFIX = /^[a-z0-9-]{1,15}$/;

/** As the other services are asked: what does not answer is not waited for. */
const BOUNDS = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 3_000, throwOnRequestTimeout: true },
};

/**
 * The configuration of a process that works on a deployment: found by the deployment's suffix, or given whole.
 * @throws ConfigError also if nothing says which deployment it is; UnavailableError
 */
export async function configOfDeployment(
  environment: Record<string, string | undefined>,
  flags: Partial<Record<string, string>>,
  suffix: string | undefined,
): Promise<AwsConfig> {
  const found = suffix === undefined ? {} : await settingsOfDeployment(suffix);
  const config = parseAwsConfig({ ...environment, ...found }, flags);
  if (config.TABLE_NAME === '') {
    throw new ConfigError(
      'Which deployment on AWS is not said: TABLE_NAME is not set. ' +
        'Give its suffix (--environment dev123), or the settings that its functions have.',
    );
  }
  return config;
}

/**
 * Where the parts of a deployment are, by its suffix alone.
 * @throws ConfigError if there is no such deployment in this account and region, UnavailableError
 */
export async function settingsOfDeployment(
  suffix: string,
  client: Pick<SSMClient, 'send'> = new SSMClient(BOUNDS),
): Promise<Record<string, string>> {
  if (!SUFFIX.test(suffix))
    throw new ConfigError(`--environment is "${suffix}". Give the suffix of a deployment, such as dev123.`);
  const settings: Record<string, string> = { DEPLOYMENT: suffix };
  let NextToken: string | undefined;
  do {
    const page = await readPage(client, suffix, NextToken);
    for (const { Name = '', Value = '' } of page.Parameters ?? []) {
      const setting = PARAMETERS[Name.split('/').at(-1) ?? ''];
      if (setting) settings[setting] = Value;
    }
    NextToken = page.NextToken;
  } while (NextToken);
  if (settings.TABLE_NAME === undefined) {
    throw new ConfigError(
      `There is no deployment "${suffix}" in this account and region. Check --environment, AWS_REGION and your credentials.`,
    );
  }
  return settings;
}

async function readPage(
  client: Pick<SSMClient, 'send'>,
  suffix: string,
  NextToken: string | undefined,
): Promise<GetParametersByPathCommandOutput> {
  try {
    return await client.send(
      new GetParametersByPathCommand({ Path: `/payment/${suffix}/`, ...(NextToken ? { NextToken } : {}) }),
    );
  } catch (cause) {
    const said = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    throw new UnavailableError(`The parameters of the deployment "${suffix}" could not be read: ${said}`, {
      cause,
    });
  }
}
