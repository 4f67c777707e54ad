import { describe, expect, it } from 'vitest';
import { differences } from './compare.ts';
import type { Metered } from './measure.ts';
import { REQUEST_KINDS, type RequestKind } from './measured.ts';

const ofEachKind = <T>(value: T) =>
  Object.fromEntries(REQUEST_KINDS.map((kind) => [kind, value])) as Record<RequestKind, T>;

function metered(given: Partial<Metered> = {}): Metered {
  return {
    mix: 'a',
    payments: 200,
    calibration: { measured: 20, reference: 20 },
    requests: ofEachKind({ 'dynamodb.write.payments': 1 }),
    requestsPerPayment: ofEachKind(1),
    perPayment: { relay: 1, audit: 2, worker: 1 },
    relay: [{ size: 1, units: { 'sqs.SendMessageBatch': 1, 'nat.bytes': 2_000 } }],
    worker: [{ size: 10, units: { 'dynamodb.write.payments': 10, cpu_ms: 12 } }],
    audit: [{ size: 50, units: { 's3.put_bytes': 9_000 } }],
    sweep: [{ size: 0, units: { 'dynamodb.read.payments/status-index': 4 } }],
    authorizer: { 'dynamodb.read.payments': 1 },
    stored: { itemBytes: 900, indexBytes: 100 },
    customMetrics: 11,
    ...given,
  };
}

describe('a second count', () => {
  it('differs by nothing from the same figures', () => {
    expect(differences(metered(), metered())).toEqual([]);
  });

  it('names the unit that has changed, with what it was and what it is', () => {
    const after = metered({ worker: [{ size: 10, units: { 'dynamodb.write.payments': 10.5 } }] });
    expect(differences(metered(), after)).toEqual([
      { figure: 'worker, 10 at a time: dynamodb.write.payments', before: 10, after: 10.5 },
    ]);
  });

  it('names what is new and what is gone', () => {
    const after = metered({ authorizer: { 'sqs.GetQueueAttributes': 1 } });
    expect(differences(metered(), after)).toEqual([
      { figure: 'authorizer: dynamodb.read.payments', before: 1, after: null },
      { figure: 'authorizer: sqs.GetQueueAttributes', before: null, after: 1 },
    ]);
  });

  it('passes over processor time', () => {
    const after = metered({
      calibration: { measured: 40, reference: 20 },
      worker: [{ size: 10, units: { 'dynamodb.write.payments': 10, cpu_ms: 99 } }],
    });
    expect(differences(metered(), after)).toEqual([]);
  });

  it('takes a little more of bytes that chance compresses, and no more than that', () => {
    const ofBytes = (bytes: number) => metered({ audit: [{ size: 50, units: { 's3.put_bytes': bytes } }] });
    expect(differences(metered(), ofBytes(9_180))).toEqual([]);
    expect(differences(metered(), ofBytes(8_820))).toEqual([]);
    expect(differences(metered(), ofBytes(9_181))).toHaveLength(1);
  });

  it('says that another mix was run', () => {
    expect(differences(metered(), metered({ mix: 'b' }))).toEqual([
      { figure: 'SHA-256 of the mix', before: 'a', after: 'b' },
    ]);
  });
});
