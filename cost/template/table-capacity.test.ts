import { describe, expect, it } from 'vitest';
import { readTemplate } from './read-template.ts';
import { type Resources, ref, resource, someTemplate, standing } from './template.fixture.ts';

const INDEX = '/index/status-index';

function table(more: object = {}, indexes: readonly object[] = [{ IndexName: 'status-index' }]) {
  const ProvisionedThroughput = { WriteCapacityUnits: 220, ReadCapacityUnits: 170 };
  return resource('AWS::DynamoDB::Table', {
    TableName: 'payments-dev',
    BillingMode: 'PROVISIONED',
    ProvisionedThroughput,
    GlobalSecondaryIndexes: indexes.map((index) => ({ ...index, ProvisionedThroughput })),
    ...more,
  });
}

/** A target of scaling and its policy. */
function scaled(
  id: string,
  kind: 'Write' | 'Read',
  path: string,
  least: number,
  TargetValue = 50,
): Resources {
  return {
    [id]: resource('AWS::ApplicationAutoScaling::ScalableTarget', {
      MinCapacity: least,
      MaxCapacity: 4_000,
      ResourceId: { 'Fn::Join': ['', ['table/', ref('Payments'), path]] },
      ScalableDimension: `dynamodb:${path === '' ? 'table' : 'index'}:${kind}CapacityUnits`,
    }),
    [`${id}Policy`]: resource('AWS::ApplicationAutoScaling::ScalingPolicy', {
      PolicyType: 'TargetTrackingScaling',
      ScalingTargetId: ref(id),
      TargetTrackingScalingPolicyConfiguration: {
        PredefinedMetricSpecification: { PredefinedMetricType: `DynamoDB${kind}CapacityUtilization` },
        TargetValue,
      },
    }),
  };
}

const TABLE_WRITES = scaled('TableWrites', 'Write', '', 220);
const OTHERS = {
  ...scaled('TableReads', 'Read', '', 170),
  ...scaled('IndexWrites', 'Write', INDEX, 320),
  ...scaled('IndexReads', 'Read', INDEX, 30),
};

function read(resources: Resources) {
  const { facts, fixed, unknown } = readTemplate(someTemplate(resources), { profile: 'prod' });
  return {
    payments: facts.payments,
    prices: fixed.filter(({ component }) => component === 'database').map(({ price }) => price),
    unknown: unknown.map(({ logicalId, why }) => `${logicalId}: ${why}`),
  };
}

describe('Provisioned capacity of payments', () => {
  it('that scales is for the model to count, from the least of each part on', () => {
    expect(read({ Payments: table(), ...TABLE_WRITES, ...OTHERS })).toEqual({
      payments: {
        tableClass: 'STANDARD',
        billing: 'provisioned',
        capacity: {
          targetShare: 0.5,
          least: { table: { write: 220, read: 170 }, index: { write: 320, read: 30 } },
        },
        restorable: false,
      },
      prices: [],
      unknown: [],
    });
  });

  it('that scales not is there all month', () => {
    const { payments, prices, unknown } = read({ Payments: table() });
    expect(payments).not.toHaveProperty('capacity');
    expect({ prices, unknown }).toEqual({ prices: ['ddb.wcu', 'ddb.rcu'], unknown: [] });
  });

  it.each<[string, Resources]>([
    ['scales in part', { Payments: table(), ...TABLE_WRITES }],
    ['has several targets', { Payments: table(), ...scaled('W', 'Write', '', 220, 70), ...OTHERS }],
    [
      'scales without a policy',
      { Payments: table(), ...OTHERS, ...without(TABLE_WRITES, 'TableWritesPolicy') },
    ],
    ['has no index', { Payments: table({}, []), ...TABLE_WRITES, ...OTHERS }],
    [
      'has two indexes',
      {
        Payments: table({}, [{ IndexName: 'status-index' }, { IndexName: 'b' }]),
        ...TABLE_WRITES,
        ...OTHERS,
      },
    ],
  ])('that %s is unknown, and not nothing', (_what, resources) => {
    const { payments, prices, unknown } = read(resources);
    expect(payments).not.toHaveProperty('capacity');
    expect(prices).toEqual([]);
    expect(unknown).toEqual([expect.stringContaining('Payments: capacity that scales, but not as')]);
  });

  it('has no price in the class for what is seldom read', () => {
    const Payments = table({ TableClass: 'STANDARD_INFREQUENT_ACCESS' });
    const { payments, prices, unknown } = read({ Payments, ...TABLE_WRITES, ...OTHERS });
    expect(payments).toMatchObject({ tableClass: 'STANDARD_INFREQUENT_ACCESS', billing: 'provisioned' });
    expect(prices).toEqual([]);
    expect(unknown).toEqual([
      expect.stringContaining('Payments: provisioned capacity of a table in Standard-IA'),
    ]);
  });
});

it('Capacity of another table that scales is unknown', () => {
  const Payments = table({ TableName: 'orders-dev' });
  const { fixed, unknown } = standing({ Payments, ...TABLE_WRITES, ...OTHERS });
  expect(fixed.map(({ price }) => price)).toEqual(['cw.alarm']);
  expect(unknown.map(({ logicalId }) => logicalId)).toEqual(['Payments']);
});

function without(resources: Resources, id: string): Resources {
  return Object.fromEntries(Object.entries(resources).filter(([key]) => key !== id));
}
