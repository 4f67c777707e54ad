import { describe, expect, it } from 'vitest';
import { readPriceList } from '../prices/price-list.ts';
import { BillError, bill } from './bill.ts';
import { COMPONENTS, type Component, type Usage } from './usage.ts';

const list = readPriceList('us-east-1');

function usage(price: string, quantity: number, component: Component = 'database'): Usage {
  return {
    component,
    what: `${quantity} of ${price}`,
    price,
    quantity,
    basis: 'template',
    derivation: 'said',
  };
}

function usdOf(...usages: Usage[]): number[] {
  const { lines } = bill(usages, [], list);
  return usages.map(({ what }) => lines.find((line) => line.what === what)?.usd as number);
}

describe('A bill', () => {
  it('gives the allowance of a price to the sum of its lines, in proportion', () => {
    // 50 GB, 25 free, 25 × 0.25 = 6.25: three fifths and two fifths of it.
    expect(usdOf(usage('ddb.storage', 30), usage('ddb.storage', 20))).toEqual([3.75, 2.5]);
  });

  it('takes the tiers by the sum of the lines, too', () => {
    // 400 million: 333 × 3.50 = 1,165.50 and 67 × 2.80 = 187.60, to two equal lines.
    const half = usage('apigw.rest', 200e6, 'edge');
    const { lines, totalUsd } = bill([half, { ...half, component: 'functions' }], [], list);
    for (const { usd } of lines) expect(usd).toBeCloseTo((1_165.5 + 187.6) / 2, 6);
    expect(totalUsd).toBeCloseTo(1_165.5 + 187.6, 6);
  });

  it('gives one allowance to all kinds of logs together', () => {
    // 40 GB, 5 free: 1.25 of them for the 10 GB, 3.75 for the 30. Both at 0.50.
    const [written, vended] = usdOf(usage('cw.logs.std', 10), usage('cw.logs.vended', 30));
    expect(written).toBeCloseTo(8.75 * 0.5, 9);
    expect(vended).toBeCloseTo(26.25 * 0.5, 9);
    expect(usdOf(usage('cw.logs.std', 2), usage('cw.logs.vended', 2))).toEqual([0, 0]);
  });

  it('charges nothing for nothing', () => {
    expect(usdOf(usage('nat.gb', 0), usage('cw.logs.std', 0))).toEqual([0, 0]);
  });

  it('lists the parts in their order, and each with where its price is from', () => {
    const { lines, byComponent, totalUsd } = bill(
      [
        usage('kms.key', 1, 'security'),
        usage('nat.hour', 730, 'network'),
        usage('cf.function', 12e6, 'edge'),
      ],
      [],
      list,
    );
    expect(lines.map(({ component }) => component)).toEqual(['edge', 'network', 'security']);
    expect(lines[0]).toMatchObject({ confidence: 'remembered', source: expect.stringContaining('memory') });
    expect(Object.keys(byComponent)).toEqual([...COMPONENTS]);
    // 10 million beyond the two that are free, at 0.10 a million
    expect(byComponent.edge).toBeCloseTo(1, 9);
    expect(byComponent.network).toBeCloseTo(32.85, 9);
    expect(byComponent.queue).toBe(0);
    expect(totalUsd).toBeCloseTo(1 + 32.85 + 1, 9);
  });

  it('hands on what is unknown, which is not in the total', () => {
    const unknown = [{ logicalId: 'Cache', type: 'AWS::ElastiCache::CacheCluster' }];
    expect(bill([], unknown, list)).toMatchObject({ unknown, totalUsd: 0, lines: [] });
  });

  it('is refused for a price that is not in the list, by name', () => {
    const make = () => bill([usage('ec2.m99.huge', 1)], [], list);
    expect(make).toThrow(BillError);
    expect(make).toThrow('"ec2.m99.huge", which the prices of us-east-1 do not have');
  });

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('is refused for the quantity %d', (quantity) => {
    expect(() => bill([usage('kms.key', quantity)], [], list)).toThrow(`has the quantity ${quantity}`);
  });
});
