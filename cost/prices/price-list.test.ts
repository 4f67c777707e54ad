import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PriceListError, parsePriceList, pricedRegions, readPriceList } from './price-list.ts';

const file = readFileSync(join(import.meta.dirname, 'us-east-1.json'), 'utf8');

interface Editable {
  prices: Record<string, unknown>[];
  sources: Record<string, Record<string, unknown>>;
  [key: string]: unknown;
}

/** The file with something changed. */
function edited(change: (list: Editable) => void): string {
  const list = JSON.parse(file) as Editable;
  change(list);
  return JSON.stringify(list);
}

function first(list: Editable): Record<string, unknown> {
  return list.prices[0] as Record<string, unknown>;
}

describe('The prices of us-east-1', () => {
  const { prices, region, hoursPerMonth } = readPriceList('us-east-1');

  it('each say where they are from, when that was read, and how sure they are', () => {
    expect(prices.size).toBeGreaterThan(100);
    for (const { id, source, read, confidence, unit } of prices.values()) {
      expect(source, id).toMatch(/\w{4}/);
      expect(read, id).toMatch(/^20\d\d-\d\d(-\d\d)?$/);
      expect(['seen', 'remembered', 'approximate', 'conflicting'], id).toContain(confidence);
      expect(unit, id).not.toBe('');
    }
  });

  it('say of what is remembered that it is', () => {
    for (const { id, source, confidence } of prices.values()) {
      if (/memory/i.test(source)) expect(confidence, id).toBe('remembered');
    }
    expect(prices.get('cf.function')?.confidence).toBe('remembered');
    expect(prices.get('nat.hour')?.confidence).toBe('seen');
    expect(prices.get('ec2.spot.t4g.small')?.confidence).toBe('approximate');
    expect(prices.get('cw.logs.s3')?.confidence).toBe('conflicting');
  });

  it('are for months of 730 hours', () => {
    expect(region).toBe('us-east-1');
    expect(hoursPerMonth).toBe(730);
  });

  it('give no allowance of a first year: neither to servers nor to S3', () => {
    for (const [id, { freePerMonth }] of prices) {
      if (/^(ec2|ebs|s3|apigw|alb|config)\./.test(id)) expect(freePerMonth, id).toBe(0);
    }
  });
});

describe('A price list', () => {
  it('is there for the regions that are named', () => {
    expect(pricedRegions()).toContain('us-east-1');
    for (const region of pricedRegions()) expect(readPriceList(region).region).toBe(region);
  });

  it('of a region that has none is refused, with what to do', () => {
    const read = () => readPriceList('eu-west-1');
    expect(read).toThrow(PriceListError);
    expect(read).toThrow('There are no prices of the region "eu-west-1". There are those of us-east-1.');
    expect(read).toThrow('copy cost/prices/us-east-1.json to cost/prices/eu-west-1.json');
    expect(() => readPriceList('../prices/us-east-1')).toThrow(PriceListError);
  });

  it.each<[string, (list: Editable) => void, string]>([
    ['has a price without a source', (list) => delete first(list).source, 'source'],
    ['names a source that is not there', (list) => (first(list).source = 'NOBODY'), 'is from NOBODY'],
    ['has a source without a date', (list) => delete list.sources.IC?.read, 'read'],
    ['has a date that is none', (list) => (list.sources.IC = { text: 'x', read: '2026-13' }), 'give a date'],
    ['has a negative price', (list) => (first(list).tiers = [{ upTo: null, usd: -1 }]), 'usd'],
    ['has no tiers', (list) => (first(list).tiers = []), 'tiers'],
    [
      'has tiers that end',
      (list) => (first(list).tiers = [{ upTo: 10, usd: 1 }]),
      'the last tier, and no other, ends at null',
    ],
    [
      'has a tier after the last',
      (list) =>
        (first(list).tiers = [
          { upTo: null, usd: 1 },
          { upTo: null, usd: 2 },
        ]),
      'the last tier, and no other, ends at null',
    ],
    [
      'has tiers that fall',
      (list) =>
        (first(list).tiers = [
          { upTo: 10, usd: 1 },
          { upTo: 5, usd: 1 },
          { upTo: null, usd: 1 },
        ]),
      'each tier ends above the one before',
    ],
    ['prices no units at a time', (list) => (first(list).per = 0), 'per'],
    ['has a price twice', (list) => list.prices.push(first(list)), 'lambda.request is there twice'],
    ['says what nobody knows', (list) => (first(list).discount = 0.5), 'discount'],
    ['has months of other hours', (list) => (list.hoursPerMonth = 720), '730'],
    [
      'has allowances of one group that differ',
      (list) => {
        for (const price of list.prices) if (price.id === 'cw.logs.ia') price.freePerMonth = 6;
      },
      'cw.logs',
    ],
  ])('that %s is refused', (_, change, message) => {
    const parse = () => parsePriceList(edited(change), 'us-east-1');
    expect(parse).toThrow(PriceListError);
    expect(parse).toThrow(message);
  });

  it('of another region than its name says is refused, and one that is not JSON', () => {
    expect(() => parsePriceList(file, 'us-west-2')).toThrow('says that they are of us-east-1');
    expect(() => parsePriceList('{', 'us-east-1')).toThrow('The prices of us-east-1 are not JSON');
  });
});
