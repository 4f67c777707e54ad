import { APIGatewayClient, GetAccountCommand } from '@aws-sdk/client-api-gateway';
import {
  ConfigServiceClient,
  DescribeConfigurationRecordersCommand,
  DescribeDeliveryChannelsCommand,
} from '@aws-sdk/client-config-service';
import { CostExplorerClient, GetAnomalyMonitorsCommand } from '@aws-sdk/client-cost-explorer';
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DescribeAccountAttributesCommand,
  DescribeAddressesCommand,
  DescribeVpcsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { GetDetectorCommand, GuardDutyClient, ListDetectorsCommand } from '@aws-sdk/client-guardduty';
import {
  GetAccountSettingsCommand,
  GetFunctionConcurrencyCommand,
  LambdaClient,
} from '@aws-sdk/client-lambda';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { SHAPES } from '../constructs/payment-functions.ts';
import { createNames } from '../names.ts';
import type { Settings } from '../settings.ts';
import type { AccountFacts, AnomalyMonitor, Concurrency, Found, Usage } from './account-facts.ts';

/** Where the cost services of an account live. */
const HOME_REGION = 'us-east-1';
/** Written by the CDK's bootstrap stack, under its default qualifier. */
const BOOTSTRAP_PARAMETER = '/cdk-bootstrap/hnb659fds/version';
/** Of VPCs in a region. EC2 does not tell an account's own, and one more client for one figure is not worth it. */
const DEFAULT_VPC_QUOTA = 5;

/** There are no credentials, or AWS does not take them. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';
}

/** Anything that sends a command of the SDK: a client, or its stand-in. */
export interface Clients {
  readonly sts: Pick<STSClient, 'send'>;
  readonly ssm: Pick<SSMClient, 'send'>;
  readonly dynamo: Pick<DynamoDBClient, 'send'>;
  readonly config: Pick<ConfigServiceClient, 'send'>;
  readonly gateway: Pick<APIGatewayClient, 'send'>;
  readonly costs: Pick<CostExplorerClient, 'send'>;
  readonly guardDuty: Pick<GuardDutyClient, 'send'>;
  readonly lambda: Pick<LambdaClient, 'send'>;
  readonly ec2: Pick<EC2Client, 'send'>;
}

export function createClients(region: string): Clients {
  return {
    sts: new STSClient({ region }),
    ssm: new SSMClient({ region }),
    dynamo: new DynamoDBClient({ region }),
    config: new ConfigServiceClient({ region }),
    gateway: new APIGatewayClient({ region }),
    costs: new CostExplorerClient({ region: HOME_REGION }),
    guardDuty: new GuardDutyClient({ region }),
    lambda: new LambdaClient({ region }),
    ec2: new EC2Client({ region }),
  };
}

/**
 * Asks the account, and changes nothing. Cost Explorer bills $0.01 for its answer.
 * @throws CredentialsError if AWS does not know who asks
 */
export async function readAccount(clients: Clients, settings: Settings): Promise<AccountFacts> {
  const names = createNames(settings);
  const { region, environmentSuffix } = settings;
  const account = await callerAccount(clients);
  const [bootstrapVersion, deployed, paymentsTable, recorders, deliveryChannels, apiGatewayRole] =
    await Promise.all([
      found(() => bootstrap(clients)),
      found(async () => (await parameter(clients, `/payment/${environmentSuffix}/table-name`)) !== null),
      found(() => hasTable(clients, names.of('payments'))),
      found(() => recorderNames(clients)),
      found(() => channelNames(clients)),
      found(() => loggingRole(clients)),
    ]);
  const [anomalyMonitors, detectors, concurrency, elasticIps, vpcs] = await Promise.all([
    region === HOME_REGION ? found(() => serviceMonitors(clients)) : null,
    found(() => detectorTags(clients)),
    found(() =>
      executions(
        clients,
        Object.values(SHAPES).map(({ name }) => names.of(name)),
      ),
    ),
    found(() => addresses(clients)),
    found(() => networks(clients)),
  ]);
  return {
    account,
    region,
    bootstrapVersion,
    deployed,
    paymentsTable,
    recorders,
    deliveryChannels,
    apiGatewayRole,
    anomalyMonitors,
    detectors,
    concurrency,
    elasticIps,
    vpcs,
  };
}

async function callerAccount({ sts }: Clients): Promise<string> {
  try {
    return (await sts.send(new GetCallerIdentityCommand({}))).Account ?? 'unknown';
  } catch (error) {
    throw new CredentialsError(messageOf(error), { cause: error });
  }
}

