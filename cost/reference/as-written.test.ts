import { describe, expect, it } from 'vitest';
import { bill } from '../bill/bill.ts';
import { someMix } from '../model/model.fixture.ts';
import { readPriceList } from '../prices/price-list.ts';
import { usagesAsWritten } from './as-written.ts';
import { keptAsWritten, messagesPerPoll } from './design.ts';
import { executionLog, executionLogBytes } from './execution-log.ts';

const LIST = readPriceList('us-east-1');
const MIX = someMix({
  readsPerPayment: 0.2,
  listsPerPayment: 0.001,
  replayedShare: 0.005,
  blockedShare: 0.01,
});
const TEN_MILLION = 10_000_000;

const billed = bill(usagesAsWritten(TEN_MILLION, MIX), [], LIST);

/** US dollars of all lines with a price at 10 million payments a month. */
function usd(price: string): number {
  return billed.lines.filter((line) => line.price === price).reduce((sum, line) => sum + line.usd, 0);
}

describe('the reference as written, at 10 million payments a month', () => {
  it.each([
    // 10 M creates, 2 M reads, 10 k lists, 50 k replays: 12.06 M × 3.50 / M
    ['requests of the REST API', 'apigw.rest', 42.21],
    // 12.06 M are 99 % of what the firewall sees: 12.1818 M × 0.60 / M
    ['requests of the firewall', 'waf.request', 7.309],
    // 10 M × 5 = 50 M × 0.625 / M
    ['write units', 'ddb.wru', 31.25],
    // (800 + 800) × 120 M / 2^30 = 178.814 GB, less 25, × 0.25
    ['storage', 'ddb.storage', 38.453],
    // 800 × 120 M / 2^30 = 89.407 GB × 0.20
    ['point-in-time recovery', 'ddb.pitr', 17.881],
    // one each: 10 M × 5 / M
    ['audit objects', 's3.put', 50],
    // 127 bytes × 120 M / 2^30 = 14.193 GB × 0.023
    ['storage of audit objects', 's3.std', 0.326],
    // 10 M sent, 5 M received by two, 5 M deleted by two: 20 M, less 1 M, × 0.40 / M
    ['requests of the queue', 'sqs.std', 7.6],
    // 12.06 M and 5 M batches of two, less 1 M: 16.06 M × 0.20 / M
    ['requests of the functions', 'lambda.request', 3.212],
    // 730 h × 0.045
    ['NAT gateway', 'nat.hour', 32.85],
    // 10 M × 3 × 2,000 bytes / 2^30 = 55.879 GB × 0.045
    ['bytes through it', 'nat.gb', 2.515],
    // 730 h × 0.005
    ['its address', 'ipv4', 3.65],
    // 2 × 730 h × 0.0208
    ['instances', 'ec2.t3.small', 30.368],
    // 2 × 8 GB × 0.08
    ['disks', 'ebs.gp3', 1.28],
    ['web ACL', 'waf.acl', 5],
    ['its rules', 'waf.rule', 3],
    ['secret', 'secrets.secret', 0.4],
    // 15, less 10, × 0.30
    ['detailed metrics', 'cw.metric', 1.5],
  ])('%s come to what they come to by hand', (_, price, expected) => {
    expect(usd(price)).toBeCloseTo(expected, 2);
  });

  it('pays for no GB-second: two functions stay within 400,000', () => {
    // Create: 5 + 8 + 30 ms waiting and 5 ms × 1769 / 512 = 17.3 ms: 60.3 ms × 0.5 GB × 10 M = 301 k.
    // Message: 5 + 3 × 3.455 = 15.4 ms: 77 k. Read, 0.206 of them: 3.455 ms: 3.6 k. In all 382 k.
    const line = billed.lines.find(({ price }) => price === 'lambda.gbs.arm');
    expect(line?.quantity).toBeCloseTo(381_763, -1);
    expect(usd('lambda.gbs.arm')).toBe(0);
  });

  it('transitions nothing to Glacier, and says what it would be', () => {
    const line = billed.lines.find(({ price }) => price === 's3.gfr.put');
    expect(line).toMatchObject({ quantity: 0, usd: 0 });
    expect(line?.derivation).toContain('$30 a million');
  });

  it('comes to the sum of its lines, all of them declared and derived', () => {
    expect(billed.totalUsd).toBeCloseTo(313.1, 0);
    expect(billed.lines.filter(({ basis, derivation }) => basis !== 'declared' || derivation === '')).toEqual(
      [],
    );
  });
});

describe('what the reference stores of a payment', () => {
  it('is four attributes, in the table and whole in its index', () => {
    // payment_id 10 + 20, timestamp 9 + 26, amount 6 + 4, status 6 + 9; and 100 of DynamoDB's own.
    expect(keptAsWritten(MIX)).toEqual({ tableBytes: 190, indexBytes: 190 });
  });

  it('costs more if more is stored', () => {
    const four = bill(usagesAsWritten(TEN_MILLION, MIX, keptAsWritten(MIX)), [], LIST);
    // 1,600 × 120 M / 2^30 = 178.81 GB, less 25, × 0.25 = 38.45; and half of it × 0.20 = 17.88: 56.33 instead of 8.61.
    expect(billed.totalUsd - four.totalUsd).toBeCloseTo(47.72, 1);
  });
});

describe('the execution log of the reference', () => {
  it('has every event within 1 KB, of which two fill it', () => {
    const bytes = [...executionLog(MIX, 'create').values()];
    expect(Math.max(...bytes)).toBe(1_024);
    expect(bytes.filter((size) => size === 1_024)).toHaveLength(2);
  });

  it('is longer for a create than for a read, by the body', () => {
    const body = executionLogBytes(MIX, 'create') - executionLogBytes(MIX, 'read');
    expect(body).toBeGreaterThan(100);
    expect(body).toBeLessThan(400);
  });
});

describe('the reference at any volume', () => {
  const VOLUMES = [1, 1_000, 100_000, 5_000_000, 60_000_000, 300_000_000, 1_000_000_000, 10_000_000_000];
  const bills = VOLUMES.map((volume) => bill(usagesAsWritten(volume, MIX), [], LIST));

  it('costs more in total, and not more for each payment, the more payments there are', () => {
    const totals = bills.map(({ totalUsd }) => totalUsd);
    expect(totals).toEqual(totals.toSorted((a, b) => a - b));
    const each = totals.map((total, i) => total / (VOLUMES[i] as number));
    expect(each).toEqual(each.toSorted((a, b) => b - a));
  });

  it('polls its queue even when nothing comes', () => {
    const idle = bills[0]?.lines.find(({ what }) => what === 'ReceiveMessage');
    // Five pollers, three times a minute, 43,800 minutes.
    expect(idle?.quantity).toBeCloseTo(657_000, 3);
  });

  it('reads its queue in batches of two to ten', () => {
    expect(VOLUMES.map((volume) => messagesPerPoll(volume)).filter((size) => size < 2 || size > 10)).toEqual(
      [],
    );
    expect(messagesPerPoll(1_000_000_000)).toBe(10);
  });
});
