import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, it } from 'vitest';
import { testNames, testStack } from '../stack.fixture.ts';
import { PaymentTables, type PaymentTablesProps } from './payment-tables.ts';

const TABLE = 'AWS::DynamoDB::Table';
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

  it('expire only with hot retention', () => {
    expect(payments(synthesised({ hotRetention: false }))?.TimeToLiveSpecification).toBeUndefined();
    expect(payments(synthesised({ hotRetention: true }))?.TimeToLiveSpecification).toEqual({
      AttributeName: 'expires_at',
      Enabled: true,
    });
  });
});
