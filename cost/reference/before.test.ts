import { describe, expect, it } from 'vitest';
import { bill } from '../bill/bill.ts';
import { COMPONENTS } from '../bill/usage.ts';
import { someMix } from '../model/model.fixture.ts';
import { readPriceList } from '../prices/price-list.ts';
import { usagesAsWritten } from './as-written.ts';
import { CLAIMS, usagesBefore } from './before.ts';

const LIST = readPriceList('us-east-1');
const MIX = someMix({ readsPerPayment: 0.2, blockedShare: 0.01 });
const at = (payments: number) => bill(usagesBefore(payments, MIX), [], LIST);
const BILLED = at(10_000_000);

function usd(price: string): number {
  return BILLED.lines.filter((line) => line.price === price).reduce((sum, line) => sum + line.usd, 0);
}

describe('the "before" of the reference, at 10 million payments a month', () => {
  it.each([
    // Two zones: 2 × 730 h × 0.045
    ['NAT gateways', 'nat.hour', 65.7],
    ['their addresses', 'ipv4', 7.3],
    // 50 M units / 2,628,000 s = 19.0259 a second; / 0.195 × 730 h = 71,225 WCU-hours, less 18,600 × 0.00065
    ['provisioned writes', 'ddb.wcu', 34.21],
  ])('%s come to what they come to by hand', (_, price, expected) => {
    expect(usd(price)).toBeCloseTo(expected, 1);
  });

  it('bills its functions by 3,008 MB on x86, for milliseconds of a whole core and no fewer', () => {
    // Create: 43 ms waiting + 5 ms. Message: 5 + 3 ms. Read, 0.2 of them: 1 ms. 56.2 ms × 2.9375 GB × 10 M = 1.651 M.
    const line = BILLED.lines.find(({ price }) => price === 'lambda.gbs.x86');
    expect(line?.quantity).toBeCloseTo(1_650_875, 0);
  });

  it('keeps as many months of logs as of payments', () => {
    const gb = BILLED.lines
      .filter(({ price }) => price === 'cw.logs.vended')
      .reduce((sum, { quantity }) => sum + quantity, 0);
    const kept = BILLED.lines.find(({ price }) => price === 'cw.logs.storage');
    expect((kept?.quantity ?? 0) / gb).toBeCloseTo(12 * 0.2, 6);
  });

  it('makes the claim of 25 to 40 % true for writes of the database, where no allowance blurs it', () => {
    const volume = 1_000_000_000;
    const provisioned = at(volume).lines.find(({ price }) => price === 'ddb.wcu')?.usd ?? 0;
    const onDemand = bill(usagesAsWritten(volume, MIX), [], LIST).lines.find(
      ({ price }) => price === 'ddb.wru',
    )?.usd;
    expect(1 - (onDemand ?? 0) / provisioned).toBeCloseTo(0.325, 2);
  });

  it.each([100_000, 10_000_000, 1_000_000_000])('costs more than the reference at %d', (volume) => {
    expect(at(volume).totalUsd).toBeGreaterThan(bill(usagesAsWritten(volume, MIX), [], LIST).totalUsd);
  });
});

describe('the claims', () => {
  it('are about parts of the bill, each once', () => {
    const parts = CLAIMS.map(({ part }) => part);
    expect(new Set(parts).size).toBe(parts.length);
    expect(parts.filter((part) => !COMPONENTS.includes(part))).toEqual([]);
  });
});
