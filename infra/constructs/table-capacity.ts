import {
  BillingMode,
  type CfnTable,
  type Table,
  type TableProps,
  type UtilizationScalingProps,
} from 'aws-cdk-lib/aws-dynamodb';

/** Units a second. */
export interface Units {
  readonly write: number;
  readonly read: number;
}

/** Capacity that is paid by the hour, between two bounds. */
export interface Capacity {
  /** Is there from the beginning, and never gone below. */
  readonly least: Units;
  /** Never gone above: what a cap is to a table on demand. */
  readonly most: Units;
}

/** What a payment takes in its whole life, as the meter counts it for the recorded mix (docs/cost.md). */
export const UNITS_PER_PAYMENT = {
  table: { write: 2.2, read: 1.7 },
  index: { write: 3.2, read: 0.3 },
} as const satisfies Record<string, Units>;

/** Below it, half is a unit or two, and nothing to scale by. */
const LEAST_UNITS = 5;

/**
 * Half, so that traffic may double before anything is refused: scaling sees two minutes of it, and takes some more.
 * What the last five minutes left unused comes on top.
 */
const TARGET: UtilizationScalingProps = { targetUtilizationPercent: 50 };

/** Capacity for so many payments a second at the least. */
export function capacityFor(
  paymentsPerSecond: number,
  part: keyof typeof UNITS_PER_PAYMENT,
  most: Units,
): Capacity {
  const least = (kind: keyof Units) => {
    // In tenths: 100 × 2.2 is a little more than 220 otherwise.
    const units = Math.ceil((paymentsPerSecond * Math.round(UNITS_PER_PAYMENT[part][kind] * 10)) / 10);
    return Math.min(Math.max(LEAST_UNITS, units), most[kind]);
  };
  return { least: { write: least('write'), read: least('read') }, most };
}

/** Billing of a table by its capacity. */
export function provisioned({ least }: Capacity) {
  return { billingMode: BillingMode.PROVISIONED, ...startingAt(least) } satisfies Partial<TableProps>;
}

/** Of a table, or of an index. */
export function startingAt({ write, read }: Units) {
  return { writeCapacity: write, readCapacity: read };
}

/** Lets the capacity of a table, and of its index, follow what is used. */
export function scale(
  payments: Table,
  indexName: string,
  capacity: Readonly<Record<'table' | 'index', Capacity>>,
): void {
  const { table, index } = capacity;
  // The CDK leaves out CloudFormation's default; a table that was on demand must be told that it is not any more.
  (payments.node.defaultChild as CfnTable).billingMode = BillingMode.PROVISIONED;
  payments.autoScaleWriteCapacity(bounds(table, 'write')).scaleOnUtilization(TARGET);
  payments.autoScaleReadCapacity(bounds(table, 'read')).scaleOnUtilization(TARGET);
  payments
    .autoScaleGlobalSecondaryIndexWriteCapacity(indexName, bounds(index, 'write'))
    .scaleOnUtilization(TARGET);
  payments
    .autoScaleGlobalSecondaryIndexReadCapacity(indexName, bounds(index, 'read'))
    .scaleOnUtilization(TARGET);
}

function bounds({ least, most }: Capacity, kind: keyof Units) {
  return { minCapacity: least[kind], maxCapacity: most[kind] };
}
