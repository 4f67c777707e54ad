import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, it } from 'vitest';
import { testNames, testStack } from '../stack.fixture.ts';
import {
  INDEX_WRITE_UNITS,
  PaymentTables,
  type PaymentTablesProps,
  TABLE_WRITE_UNITS,
} from './payment-tables.ts';

const TABLE = 'AWS::DynamoDB::Table';
const SCALED = 'AWS::ApplicationAutoScaling::ScalableTarget';
const POLICY = 'AWS::ApplicationAutoScaling::ScalingPolicy';
/** Requests a second that the API lets through in a burst. */
const API_BURST = 2_000;

function synthesised(props: Partial<PaymentTablesProps> = {}): Template {
  const stack = testStack();
  new PaymentTables(stack, 'Tables', {
    names: testNames(),
    profile: 'dev',
    key: new Key(stack, 'Key'),
    hotRetention: false,
    withSimulator: false,
    tableClass: 'STANDARD',
    provisionedPaymentsPerSecond: null,
    ...props,
  });
  return Template.fromStack(stack);
}

function payments(template: Template) {
  const [table] = Object.values(
    template.findResources(TABLE, { Properties: { TableName: 'payments-dev123' } }),
  );
  return table?.Properties;
}

describe('the tables', () => {
  it('are billed by request, encrypted under the deployment’s key, and restorable to any second', () => {
    const template = synthesised({ withSimulator: true });
    template.resourceCountIs(TABLE, 3);
    template.allResourcesProperties(TABLE, {
      BillingMode: 'PAY_PER_REQUEST',
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: Match.anyValue() },
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
  });

  it('go with a dev stack', () => {
    const template = synthesised({ profile: 'dev', withSimulator: true });
    template.allResources(TABLE, {
      DeletionPolicy: 'Delete',
      Properties: { DeletionProtectionEnabled: false },
    });
  });

  it('are protected in prod, and stay when the stack goes', () => {
    synthesised({ profile: 'prod' }).allResources(TABLE, {
      DeletionPolicy: 'RetainExceptOnCreate',
      UpdateReplacePolicy: 'Retain',
      Properties: { DeletionProtectionEnabled: true },
    });
  });

  it('have the keys of the adapter', () => {
    const template = synthesised({ withSimulator: true });
    const hash = { AttributeName: 'pk', KeyType: 'HASH' };
    expect(payments(template)?.KeySchema).toEqual([hash]);
    template.hasResourceProperties(TABLE, {
      TableName: 'payment-control-dev123',
      KeySchema: [hash, { AttributeName: 'sk', KeyType: 'RANGE' }],
    });
    template.hasResourceProperties(TABLE, { TableName: 'payment-simulator-dev123', KeySchema: [hash] });
  });

  it('include the simulated PSP’s only where there is one', () => {
    synthesised({ withSimulator: false }).resourceCountIs(TABLE, 2);
  });
});

describe('payments', () => {
  it('stream both images, for the relay and the audit; the control table wakes nobody', () => {
    const template = synthesised();
    expect(payments(template)?.StreamSpecification).toEqual({ StreamViewType: 'NEW_AND_OLD_IMAGES' });
    template.hasResourceProperties(TABLE, {
      TableName: 'payment-control-dev123',
      StreamSpecification: Match.absent(),
    });
  });

  it('have one index, which carries no more than lists and the sweep read, and is not keyed on a bare status', () => {
    expect(payments(synthesised())?.GlobalSecondaryIndexes).toMatchObject([
      {
        IndexName: 'status-index',
        KeySchema: [
          { AttributeName: 'index_pk', KeyType: 'HASH' },
          { AttributeName: 'index_sk', KeyType: 'RANGE' },
        ],
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['status', 'due_at'] },
      },
    ]);
  });

  it('are capped above what the API lets through, and the index above the table', () => {
    const table = payments(synthesised());
    const cap: number = table?.OnDemandThroughput.MaxWriteRequestUnits;
    const indexCap: number = table?.GlobalSecondaryIndexes[0].OnDemandThroughput.MaxWriteRequestUnits;
    // Of one payment: create and outcome in the table; put, delete and put in the index.
    expect(cap).toBeGreaterThanOrEqual(2 * API_BURST);
    expect(indexCap).toBeGreaterThanOrEqual(3 * API_BURST);
    expect(indexCap).toBeGreaterThan(cap);
  });

  it('are of the class that is asked for, and the other tables of the standard one', () => {
    expect(payments(synthesised())?.TableClass).toBe('STANDARD');
    const template = synthesised({ tableClass: 'STANDARD_INFREQUENT_ACCESS', withSimulator: true });
    expect(payments(template)?.TableClass).toBe('STANDARD_INFREQUENT_ACCESS');
    const classes = Object.values(template.findResources(TABLE)).map(
      ({ Properties }) => Properties.TableClass,
    );
    expect(classes.filter((each) => each === 'STANDARD_INFREQUENT_ACCESS')).toHaveLength(1);
  });

  it('expire only with hot retention', () => {
    expect(payments(synthesised({ hotRetention: false }))?.TimeToLiveSpecification).toBeUndefined();
    expect(payments(synthesised({ hotRetention: true }))?.TimeToLiveSpecification).toEqual({
      AttributeName: 'expires_at',
      Enabled: true,
    });
  });
});

