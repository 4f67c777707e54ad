import { RemovalPolicy } from 'aws-cdk-lib';
import {
  type Attribute,
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
  type TableProps,
} from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { CONTROL_TABLE, PAYMENTS_TABLE, SIMULATOR_TABLE } from '../../src/adapters/dynamodb/table-schema.ts';
import type { Names } from '../names.ts';
import type { Settings } from '../settings.ts';

/**
 * Caps against a runaway bill, in write units a second; a payment under 1 KB is one. At the API's burst of 2,000
 * payments a second the table takes 4,000 (create 1, outcome 1) and the index 6,000 (create 1, outcome 2: delete and
 * put). An index that is throttled throttles its table, hence a cap that is never met first. At both caps an
 * hour is $27.
 */
export const TABLE_WRITE_UNITS = 4_000;
export const INDEX_WRITE_UNITS = 8_000;
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
}

/** The tables of `table-schema.ts`: on demand, under the deployment's key, restorable to any second of 35 days. */
export class PaymentTables extends Construct {
  readonly payments: Table;
  readonly control: Table;
  readonly simulator?: Table;

  constructor(scope: Construct, id: string, props: PaymentTablesProps) {
    super(scope, id);
    const { names, profile, key, hotRetention, withSimulator } = props;
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
      partitionKey: text(PAYMENTS_TABLE.partitionKey),
      // The change feed: the audit writes what differs between the images.
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      maxWriteRequestUnits: TABLE_WRITE_UNITS,
      ...(hotRetention && { timeToLiveAttribute: PAYMENTS_TABLE.ttlAttribute }),
    });
    const { index } = PAYMENTS_TABLE;
    this.payments.addGlobalSecondaryIndex({
      indexName: index.name,
      partitionKey: text(index.partitionKey),
      sortKey: text(index.sortKey),
      projectionType: ProjectionType.INCLUDE,
      nonKeyAttributes: [...index.include],
      maxWriteRequestUnits: INDEX_WRITE_UNITS,
    });

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

function text(name: string): Attribute {
  return { name, type: AttributeType.STRING };
}
