import { describe, expect, it } from 'vitest';
import { someFacts, someMeasured, someMix } from '../model/model.fixture.ts';
import { usagesOf } from '../model/usages.ts';
import { excesses, type PerPayment, perPayment, unused } from './budget.ts';

const MILLION = 1_000_000;

function units(given: { writes?: number; logs?: number; cpuMs?: number } = {}): PerPayment {
  const measured = someMeasured();
  const [first, ...others] = measured.worker;
  if (!first) throw new Error('fixture: nothing was metered');
  const worker = [first, ...others].map(({ size, units: of }) => ({
    size,
    units: {
      ...of,
      'dynamodb.write.payments': size * (given.writes ?? 1),
      'logs.bytes': size * (given.logs ?? 100),
      cpu_ms: size * (given.cpuMs ?? 4),
    },
  }));
  const usages = usagesOf({
    reading: { facts: someFacts(), fixed: [], unknown: [] },
    measured: { ...measured, worker },
    mix: someMix(),
    paymentsPerMonth: 10 * MILLION,
  });
  return perPayment(usages, 10 * MILLION);
}

const ceilings = { note: 'as measured', paymentsPerMonth: 10 * MILLION, perPayment: { ...units() } };

describe('the budget of a payment', () => {
  it('is kept by what was measured when it was set', () => {
    expect(excesses(units(), ceilings)).toEqual([]);
    expect(unused(units(), ceilings)).toEqual([]);
  });

  it.each([
    ['one more write', { writes: 2 }, 'database: write units: payments'],
    ['a longer line in the log', { logs: 900 }, 'logs and traces: lines of the functions'],
    ['more processor time', { cpuMs: 40 }, 'functions: GB-seconds: worker'],
  ])('is exceeded by %s, and the line of the bill is named', (_, given, line) => {
    const found = excesses(units(given), ceilings);
    expect(found[0]).toMatchObject({ line, ceiling: ceilings.perPayment[line] });
    expect(found[0]?.perPayment).toBeGreaterThan(ceilings.perPayment[line] as number);
  });

  it('is exceeded by a line that has no ceiling, however small', () => {
    const grown = { ...units(), 'queue: CreateQueue, of the functions': 1e-9 };
    expect(excesses(grown, ceilings)).toEqual([
      { line: 'queue: CreateQueue, of the functions', perPayment: 1e-9, ceiling: null },
    ]);
  });

  it('tells ceilings that nothing needs any more', () => {
    const { 'functions: requests: relay': gone, ...rest } = units();
    expect(gone).toBeGreaterThan(0);
    expect(unused(rest, ceilings)).toEqual(['functions: requests: relay']);
  });
});
