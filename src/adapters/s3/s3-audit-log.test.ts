import { gunzipSync, gzipSync } from 'node:zlib';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Fauxqs, startFauxqs } from '../../../test/emulators/fauxqs.ts';
import { describeAuditLog } from '../../ports/audit-log.contract.ts';
import type { AuditLog } from '../../ports/audit-log.ts';
import { memoryHeads } from './memory-heads.fixture.ts';
import { entries, recordingLogger } from './memory-objects.fixture.ts';
import { createS3AuditLog } from './s3-audit-log.ts';
import { createS3Client } from './s3-client.ts';

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

const timers = { sleep: async () => undefined };
const ids = { random: () => 0.5 };

async function openLog() {
  const bucket = await emulator.createBucket();
  const heads = memoryHeads();
  const open = (): AuditLog =>
    createS3AuditLog({ client, bucket, heads, timers, ids, logger: recordingLogger() });
  return { bucket, heads, open, log: open() };
}

describeAuditLog('in S3', async () => ({ log: (await openLog()).log, close: async () => undefined }));

const KEY = (number: number) => `audit/00000000000${number}.ndjson.gz`;

describe('the emulator', () => {
  it('refuses to put over what is there if asked to, also of two at once', async () => {
    const bucket = await emulator.createBucket();
    const put = (Body: string) =>
      client.send(new PutObjectCommand({ Bucket: bucket, Key: 'a', Body, IfNoneMatch: '*' }));
    const both = await Promise.allSettled([put('1'), put('2')]);
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    const refused = await put('3').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(S3ServiceException);
    expect(refused).toMatchObject({ name: 'PreconditionFailed', $metadata: { httpStatusCode: 412 } });
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: 'a' }));
    await put('4');
  });
});

describe('the audit log in S3', () => {
  it('writes each append as one packed object of lines, numbered from 1', async () => {
    const { bucket, log } = await openLog();
    await log.append(entries(3), 'a');
    await log.append(entries(2, 4), 'b');
    const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
    expect(Contents.map(({ Key }) => Key)).toEqual([KEY(1), KEY(2)]);
    const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: KEY(2) }));
    expect(object).toMatchObject({ ContentType: 'application/x-ndjson', ContentEncoding: 'gzip' });
    const text = gunzipSync(await (object.Body as NonNullable<typeof object.Body>).transformToByteArray());
    expect(
      text
        .toString()
        .match(/.*\n/g)
        ?.map((line) => JSON.parse(line).payment_id),
    ).toEqual(['order-4', 'order-5']);
  });

  it('lets several processes append at once, and chains what each of them wrote', async () => {
    const { open, log } = await openLog();
    const appenders = Array.from({ length: 4 }, open);
    const heads = await Promise.all(
      appenders.flatMap((appender, n) =>
        [0, 1, 2].map((turn) => appender.append(entries(5, 100 * n + 10 * turn + 1), 'x')),
      ),
    );
    expect(heads.map(({ records }) => records).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 12 }, (_, n) => 5 * (n + 1)),
    );
    expect(await log.verify()).toMatchObject({ ok: true, head: { records: 60 } });
    const written = new Set<string>();
    for await (const line of log.lines()) written.add(JSON.parse(line).payment_id);
    expect(written.size).toBe(60);
  });

  it('takes objects that were unpacked on their way', async () => {
    const { bucket, log } = await openLog();
    await log.append(entries(3), 'a');
    const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: KEY(1) }));
    const text = gunzipSync(await (object.Body as NonNullable<typeof object.Body>).transformToByteArray());
    await client.send(new PutObjectCommand({ Bucket: bucket, Key: KEY(1), Body: text }));
    expect(await log.verify()).toMatchObject({ ok: true });
  });

  it('finds an object that was deleted, edited or added', async () => {
    const { bucket, log } = await openLog();
    for (let n = 1; n <= 3; n += 1) await log.append(entries(2, 2 * n), 'a');
    const object = await client.send(new GetObjectCommand({ Bucket: bucket, Key: KEY(2) }));
    const bytes = await (object.Body as NonNullable<typeof object.Body>).transformToByteArray();
    const put = (number: number, Body: Uint8Array) =>
      client.send(new PutObjectCommand({ Bucket: bucket, Key: KEY(number), Body }));
    const edited = gunzipSync(bytes).toString().replace('order-5', 'order-6');
    await put(2, gzipSync(edited));
    expect(await log.verify()).toMatchObject({ ok: false, record: 4, where: `${KEY(2)}, line 2` });
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: KEY(2) }));
    const missing = { problem: expect.stringContaining('missing') };
    expect(await log.verify()).toMatchObject({ ok: false, record: 3, ...missing });
    await put(2, bytes);
    expect(await log.verify()).toMatchObject({ ok: true });
    await put(4, bytes);
    expect(await log.verify()).toMatchObject({ ok: false, record: 7, where: KEY(4) });
  });

  it('does not read an object into memory that is larger than any it writes', async () => {
    const { bucket, log } = await openLog();
    await log.append(entries(1), 'a');
    const put = (Body: Uint8Array) =>
      client.send(new PutObjectCommand({ Bucket: bucket, Key: KEY(1), Body }));
    await put(gzipSync(Buffer.alloc(64 * 1024 * 1024)));
    expect(await log.verify()).toMatchObject({ ok: false, problem: expect.stringContaining('larger') });
  });
});