describe('provisioned capacity', () => {
  const scaling = (template: Template) =>
    Object.fromEntries(
      Object.values(template.findResources(SCALED)).map(({ Properties: { ScalableDimension, ...range } }) => [
        ScalableDimension,
        [range.MinCapacity, range.MaxCapacity],
      ]),
    );

  it('is not there unless it is asked for', () => {
    synthesised({ withSimulator: true }).resourceCountIs(SCALED, 0);
  });

  it('is that of so many payments a second, up to the caps', () => {
    expect(scaling(synthesised({ provisionedPaymentsPerSecond: 100 }))).toEqual({
      'dynamodb:table:WriteCapacityUnits': [220, 4_000],
      'dynamodb:table:ReadCapacityUnits': [170, 4_000],
      'dynamodb:index:WriteCapacityUnits': [320, 8_000],
      'dynamodb:index:ReadCapacityUnits': [30, 4_000],
    });
  });

  it('is rounded up, five units at the least, and never above the cap', () => {
    expect(scaling(synthesised({ provisionedPaymentsPerSecond: 3 }))).toMatchObject({
      'dynamodb:table:WriteCapacityUnits': [7, TABLE_WRITE_UNITS],
      'dynamodb:table:ReadCapacityUnits': [6, 4_000],
      'dynamodb:index:ReadCapacityUnits': [5, 4_000],
    });
    // 4,400 units would be above what the table may have.
    expect(scaling(synthesised({ provisionedPaymentsPerSecond: 2_000 }))).toMatchObject({
      'dynamodb:table:WriteCapacityUnits': [TABLE_WRITE_UNITS, TABLE_WRITE_UNITS],
      'dynamodb:index:WriteCapacityUnits': [6_400, INDEX_WRITE_UNITS],
    });
  });

  it('begins with the least, and has no cap of requests beside it', () => {
    const table = payments(synthesised({ provisionedPaymentsPerSecond: 100 }));
    expect(table).toMatchObject({
      BillingMode: 'PROVISIONED',
      ProvisionedThroughput: { WriteCapacityUnits: 220, ReadCapacityUnits: 170 },
      GlobalSecondaryIndexes: [{ ProvisionedThroughput: { WriteCapacityUnits: 320, ReadCapacityUnits: 30 } }],
    });
    expect(JSON.stringify(table)).not.toContain('OnDemandThroughput');
  });

  it('follows what is used to twice as much, of the table and of the index', () => {
    const template = synthesised({ provisionedPaymentsPerSecond: 100 });
    template.resourceCountIs(POLICY, 4);
    template.allResourcesProperties(POLICY, {
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: { TargetValue: 50 },
    });
  });

  it('is of payments alone, in either class', () => {
    const template = synthesised({
      provisionedPaymentsPerSecond: 100,
      withSimulator: true,
      tableClass: 'STANDARD_INFREQUENT_ACCESS',
    });
    for (const TableName of ['payment-control-dev123', 'payment-simulator-dev123']) {
      template.hasResourceProperties(TABLE, { TableName, BillingMode: 'PAY_PER_REQUEST' });
    }
    expect(payments(template)?.TableClass).toBe('STANDARD_INFREQUENT_ACCESS');
    template.resourceCountIs(SCALED, 4);
  });
});
