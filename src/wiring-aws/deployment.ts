import {
  GetParametersByPathCommand,
  type GetParametersByPathCommandOutput,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { ConfigError } from '../config.ts';

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
};

const SUFFIX = /^[a-z0-9-]{1,15}$/;

/**
 * Where the parts of a deployment are, by its suffix alone.
 * @throws ConfigError if there is no such deployment in this account and region
 */
export async function settingsOfDeployment(
  suffix: string,
  client: Pick<SSMClient, 'send'> = new SSMClient({}),
): Promise<Record<string, string>> {
  if (!SUFFIX.test(suffix))
    throw new ConfigError(`--environment is "${suffix}". Give the suffix of a deployment, such as dev123.`);
  const settings: Record<string, string> = { DEPLOYMENT: suffix };
  let NextToken: string | undefined;
  do {
    const page: GetParametersByPathCommandOutput = await client.send(
      new GetParametersByPathCommand({ Path: `/payment/${suffix}/`, ...(NextToken ? { NextToken } : {}) }),
    );
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
