import { PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Fauxqs, startFauxqs } from '../../../test/emulators/fauxqs.ts';
import { aNewPayment } from '../../domain/payment.fixture.ts';
import { invocationRecord, invocationRecordKey, streamEvent, written } from '../../lambda/events.fixture.ts';
import { UnavailableError } from '../../ports/faults.ts';
import { createS3Client } from './s3-client.ts';
import { createS3FailedEvents } from './s3-failed-events.ts';

const EVENT = streamEvent([written(aNewPayment())]);
const START_MS = Date.parse('2026-03-02T10:00:00.000Z');

let emulator: Fauxqs;
let client: S3Client;

beforeAll(async () => {
  emulator = await startFauxqs();
  client = createS3Client(emulator.settings);
});

afterAll(async () => {
  client.destroy();
  await emulator.stop();
});

async function open() {
  const bucket = await emulator.createBucket();
  const put = (key: string, body: string) =>
    client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
  return { put, failedEvents: createS3FailedEvents({ client, bucket }) };
}

const record = (functionName: string) => JSON.stringify(invocationRecord(EVENT, functionName));

describe('failed events in a bucket', () => {
  it('are batches as the reader was given them, with its name and without its alias', async () => {
    const { put, failedEvents } = await open();
    const key = invocationRecordKey('a');
    await put(key, record('payment-audit-dev123'));
    expect(await failedEvents.list(10)).toEqual([key]);
    expect(await failedEvents.read(key)).toEqual({ reader: 'payment-audit-dev123', event: EVENT });
  });

  it('may hold the batch as it is, and not as text', async () => {
    const { put, failedEvents } = await open();
    const key = invocationRecordKey('a');
    await put(key, JSON.stringify({ ...invocationRecord(EVENT, 'payment-relay-dev123'), payload: EVENT }));
    expect(await failedEvents.read(key)).toEqual({ reader: 'payment-relay-dev123', event: EVENT });
  });

  it('are listed the oldest first, whatever their names, and counted', async () => {
    const { put, failedEvents } = await open();
    const keys = ['c', 'a', 'b'].map((name) => invocationRecordKey('x', `shardId-${name}`));
    vi.useFakeTimers({ toFake: ['Date'] });
    for (const [index, key] of keys.entries()) {
      vi.setSystemTime(START_MS + index * 60_000);
      await put(key, '{}');
    }
    expect(await failedEvents.list(2)).toEqual(keys.slice(0, 2));
    expect(await failedEvents.count()).toBe(3);
    vi.useRealTimers();
  });

  it('are not what else is in the bucket', async () => {
    const { put, failedEvents } = await open();
    await put('readme.txt', 'hello');
    expect([await failedEvents.list(10), await failedEvents.count()]).toEqual([[], 0]);
  });

  it('are gone when they are removed, which may be told twice', async () => {
    const { put, failedEvents } = await open();
    const key = invocationRecordKey('a');
    await put(key, record('payment-audit-dev123'));
    await failedEvents.remove(key);
    await failedEvents.remove(key);
    expect(await failedEvents.count()).toBe(0);
  });

  it.each([
    ['is not JSON', 'hello', ''],
    ['holds nothing', ' ', ''],
    ['is JSON of another kind', '[1]', ''],
    ['is JSON of nothing', 'null', ''],
    ['has a function of another form', '{"requestContext":{"functionArn":"x"}}', ''],
    ['holds no readable batch', JSON.stringify({ ...invocationRecord(EVENT, 'f'), payload: '{"Rec' }), 'f'],
  ])('have no reader or no batch where an object %s, and are counted', async (_what, body, reader) => {
    const { put, failedEvents } = await open();
    const key = invocationRecordKey('a');
    await put(key, body);
    const batch = await failedEvents.read(key);
    expect(batch.reader).toBe(reader);
    expect(batch.event ?? null).toBeNull();
    expect(await failedEvents.count()).toBe(1);
  });

  it('are unavailable, and not gone, where the bucket cannot be asked', async () => {
    const failedEvents = createS3FailedEvents({ client, bucket: 'no-such-bucket' });
    await expect(failedEvents.list(1)).rejects.toThrow(UnavailableError);
    await expect(failedEvents.count()).rejects.toThrow('Failed batches cannot be listed in no-such-bucket');
  });
});
