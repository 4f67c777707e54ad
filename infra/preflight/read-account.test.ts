import { describe, expect, it } from 'vitest';
import { parseContext } from '../settings.ts';
import { type Clients, CredentialsError, readAccount } from './read-account.ts';

const settings = parseContext({ environmentSuffix: 'dev123' });

/** Answers by the name of the command; what has no answer fails as AWS does. */
type Answers = Readonly<Record<string, unknown>>;

function fault(name: string): Error {
  return Object.assign(new Error(`${name} by the test`), { name });
}

function clients(answers: Answers): Clients {
  const send = async (command: object) => {
    const answer = answers[command.constructor.name] ?? fault('AccessDeniedException');
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const names = ['sts', 'ssm', 'dynamo', 'config', 'gateway', 'costs', 'guardDuty', 'lambda', 'ec2'];
  return Object.fromEntries(names.map((name) => [name, { send }])) as unknown as Clients;
}

const empty: Answers = {
  GetCallerIdentityCommand: { Account: '123456789012' },
  GetParameterCommand: fault('ParameterNotFound'),
  DescribeTableCommand: fault('ResourceNotFoundException'),
  DescribeConfigurationRecordersCommand: { ConfigurationRecorders: [] },
  DescribeDeliveryChannelsCommand: { DeliveryChannels: [] },
  GetAccountCommand: {},
  GetAnomalyMonitorsCommand: { AnomalyMonitors: [] },
  ListDetectorsCommand: { DetectorIds: [] },
  GetAccountSettingsCommand: {
    AccountLimit: { ConcurrentExecutions: 10, UnreservedConcurrentExecutions: 10 },
  },
  GetFunctionConcurrencyCommand: fault('ResourceNotFoundException'),
  DescribeAddressesCommand: { Addresses: [] },
  DescribeVpcsCommand: { Vpcs: [{}] },
  DescribeAccountAttributesCommand: {
    AccountAttributes: [
      { AttributeName: 'default-vpc', AttributeValues: [{ AttributeValue: 'vpc-1' }] },
      { AttributeName: 'vpc-max-elastic-ips', AttributeValues: [{ AttributeValue: '7' }] },
    ],
  },
};

describe('what an account is asked', () => {
  it('is answered by nothing in a fresh account', async () => {
    expect(await readAccount(clients(empty), settings)).toEqual({
      account: '123456789012',
      region: 'us-east-1',
      bootstrapVersion: { known: true, value: null },
      deployed: { known: true, value: false },
      paymentsTable: { known: true, value: false },
      recorders: { known: true, value: [] },
      deliveryChannels: { known: true, value: [] },
      apiGatewayRole: { known: true, value: null },
      anomalyMonitors: { known: true, value: [] },
      detectors: { known: true, value: [] },
      concurrency: { known: true, value: { limit: 10, unreserved: 10, ownReserved: 0 } },
      elasticIps: { known: true, value: { inUse: 0, quota: 7 } },
      vpcs: { known: true, value: { inUse: 1, quota: 5, quotaIsDefault: true } },
    });
  });

  it('tells what is there', async () => {
    const answers = {
      ...empty,
      GetParameterCommand: { Parameter: { Value: '30' } },
      DescribeTableCommand: {},
      DescribeConfigurationRecordersCommand: { ConfigurationRecorders: [{ name: 'theirs' }] },
      GetAccountCommand: { cloudwatchRoleArn: 'arn:role' },
      GetAnomalyMonitorsCommand: {
        AnomalyMonitors: [
          { MonitorName: 'by tag', MonitorArn: 'arn:1' },
          { MonitorName: 'all', MonitorArn: 'arn:2', MonitorDimension: 'SERVICE' },
        ],
      },
      ListDetectorsCommand: { DetectorIds: ['one'] },
      GetDetectorCommand: { Tags: { Environment: 'dev-dev123' } },
      GetFunctionConcurrencyCommand: { ReservedConcurrentExecutions: 2 },
    };
    expect(await readAccount(clients(answers), settings)).toMatchObject({
      bootstrapVersion: { value: 30 },
      deployed: { value: true },
      paymentsTable: { value: true },
      recorders: { value: ['theirs'] },
      apiGatewayRole: { value: 'arn:role' },
      anomalyMonitors: { value: [{ name: 'all', arn: 'arn:2' }] },
      detectors: { value: ['dev-dev123'] },
      concurrency: { value: { ownReserved: 14 } },
    });
  });

  it('has an answer for the rest where one is denied, and says which permission is missing', async () => {
    const facts = await readAccount(clients({ ...empty, DescribeVpcsCommand: undefined }), settings);
    expect(facts.vpcs).toEqual({
      known: false,
      why: 'could not be found out: AccessDeniedException: AccessDeniedException by the test',
    });
    expect(facts.elasticIps.known).toBe(true);
  });

  it('asks for no monitor outside us-east-1, where no cost parts are made', async () => {
    const elsewhere = { ...settings, region: 'eu-west-1' };
    expect((await readAccount(clients(empty), elsewhere)).anomalyMonitors).toBeNull();
  });

  it('ends where AWS does not know who asks', async () => {
    const answers = { ...empty, GetCallerIdentityCommand: fault('ExpiredToken') };
    await expect(readAccount(clients(answers), settings)).rejects.toThrow(CredentialsError);
  });
});
