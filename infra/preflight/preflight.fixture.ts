import type { AccountFacts, Found } from './account-facts.ts';

export function known<T>(value: T): Found<T> {
  return { known: true, value };
}

/** An account in which nothing was ever deployed but the CDK's bootstrap stack. */
export function freshAccount(over: Partial<AccountFacts> = {}): AccountFacts {
  return {
    account: '123456789012',
    region: 'us-east-1',
    bootstrapVersion: known<number | null>(30),
    deployed: known(false),
    paymentsTable: known(false),
    recorders: known<readonly string[]>([]),
    deliveryChannels: known<readonly string[]>([]),
    apiGatewayRole: known<string | null>(null),
    anomalyMonitors: known([]),
    detectors: known<readonly (string | null)[]>([]),
    concurrency: known({ limit: 1_000, unreserved: 1_000, ownReserved: 0 }),
    elasticIps: known({ inUse: 0, quota: 5 }),
    vpcs: known({ inUse: 1, quota: 5 }),
    ...over,
  };
}
