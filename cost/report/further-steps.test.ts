import { describe, expect, it } from 'vitest';
import type { Bill } from '../bill/bill.ts';
import { FURTHER_STEPS, withFurtherSteps } from './further-steps.ts';
import { someInputs, someReading } from './report.fixture.ts';
import { deployed } from './systems.ts';

const PAYMENTS = 1_000_000_000;
const INPUTS = someInputs();
const BILL = deployed('prod', someReading()).billAt(PAYMENTS, INPUTS);

function priced(price: string, { lines }: Bill): number {
  return lines.filter((line) => line.price === price).reduce((sum, { quantity }) => sum + quantity, 0);
}

describe('further steps', () => {
  const bills = withFurtherSteps(BILL, INPUTS, PAYMENTS).map(({ bill }) => bill);
  const [seldomRead, provisioned, balanced, together] = bills as [Bill, Bill, Bill, Bill];

  it('are each taken alone, and those that go together at last', () => {
    expect(bills).toHaveLength(4);
    expect(together.totalUsd).toBeLessThan(Math.min(provisioned.totalUsd, balanced.totalUsd));
  });

  it('store in the class for what is seldom read, with dearer writes', () => {
    expect(priced('ddb.ia.storage', seldomRead)).toBe(priced('ddb.storage', BILL));
    // But for the table of the audit's head.
    const control = BILL.lines.find(({ what }) => what === 'write units: control')?.quantity ?? 0;
    expect(priced('ddb.wru', seldomRead)).toBe(control);
    expect(priced('ddb.ia.wru', seldomRead)).toBeCloseTo(priced('ddb.wru', BILL) - control, 3);
  });

  it('turn write units into hours of capacity that is used to 70 %, whichever class they were of', () => {
    const hours = priced('ddb.wru', BILL) / 3_600 / 0.7;
    expect(priced('ddb.wru', provisioned)).toBe(0);
    expect(priced('ddb.wcu', provisioned)).toBeCloseTo(hours, 3);
    const after = withFurtherSteps(seldomRead, INPUTS, PAYMENTS, FURTHER_STEPS.slice(1))[0];
    expect(priced('ddb.wcu', after?.bill ?? BILL)).toBeCloseTo(hours, 3);
  });

  it('leave out what the bill has already', () => {
    const names = withFurtherSteps(seldomRead, INPUTS, PAYMENTS).map(({ name }) => name);
    expect(names).not.toContain(FURTHER_STEPS[0]?.name);
  });

  it('have no edge, no firewall and no function that answers behind a load balancer of their own', () => {
    for (const price of ['apigw.rest', 'waf.request', 'dto']) {
      expect(balanced.lines.filter((line) => line.price === price && line.component !== 'network')).toEqual(
        [],
      );
    }
    expect(balanced.lines.filter(({ what }) => /: (api|authorizer)$/.test(what))).toEqual([]);
  });

  it('need as many instances as answer all requests, and two at the least', () => {
    // 1 billion creates of 2 ms: 2,000,000 s in 2,628,000 s are 0.76 of a core, at 0.4 of one each.
    expect(priced('ec2.t4g.small', balanced)).toBe(2 * 730);
    const idle = withFurtherSteps(BILL, INPUTS, 1_000, FURTHER_STEPS.slice(2))[0];
    expect(priced('ec2.t4g.small', idle?.bill ?? BILL)).toBe(2 * 730);
    const busy = withFurtherSteps(BILL, INPUTS, 10 * PAYMENTS, FURTHER_STEPS.slice(2))[0];
    // Ten times as many: 7.61 cores.
    expect(priced('ec2.t4g.small', busy?.bill ?? BILL)).toBe(20 * 730);
  });
});
