import { describe, expect, it } from 'vitest';
import { BAD, GOOD, NOT_CONCERNED, verdict } from '../../rules.fixture.ts';
import { tableCaps } from './table-caps.ts';
import { tableProtection } from './table-protection.ts';
import { tableRecovery } from './table-recovery.ts';

const table = (Properties: Record<string, unknown>) => ({
  Table: { Type: 'AWS::DynamoDB::Table', Properties },
});
const globalTable = (Properties: Record<string, unknown>) => ({
  Table: { Type: 'AWS::DynamoDB::GlobalTable', Properties },
});
const recovery = { PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } };
const replicas = (...Replicas: unknown[]) => globalTable({ Replicas });

describe('TableRecovery', () => {
  it('wants it for the table, and for every replica of a global one', () => {
    expect(verdict(tableRecovery, table(recovery))).toBe(GOOD);
    expect(verdict(tableRecovery, table({}))).toBe(BAD);
    expect(verdict(tableRecovery, replicas(recovery))).toBe(GOOD);
    expect(verdict(tableRecovery, replicas(recovery, {}))).toBe(BAD);
  });
});

describe('TableProtection', () => {
  it('wants production tables protected from deletion', () => {
    const on = { DeletionProtectionEnabled: true };
    expect(verdict(tableProtection, table(on))).toBe(GOOD);
    expect(verdict(tableProtection, table({}))).toBe(BAD);
    expect(verdict(tableProtection, replicas(on))).toBe(GOOD);
    expect(verdict(tableProtection, replicas(on, {}))).toBe(BAD);
    expect(verdict(tableProtection, table({}), { profile: 'dev' })).toBe(NOT_CONCERNED);
  });
});

describe('TableCaps', () => {
  const onDemand = { BillingMode: 'PAY_PER_REQUEST' };
  const cap = (MaxWriteRequestUnits: number) => ({ OnDemandThroughput: { MaxWriteRequestUnits } });
  const index = (more: unknown) => ({
    GlobalSecondaryIndexes: [{ IndexName: 'status-index', ...Object(more) }],
  });
  const of = (...parts: object[]) => verdict(tableCaps, table(Object.assign({}, ...parts)));

  it('wants on demand, with a cap', () => {
    expect(of(onDemand, cap(1_000))).toBe(GOOD);
    expect(of(cap(1_000))).toEqual(['BillingMode']);
    expect(of(onDemand)).toEqual(['WriteCap']);
    expect(of(onDemand, cap(-1))).toEqual(['WriteCap']);
  });

  it('wants the cap of an index at least as high, or the index throttles the table', () => {
    expect(of(onDemand, cap(1_000), index(cap(1_000)))).toBe(GOOD);
    expect(of(onDemand, cap(1_000), index(cap(999)))).toEqual(['IndexBelowTable::status-index']);
    expect(of(onDemand, cap(1_000), index({}))).toEqual(['IndexWriteCap::status-index']);
  });

  it('reads the other names of a global table', () => {
    const other = (MaxWriteRequestUnits: number) => ({
      WriteOnDemandThroughputSettings: { MaxWriteRequestUnits },
    });
    const made = (own: number, ofIndex: number) =>
      verdict(tableCaps, globalTable({ ...onDemand, ...other(own), ...index(other(ofIndex)) }));
    expect(made(1_000, 2_000)).toBe(GOOD);
    expect(made(1_000, 500)).toEqual(['IndexBelowTable::status-index']);
  });

  describe('of provisioned capacity', () => {
    const provisioned = { BillingMode: 'PROVISIONED', TableName: 'payments-dev' };
    const scaled = (MaxCapacity: number, name: unknown, path = '', kind = 'Write') => ({
      Type: 'AWS::ApplicationAutoScaling::ScalableTarget',
      Properties: {
        MaxCapacity,
        ResourceId: { 'Fn::Join': ['', ['table/', name, path]] },
        ScalableDimension: `dynamodb:${path === '' ? 'table' : 'index'}:${kind}CapacityUnits`,
      },
    });
    const made = (targets: Readonly<Record<string, ReturnType<typeof scaled>>>, more: object = {}) =>
      verdict(tableCaps, { ...table({ ...provisioned, ...more }), ...targets });
    const Table = scaled(4_000, { Ref: 'Table' });

    it('takes the maximum of its scaling for the cap, of the table and of each index', () => {
      expect(made({ Own: Table })).toBe(GOOD);
      expect(made({ Own: scaled(4_000, 'payments-dev') })).toBe(GOOD);
      const Index = scaled(8_000, { Ref: 'Table' }, '/index/status-index');
      expect(made({ Own: Table, Index }, index({}))).toBe(GOOD);
      expect(made({ Own: Table }, index({}))).toEqual(['IndexWriteCap::status-index']);
    });

    it('wants the maximum of an index at least as high', () => {
      const Index = scaled(3_999, { Ref: 'Table' }, '/index/status-index');
      expect(made({ Own: Table, Index }, index({}))).toEqual(['IndexBelowTable::status-index']);
    });

    it('refuses a table that neither scales nor is on demand, whatever else does', () => {
      const neither = ['BillingMode', 'WriteCap'];
      expect(made({})).toEqual(neither);
      expect(made({ Other: scaled(4_000, { Ref: 'Other' }) })).toEqual(neither);
      expect(made({ Reads: scaled(4_000, { Ref: 'Table' }, '', 'Read') })).toEqual(neither);
    });

    it('does not help a table on demand, which does not scale', () => {
      expect(made({ Own: Table }, onDemand)).toEqual(['WriteCap']);
    });

    it('reads the scaling of a global table in itself', () => {
      const settings = { WriteCapacityAutoScalingSettings: { MinCapacity: 5, MaxCapacity: 4_000 } };
      const own = { BillingMode: 'PROVISIONED', WriteProvisionedThroughputSettings: settings };
      expect(verdict(tableCaps, globalTable(own))).toBe(GOOD);
      expect(verdict(tableCaps, globalTable({ ...own, ...index(own) }))).toBe(GOOD);
      expect(verdict(tableCaps, globalTable({ ...own, ...index({}) }))).toEqual([
        'IndexWriteCap::status-index',
      ]);
    });
  });
});
