import { describe, expect, it } from 'vitest';
import { meanUsd, monthlyUsd } from './monthly-usd.ts';
import { readPriceList } from './price-list.ts';

const { prices } = readPriceList('us-east-1');

function usd(id: string, quantity: number): number {
  const price = prices.get(id);
  if (!price) throw new Error(`there is no price ${id}`);
  return monthlyUsd(price, quantity);
}

describe('What a month costs, by figures worked out by hand:', () => {
  it('a billion requests of a REST API', () => {
    // 333 million at 3.50 a million: 1,165.50. The other 667 million at 2.80: 1,867.60.
    expect(usd('apigw.rest', 1e9)).toBeCloseTo(1_165.5 + 1_867.6, 6);
    // 200 million more in the third tier, at 2.38: 476.
    expect(usd('apigw.rest', 1.2e9)).toBeCloseTo(1_165.5 + 1_867.6 + 476, 6);
    // 21 billion: 19 billion at 2.38 are 45,220, and one billion at 1.51 is 1,510.
    expect(usd('apigw.rest', 21e9)).toBeCloseTo(1_165.5 + 1_867.6 + 45_220 + 1_510, 4);
  });

  it('a million GB-seconds of Lambda, of which 400,000 are free', () => {
    // 600,000 × 0.0000133334 = 8.00004 on arm64; × 0.0000166667 = 10.00002 on x86.
    expect(usd('lambda.gbs.arm', 1e6)).toBeCloseTo(8.00004, 9);
    expect(usd('lambda.gbs.x86', 1e6)).toBeCloseTo(10.00002, 9);
    expect(usd('lambda.gbs.arm', 400_000)).toBe(0);
  });

  it('GB-seconds beyond the second tier', () => {
    // Paid: 20 billion. 7.5e9 × 0.0000133334 = 100,000.50; 11.25e9 × 0.0000120001 = 135,001.125;
    // 1.25e9 × 0.0000106667 = 13,333.375.
    expect(usd('lambda.gbs.arm', 20e9 + 400_000)).toBeCloseTo(100_000.5 + 135_001.125 + 13_333.375, 3);
  });

  it('a hundred GB in DynamoDB, of which 25 are free', () => {
    // 75 × 0.25
    expect(usd('ddb.storage', 100)).toBe(18.75);
    expect(usd('ddb.storage', 25)).toBe(0);
    // Standard-IA has no allowance: 100 × 0.10
    expect(usd('ddb.ia.storage', 100)).toBeCloseTo(10, 9);
  });

  it('sixty TB of vended logs beyond the 5 GB that are free', () => {
    // 10 TB: 10,240 × 0.50 = 5,120. 20 TB: 20,480 × 0.25 = 5,120. 20 TB: 20,480 × 0.10 = 2,048.
    // 10 TB: 10,240 × 0.05 = 512.
    expect(usd('cw.logs.vended', 60 * 1_024 + 5)).toBeCloseTo(12_800, 6);
    // One GB beyond the allowance.
    expect(usd('cw.logs.vended', 6)).toBe(0.5);
  });

  it('the hours of a NAT gateway, and of a public address', () => {
    // 730 × 0.045; 730 × 0.005
    expect(usd('nat.hour', 730)).toBeCloseTo(32.85, 9);
    expect(usd('ipv4', 730)).toBeCloseTo(3.65, 9);
  });

  it('ten million payments of five write units', () => {
    // 50 × 0.625
    expect(usd('ddb.wru', 50e6)).toBeCloseTo(31.25, 9);
  });

  it('S3 storage over its tiers', () => {
    // 50 TB: 51,200 × 0.023 = 1,177.60. 450 TB: 460,800 × 0.022 = 10,137.60. 1 TB: 1,024 × 0.021 = 21.504.
    expect(usd('s3.std', 501 * 1_024)).toBeCloseTo(1_177.6 + 10_137.6 + 21.504, 6);
  });

  it('SQS, SNS, traces, alarms, dashboards and provisioned writes over their allowances', () => {
    // 80 million requests, one free: 79 × 0.40
    expect(usd('sqs.std', 80e6)).toBeCloseTo(31.6, 9);
    expect(usd('sns.std', 1e6)).toBe(0);
    // 300,000 traces, 100,000 free: 0.2 × 5
    expect(usd('xray.trace', 300_000)).toBeCloseTo(1, 9);
    // 53 metrics of alarms, 10 free: 43 × 0.10
    expect(usd('cw.alarm', 53)).toBeCloseTo(4.3, 9);
    // 3 free
    expect(usd('cw.dashboard', 4)).toBe(3);
    // 100 units × 730 hours = 73,000, of which 18,600 are free: 54,400 × 0.00065
    expect(usd('ddb.wcu', 73_000)).toBeCloseTo(35.36, 9);
    // 12,010 metrics, 10 free: 10,000 × 0.30, 2,000 × 0.10
    expect(usd('cw.metric', 12_010)).toBeCloseTo(3_200, 6);
  });

  it('what goes out of a region, and out of CloudFront', () => {
    // 11 TB after 100 GB: 10,240 × 0.09 = 921.60, 1,024 × 0.085 = 87.04
    expect(usd('dto', 100 + 11 * 1_024)).toBeCloseTo(921.6 + 87.04, 6);
    // 11 TB, one free, nine in the first tier: 9,216 × 0.085 = 783.36, 1,024 × 0.080 = 81.92
    expect(usd('cf.dto', 11 * 1_024)).toBeCloseTo(783.36 + 81.92, 6);
    // 12 million requests, ten free
    expect(usd('cf.https', 12e6)).toBeCloseTo(2, 9);
  });

  it('nothing costs nothing, and no price falls when more is used', () => {
    for (const price of prices.values()) {
      let before = 0;
      expect(monthlyUsd(price, 0), price.id).toBe(0);
      for (const quantity of [1, 10, 1e3, 1e5, 1e7, 1e9, 1e11, 1e13]) {
        const now = monthlyUsd(price, quantity);
        expect(now, price.id).toBeGreaterThanOrEqual(before);
        before = now;
      }
    }
  });

  it('is not told for less than nothing, or for what is no number', () => {
    expect(() => usd('nat.hour', -1)).toThrow('nat.hour was given -1');
    expect(() => usd('nat.hour', Number.NaN)).toThrow('nat.hour was given NaN');
    expect(() => usd('nat.hour', Number.POSITIVE_INFINITY)).toThrow('nat.hour was given Infinity');
  });
});

describe('What one unit costs among many', () => {
  it('bears its part of what is free', () => {
    const price = prices.get('ddb.storage');
    // 50 GB: 25 × 0.25 = 6.25, an eighth of a dollar for each
    expect(price && meanUsd(price, 50)).toBe(0.125);
    expect(price && meanUsd(price, 0)).toBe(0);
  });
});
