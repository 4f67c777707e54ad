/** What was found out, or why it could not be: one missing permission must not hide the other answers. */
export type Found<T> =
  | { readonly known: true; readonly value: T }
  | { readonly known: false; readonly why: string };

export interface Usage {
  readonly inUse: number;
  readonly quota: number;
  /** AWS's default, which the account may have raised: it could not be asked. */
  readonly quotaIsDefault?: boolean;
}

/** What an account's region has already, as far as a deployment stumbles over it. */
export interface AccountFacts {
  readonly account: string;
  readonly region: string;
  /** Version of the CDK's bootstrap stack; null: the region has none. */
  readonly bootstrapVersion: Found<number | null>;
  /** Whether the deployment of this suffix is there, by its parameters. */
  readonly deployed: Found<boolean>;
  /** Whether a table of payments of this suffix is there: `prod` leaves it behind. */
  readonly paymentsTable: Found<boolean>;
  /** Names of AWS Config's recorders and of its delivery channels. */
  readonly recorders: Found<readonly string[]>;
  readonly deliveryChannels: Found<readonly string[]>;
  /** Role by which API Gateway writes logs; null: none is set. */
  readonly apiGatewayRole: Found<string | null>;
  /** Monitors of all services; null where cost parts are not made: outside us-east-1. */
  readonly anomalyMonitors: Found<readonly AnomalyMonitor[]> | null;
  /** GuardDuty's detectors, by their tag `Environment`; null: they have none. */
  readonly detectors: Found<readonly (string | null)[]>;
  readonly concurrency: Found<Concurrency>;
  readonly elasticIps: Found<Usage>;
  readonly vpcs: Found<Usage>;
}

export interface AnomalyMonitor {
  readonly name: string;
  readonly arn: string;
}

export interface Concurrency {
  /** Executions that all functions of the account's region may have at once. */
  readonly limit: number;
  /** Of these, what no function has reserved. */
  readonly unreserved: number;
  /** What functions of this suffix have reserved: an upgrade does not need it again. */
  readonly ownReserved: number;
}
