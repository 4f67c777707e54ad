import { RemovalPolicy } from 'aws-cdk-lib';
import {
  type Attribute,
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
  TableClass,
  TableEncryption,
  type TableProps,
} from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { CONTROL_TABLE, PAYMENTS_TABLE, SIMULATOR_TABLE } from '../../src/adapters/dynamodb/table-schema.ts';
import type { Names } from '../names.ts';
import type { Settings } from '../settings.ts';
import { type Capacity, capacityFor, provisioned, scale, startingAt } from './table-capacity.ts';

/**
 * Caps against a runaway bill, in write units a second; a payment under 1 KB is one. At the API's burst of 2,000
 * payments a second the table takes 4,000 (create 1, outcome 1) and the index 6,000 (create 1, outcome 2: delete and
 * put). An index that is throttled throttles its table, hence a cap that is never met first. At both caps an
 * hour is $27. Provisioned capacity never grows above them either, and is $7.80 an hour there.
 */
export const TABLE_WRITE_UNITS = 4_000;
export const INDEX_WRITE_UNITS = 8_000;
/** The most that provisioned capacity reads, of the table and of the index: two units for each request of that burst. */
const READ_UNITS = 4_000;
/** Dead letters, the audit's head once a batch, and a probe: in a run of failures still only a few hundred. */
const CONTROL_WRITE_UNITS = 1_000;

export interface PaymentTablesProps {
  readonly names: Names;
  readonly profile: Settings['profile'];
  readonly key: IKey;
  /** Whether settled payments leave the table by their `expires_at`. */
  readonly hotRetention: boolean;
  /** Whether there is a table for what the simulated PSP remembers. */
  readonly withSimulator: boolean;
  /** Of `payments` and its index: what is kept, or what is asked of it, may be the dearer part. */
  readonly tableClass: Settings['tableClass'];
  /** For so many there is always capacity in `payments` and its index, paid by the hour; null: on demand. */
  readonly provisionedPaymentsPerSecond: number | null;
}

/**
 * The tables of `table-schema.ts`: under the deployment's key, restorable to any second of 35 days, and on demand, but for
 * `payments` where capacity is provisioned for it.
 */
export class PaymentTables extends Construct {
  readonly payments: Table;
  readonly control: Table;
  readonly simulator?: Table;

  constructor(scope: Construct, id: string, props: PaymentTablesProps) {
    super(scope, id);
    const { names, profile, key, hotRetention, withSimulator } = props;
    const capacity = capacityOf(props.provisionedPaymentsPerSecond);
    const prod = profile === 'prod';
    const common = {
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: key,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: prod,
      removalPolicy: prod ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    } satisfies Partial<TableProps>;

    this.payments = new Table(this, 'Payments', {
      ...common,
      tableName: names.of('payments'),
      tableClass: TableClass[props.tableClass],
      partitionKey: text(PAYMENTS_TABLE.partitionKey),
      // The change feed: the audit writes what differs between the images.
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      ...(capacity ? provisioned(capacity.table) : { maxWriteRequestUnits: TABLE_WRITE_UNITS }),
      ...(hotRetention && { timeToLiveAttribute: PAYMENTS_TABLE.ttlAttribute }),
    });
    const { index } = PAYMENTS_TABLE;
    this.payments.addGlobalSecondaryIndex({
      indexName: index.name,
      partitionKey: text(index.partitionKey),
      sortKey: text(index.sortKey),
      projectionType: ProjectionType.INCLUDE,
      nonKeyAttributes: [...index.include],
      ...(capacity ? startingAt(capacity.index.least) : { maxWriteRequestUnits: INDEX_WRITE_UNITS }),
    });
    if (capacity) scale(this.payments, index.name, capacity);

    this.control = new Table(this, 'Control', {
      ...common,
      tableName: names.of('payment-control'),
      partitionKey: text(CONTROL_TABLE.partitionKey),
      sortKey: text(CONTROL_TABLE.sortKey),
      maxWriteRequestUnits: CONTROL_WRITE_UNITS,
    });
    if (withSimulator) {
      this.simulator = new Table(this, 'Simulator', {
        ...common,
        tableName: names.of('payment-simulator'),
        partitionKey: text(SIMULATOR_TABLE.partitionKey),
        // The simulated PSP writes an operation when it comes and when it is done, as the payments table does.
        maxWriteRequestUnits: TABLE_WRITE_UNITS,
      });
    }
  }
}

function capacityOf(paymentsPerSecond: number | null): Record<'table' | 'index', Capacity> | null {
  if (paymentsPerSecond === null) return null;
  return {
    table: capacityFor(paymentsPerSecond, 'table', { write: TABLE_WRITE_UNITS, read: READ_UNITS }),
    index: capacityFor(paymentsPerSecond, 'index', { write: INDEX_WRITE_UNITS, read: READ_UNITS }),
  };
}

function text(name: string): Attribute {
  return { name, type: AttributeType.STRING };
}
