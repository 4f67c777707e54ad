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
});