async function found<T>(ask: () => Promise<T>): Promise<Found<T>> {
  try {
    return { known: true, value: await ask() };
  } catch (error) {
    return { known: false, why: `could not be found out: ${messageOf(error)}` };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/** The answer; null where AWS says that there is no such thing. */
async function ifThere<T>(missing: string, ask: () => Promise<T>): Promise<T | null> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof Error && error.name === missing) return null;
    throw error;
  }
}

async function parameter({ ssm }: Clients, name: string): Promise<string | null> {
  const answer = await ifThere('ParameterNotFound', () => ssm.send(new GetParameterCommand({ Name: name })));
  return answer?.Parameter?.Value ?? null;
}

async function bootstrap(clients: Clients): Promise<number | null> {
  const version = await parameter(clients, BOOTSTRAP_PARAMETER);
  return version === null ? null : Number(version);
}

async function hasTable({ dynamo }: Clients, name: string): Promise<boolean> {
  const ask = () => dynamo.send(new DescribeTableCommand({ TableName: name }));
  return (await ifThere('ResourceNotFoundException', ask)) !== null;
}

async function recorderNames({ config }: Clients): Promise<string[]> {
  const { ConfigurationRecorders } = await config.send(new DescribeConfigurationRecordersCommand({}));
  return (ConfigurationRecorders ?? []).map(({ name }) => name ?? 'default');
}

async function channelNames({ config }: Clients): Promise<string[]> {
  const { DeliveryChannels } = await config.send(new DescribeDeliveryChannelsCommand({}));
  return (DeliveryChannels ?? []).map(({ name }) => name ?? 'default');
}

async function loggingRole({ gateway }: Clients): Promise<string | null> {
  return (await gateway.send(new GetAccountCommand({}))).cloudwatchRoleArn || null;
}

/** Of all services: of these an account has one, and of the others it may have many. */
async function serviceMonitors({ costs }: Clients): Promise<AnomalyMonitor[]> {
  const { AnomalyMonitors } = await costs.send(new GetAnomalyMonitorsCommand({ MaxResults: 100 }));
  return (AnomalyMonitors ?? [])
    .filter(({ MonitorDimension }) => MonitorDimension === 'SERVICE')
    .map(({ MonitorName, MonitorArn }) => ({ name: MonitorName ?? '', arn: MonitorArn ?? '' }));
}

async function detectorTags({ guardDuty }: Clients): Promise<(string | null)[]> {
  const { DetectorIds } = await guardDuty.send(new ListDetectorsCommand({}));
  const ask = async (DetectorId: string) => guardDuty.send(new GetDetectorCommand({ DetectorId }));
  const detectors = await Promise.all((DetectorIds ?? []).map(ask));
  return detectors.map(({ Tags }) => Tags?.Environment ?? null);
}

async function executions({ lambda }: Clients, functionNames: readonly string[]): Promise<Concurrency> {
  const { AccountLimit } = await lambda.send(new GetAccountSettingsCommand({}));
  const reserved = await Promise.all(
    functionNames.map(async (FunctionName) => {
      const ask = () => lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }));
      const answer = await ifThere('ResourceNotFoundException', ask);
      return answer?.ReservedConcurrentExecutions ?? 0;
    }),
  );
  return {
    limit: AccountLimit?.ConcurrentExecutions ?? 0,
    unreserved: AccountLimit?.UnreservedConcurrentExecutions ?? 0,
    ownReserved: reserved.reduce((sum, count) => sum + count, 0),
  };
}

async function addresses({ ec2 }: Clients): Promise<Usage> {
  const { Addresses } = await ec2.send(new DescribeAddressesCommand({}));
  const { AccountAttributes } = await ec2.send(new DescribeAccountAttributesCommand({}));
  const most = AccountAttributes?.find(({ AttributeName: name }) => name === 'vpc-max-elastic-ips');
  const quota = Number(most?.AttributeValues?.[0]?.AttributeValue);
  if (!Number.isInteger(quota)) throw new Error('EC2 names no quota of Elastic IPs.');
  return { inUse: (Addresses ?? []).length, quota };
}

async function networks({ ec2 }: Clients): Promise<Usage> {
  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({}));
  return { inUse: (Vpcs ?? []).length, quota: DEFAULT_VPC_QUOTA, quotaIsDefault: true };
}
