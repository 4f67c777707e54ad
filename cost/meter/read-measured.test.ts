import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MEASURED_FILE, NotMeteredError, readMeasured } from './read-measured.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'measured-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function written(change: (measured: Record<string, unknown>) => void): string {
  const measured = JSON.parse(readFileSync(MEASURED_FILE, 'utf8'));
  change(measured);
  const file = join(folder, 'measured.json');
  writeFileSync(file, JSON.stringify(measured));
  return file;
}

it('reads what is committed: every function and every kind of request was metered', () => {
  const { requests, worker, coldStartMs } = readMeasured();
  expect(requests.create['dynamodb.write.payments']).toBe(1);
  expect(worker.map(({ size }) => size)).toEqual([1, 2, 5, 10]);
  expect(Object.values(coldStartMs).every((ms) => ms > 0)).toBe(true);
});

it('says what is wrong with the file, and how to write it', () => {
  expect(() => readMeasured(join(folder, 'none.json'))).toThrow(NotMeteredError);
  expect(() => readMeasured(join(folder, 'none.json'))).toThrow(/none\.json.*npm run cost:meter/);
  const without = written((measured) => delete measured.sweep);
  expect(() => readMeasured(without)).toThrow(/sweep.*npm run cost:meter/);
  const negative = written((measured) => Object.assign(measured, { authorizer: { 'sqs.SendMessage': -1 } }));
  expect(() => readMeasured(negative)).toThrow(/authorizer\.sqs\.SendMessage/);
  const falling = written((measured) => (measured.relay as unknown[]).reverse());
  expect(() => readMeasured(falling)).toThrow(/relay: the sizes must rise/);
});
