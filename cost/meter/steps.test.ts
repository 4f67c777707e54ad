import { describe, expect, it } from 'vitest';
import type { Units } from './measured.ts';
import { batchesOf, meanUnits, stepOfBatches, stepOfMessages, typicalCpuMs, withCpu } from './steps.ts';

const samples = (size: number, ...units: readonly Units[]) => units.map((one) => ({ size, units: one }));

describe('the mean of invocations', () => {
  it('counts what some of them did not have as nothing', () => {
    expect(meanUnits(samples(1, { a: 1 }, { a: 2, b: 3 }))).toEqual({ a: 1.5, b: 1.5 });
  });

  it('is the same text in whatever order it came about', () => {
    const a = meanUnits(samples(1, { x: 0.1 }, { y: 0.2, x: 0.2 }, { x: 0.3 }));
    const b = meanUnits(samples(1, { x: 0.3 }, { x: 0.2, y: 0.2 }, { x: 0.1 }));
    expect(JSON.stringify(a)).toBe(JSON.stringify(b));
  });
});

describe('a step of messages', () => {
  const batches = [
    ...samples(10, { 'dynamodb.write.payments': 10, 'wait.psp': 1, 'psp.timeouts': 1 }),
    ...samples(10, { 'dynamodb.write.payments': 10, 'wait.psp': 1 }),
    ...samples(5, { 'dynamodb.write.payments': 8, 'wait.psp': 3 }),
  ];

  it('takes of a payment the same whatever the batch: the last one counts too', () => {
    expect(stepOfMessages(10, batches).units['dynamodb.write.payments']).toBe(11.2);
  });

  it('waits as whole batches wait', () => {
    expect(stepOfMessages(10, batches).units).toMatchObject({ 'wait.psp': 1, 'psp.timeouts': 0.5 });
  });
});

it('a step of batches is their mean', () => {
  expect(stepOfBatches(2, samples(2, { a: 1 }, { a: 3 }))).toEqual({ size: 2, units: { a: 2 } });
});

describe('processor time', () => {
  it('is the median of the means of groups: a pause of the machine moves it little', () => {
    const values = Array.from({ length: 50 }, (_, n) => ({ size: 1, units: { cpu_ms: n === 17 ? 900 : 2 } }));
    expect(typicalCpuMs(values)).toBe(2);
  });

  it('of a few invocations is their median', () => {
    expect(typicalCpuMs(samples(1, { cpu_ms: 1 }, { cpu_ms: 2 }, { cpu_ms: 40 }))).toBe(2);
  });

  it('stands before the counts, and is left out where it was not taken', () => {
    expect(withCpu({ a: 1 }, samples(1, { cpu_ms: 2 }))).toEqual({ cpu_ms: 2, a: 1 });
    expect(withCpu({ a: 1 }, undefined)).toEqual({ a: 1 });
    expect(withCpu({ a: 1 }, [])).toEqual({ a: 1 });
  });
});

describe('batches of records', () => {
  it('are all of one size: what is left at the end is left out', () => {
    expect(batchesOf([1, 2, 3, 4, 5], 2)).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it('are filled with the first records again where there are too few', () => {
    expect(batchesOf([1, 2, 3], 5)).toEqual([[1, 2, 3, 1, 2]]);
  });

  it('are not made of nothing', () => {
    expect(() => batchesOf([], 5)).toThrow(RangeError);
  });
});
