import { gunzipSync, gzipSync } from 'node:zlib';
import { GetObjectCommand, PutObjectCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Fauxqs, startFauxqs } from '../../../test/emulators/fauxqs.ts';
import { GENESIS_HASH } from '../../domain/audit-chain.ts';
import type { AuditLog } from '../../ports/audit-log.ts';
import { UnavailableError } from '../../ports/faults.ts';
import { objectKey } from './audit-objects.ts';
import { type MemoryHeads, memoryHeads } from './memory-heads.fixture.ts';
import { entries, type RecordingLogger, recordingLogger } from './memory-objects.fixture.ts';
import { createS3AuditLog } from './s3-audit-log.ts';
import { createS3Client } from './s3-client.ts';

type Next = () => Promise<unknown>;

describe('the audit log in S3 when something fails', () => {
  let emulator: Fauxqs;
  let client: S3Client;
  let bucket: string;
  let heads: MemoryHeads;
  let logger: RecordingLogger;
  let log: AuditLog;
  let puts: number;
  let pausesMs: number[];
  /** What happens to the nth put of the test, from 1; `next` lets it reach the bucket. */
  let onPut: (nth: number, next: Next) => Promise<unknown>;
  let onGet: (nth: number, next: Next) => Promise<unknown>;

  beforeAll(async () => {
    emulator = await startFauxqs();
  });

  afterAll(() => emulator.stop());

  beforeEach(async () => {
    bucket = await emulator.createBucket();
    heads = memoryHeads();
    logger = recordingLogger();
    pausesMs = [];
    puts = 0;
    let gets = 0;
    onPut = (_, next) => next();
    onGet = (_, next) => next();
    client = createS3Client({ ...emulator.settings, retryMode: 'standard' });
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const go: Next = () => next(args);
        if (context.commandName === 'PutObjectCommand') return (await onPut(++puts, go)) as never;
        return next(args);
      },
      // Inside the SDK's own retries, as the network is.
      { step: 'deserialize' },
    );
    client.middlewareStack.add(
      (next, context) => async (args) => {
        if (context.commandName !== 'GetObjectCommand') return next(args);
        return (await onGet(++gets, () => next(args))) as never;
      },
      // Outside of everything: an answer that is there may still break off.
      { step: 'initialize' },
    );
    log = open();
    return () => client.destroy();
  });

  function open(): AuditLog {
    const timers = { sleep: async (ms: number) => void pausesMs.push(ms) };
    return createS3AuditLog({ client, bucket, heads, timers, ids: { random: () => 0.5 }, logger });
  }

  function answers(name: string, status: number): never {
    throw new S3ServiceException({
      name,
      $fault: status < 500 ? 'client' : 'server',
      message: 'injected',
      $metadata: { httpStatusCode: status },
    });
  }

  function noAnswer(): never {
    throw Object.assign(new Error('injected'), { name: 'TimeoutError' });
  }

  async function paymentsOf(one: AuditLog): Promise<string[]> {
    const found: string[] = [];
    for await (const line of one.lines()) found.push(JSON.parse(line).payment_id);
    return found;
  }

  it('waits out a bucket that is slow for a moment', async () => {
    onPut = (nth, next) => (nth <= 2 ? answers('InternalError', 500) : next());
    expect(await log.append(entries(2), 'a')).toMatchObject({ records: 2 });
    expect(puts).toBe(3);
  });

  it.each([
    ['SlowDown', 503],
    ['InternalError', 500],
    ['AccessDenied', 403],
    ['NoSuchBucket', 404],
  ])('is unavailable when S3 answers %s, and then takes the same entries', async (name, status) => {
    onPut = async () => answers(name, status);
    await expect(log.append(entries(2), 'a')).rejects.toThrow(UnavailableError);
    expect(await log.head()).toEqual({ records: 0, hash: GENESIS_HASH });
    onPut = (_, next) => next();
    await log.append(entries(2), 'a');
    expect(await log.verify()).toMatchObject({ ok: true, head: { records: 2 } });
  });

  it('does not call a bug unavailable', async () => {
    onPut = async () => answers('InvalidArgument', 400);
    await expect(log.append(entries(1), 'a')).rejects.toThrow(S3ServiceException);
  });

  it('finds its own object when the answer to a put was lost', async () => {
    await log.append(entries(2), 'a');
    onPut = async (nth, next) => {
      const answer = await next();
      if (nth === 2) noAnswer();
      return answer;
    };
    const head = await log.append(entries(2, 3), 'b');
    expect(head.records).toBe(4);
    expect(heads.head).toMatchObject({ object: 2, ...head });
    expect(await paymentsOf(log)).toEqual(['order-1', 'order-2', 'order-3', 'order-4']);
    expect((await log.append(entries(1, 5), 'c')).records).toBe(5);
    expect(await log.verify()).toMatchObject({ ok: true });
  });

  it('writes nothing twice when no put was ever answered and the batch comes again', async () => {
    onPut = async (_, next) => {
      await next();
      return noAnswer();
    };
    await expect(log.append(entries(2), 'a')).rejects.toThrow(UnavailableError);
    expect(puts).toBe(3);
    onPut = (_, next) => next();
    expect(await open().append(entries(2), 'a')).toMatchObject({ records: 2 });
    expect(await log.verify()).toMatchObject({ ok: true, head: { records: 2 } });
  });

  it.each([
    ['the same process', () => log],
    ['another one', () => open()],
  ])('after a crash between put and move, %s goes on from the object', async (_, next) => {
    await log.append(entries(2), 'a');
    heads.beforeMove = async () => {
      throw new UnavailableError('injected');
    };
    await expect(log.append(entries(3, 3), 'b')).rejects.toThrow('injected');
    expect(heads.head).toMatchObject({ object: 1, records: 2 });
    expect(await log.verify()).toMatchObject({ ok: true, head: { records: 2 } });
    heads.beforeMove = async () => undefined;
    // The batch comes again, with one more entry in it.
    expect(await next().append(entries(4, 3), 'b')).toMatchObject({ records: 6 });
    expect(heads.head).toMatchObject({ object: 3, records: 6 });
    expect(await paymentsOf(log)).toEqual([1, 2, 3, 4, 5, 6].map((n) => `order-${n}`));
    expect(await log.verify()).toMatchObject({ ok: true });
    expect(logger.errors).toEqual([]);
  });

  it('writes what a dead process wrote only when the batch is another one', async () => {
    heads.beforeMove = async () => {
      throw new UnavailableError('injected');
    };
    await expect(log.append(entries(2), 'a')).rejects.toThrow('injected');
    heads.beforeMove = async () => undefined;
    const versions = entries(2).map((entry) => ({ ...entry, version: 2 }));
    expect(await open().append(versions, 'b')).toMatchObject({ records: 4 });
    expect(await paymentsOf(log)).toEqual(['order-1', 'order-2', 'order-1', 'order-2']);
  });

  it.each([
    ['merchant_id', 'm_2'],
    ['livemode', true],
    ['payment_id', 'p9'],
    ['version', 2],
    ['kind', 'gap'],
  ])('tells changes apart by %s', async (field, value) => {
    heads.beforeMove = async () => {
      throw new UnavailableError('injected');
    };
    await expect(log.append(entries(1), 'a')).rejects.toThrow('injected');
    heads.beforeMove = async () => undefined;
    const batch = [...entries(1), { ...entries(1)[0], [field]: value }];
    expect(await log.append(batch, 'b')).toMatchObject({ records: 2 });
  });

  it('tells records apart that are of no payment', async () => {
    heads.beforeMove = async () => {
      throw new UnavailableError('injected');
    };
    await expect(log.append([{ note: 'a' }], 'a')).rejects.toThrow('injected');
    heads.beforeMove = async () => undefined;
    expect(await log.append([{ note: 'a' }, { note: 'b' }], 'b')).toMatchObject({ records: 2 });
  });

  it('takes no offence when the answer to a move was lost', async () => {
    let lost = 1;
    heads.afterMove = async () => {
      if (lost-- > 0) throw new UnavailableError('injected');
    };
    await expect(log.append(entries(2), 'a')).rejects.toThrow('injected');
    // The batch comes again, and is known again.
    expect(await log.append(entries(2), 'a')).toMatchObject({ records: 2 });
    lost = 1;
    await expect(log.append(entries(2, 3), 'b')).rejects.toThrow('injected');
    expect(await log.append(entries(2, 5), 'c')).toMatchObject({ records: 6 });
    expect(await paymentsOf(log)).toEqual([1, 2, 3, 4, 5, 6].map((n) => `order-${n}`));
    expect(await log.verify()).toMatchObject({ ok: true, head: { records: 6 } });
  });

  it('succeeds when another process moved the head over its object and went on', async () => {
    const other = open();
    let once = true;
    heads.beforeMove = async () => {
      if (!once) return;
      once = false;
      await other.append(entries(1, 10), 'x');
    };
    expect(await log.append(entries(2), 'a')).toMatchObject({ records: 2 });
    expect(heads.head).toMatchObject({ object: 2, records: 3 });
    expect(await log.append(entries(1, 3), 'b')).toMatchObject({ records: 4 });
    expect(await log.verify()).toMatchObject({ ok: true, head: { records: 4 } });
  });

  it('asks again after a conflict with a put under way', async () => {
    onPut = (nth, next) => (nth <= 2 ? answers('ConditionalRequestConflict', 409) : next());
    expect(await log.append(entries(2), 'a')).toMatchObject({ records: 2 });
    expect(pausesMs).toEqual([25, 50]);
  });

  it('gives up after a bounded number of lost rounds, with pauses that grow up to a cap', async () => {
    onPut = async () => answers('ConditionalRequestConflict', 409);
    await expect(log.append(entries(2), 'a')).rejects.toThrow(UnavailableError);
    expect(puts).toBe(20);
    expect(pausesMs).toHaveLength(20);
    expect(Math.max(...pausesMs)).toBe(1_000);
  });

  it.each([
    ['a chain of another log', () => gzipSync(`{"a":1,"hash":"${'f'.repeat(64)}"}\n`)],
    ['nothing', () => gzipSync('')],
    ['garbage', () => Buffer.from('garbage')],
    ['a broken package', () => gzipSync('x'.repeat(100)).subarray(0, 20)],
  ])('refuses to go on from an object that holds %s, loudly, and leaves it there', async (_, made) => {
    await log.append(entries(2), 'a');
    const Key = objectKey(2);
    await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: made() }));
    const refused = log.append(entries(1, 3), 'b');
    await expect(refused).rejects.toThrow('does not follow from record 2');
    await expect(refused).rejects.not.toThrow(UnavailableError);
    await expect(open().append(entries(1, 3), 'b')).rejects.toThrow('does not follow from record 2');
    expect(logger.errors).toHaveLength(2);
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
    expect(await Body?.transformToByteArray()).toEqual(new Uint8Array(made()));
    expect(heads.head).toMatchObject({ object: 1, records: 2 });
  });

  it('refuses to go on when the head was set to somewhere else', async () => {
    await log.append(entries(2), 'a');
    await log.append(entries(2, 3), 'b');
    heads.head = { object: 0, records: 0, hash: GENESIS_HASH };
    await expect(log.append(entries(1, 5), 'c')).rejects.toThrow('was set to object 0 by somebody else');
    expect(logger.errors).toHaveLength(1);
    expect(await log.verify()).toMatchObject({ ok: false, record: 1 });
  });

  it('refuses an append that is too large for one object, and takes the next one', async () => {
    const large = { payment_id: 'p1', version: 1, note: 'x'.repeat(17 * 1024 * 1024) };
    await expect(log.append([large], 'a')).rejects.toThrow('too large');
    expect(puts).toBe(0);
    expect(await log.append(entries(1), 'b')).toMatchObject({ records: 1 });
  });

  it('reads an object again when its answer breaks off', async () => {
    await log.append(entries(2), 'a');
    onGet = async (nth, next) => {
      const answer = (await next()) as { output: { Body: { transformToByteArray(): Promise<Uint8Array> } } };
      if (nth === 1) answer.output.Body.transformToByteArray = async () => noAnswer();
      return answer;
    };
    expect(await log.verify()).toMatchObject({ ok: true });
  });

  it('does not take an object into memory that is larger than any it writes', async () => {
    await log.append(entries(2), 'a');
    let read = 0;
    onGet = async (_, next) => {
      const { output, ...answer } = (await next()) as { output: { Body: object } };
      const transformToByteArray = async () => {
        read += 1;
        return new Uint8Array();
      };
      const Body = Object.assign(output.Body, { transformToByteArray });
      return { ...answer, output: { ...output, Body, ContentLength: 17 * 1024 * 1024 } };
    };
    expect(await log.verify()).toMatchObject({ ok: false, problem: expect.stringContaining('larger') });
    expect(read).toBe(0);
  });

  it('does not take a bucket that cannot be read for one that was damaged', async () => {
    await log.append(entries(2), 'a');
    onGet = async () => answers('AccessDenied', 403);
    await expect(log.verify()).rejects.toThrow(UnavailableError);
    await expect(paymentsOf(log)).rejects.toThrow(UnavailableError);
  });

  it('packs its lines as they are', async () => {
    await log.append(entries(2), 'a');
    const lines: string[] = [];
    for await (const line of log.lines()) lines.push(`${line}\n`);
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: objectKey(1) }));
    const bytes = (await Body?.transformToByteArray()) as Uint8Array;
    expect(gunzipSync(bytes).toString()).toBe(lines.join(''));
  });
});
