import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { MAX_OBJECT_BYTES } from './object-lines.ts';
import { s3Fault, statusOf } from './s3-fault.ts';

/** The numbered objects of an audit log. They are written once, and never changed or deleted from here. */
export interface AuditObjects {
  /**
   * Puts an object where none is, durably.
   * @returns `taken`: there is one; `contended`: somebody else is putting one just now, so ask again
   */
  putIfAbsent(number: number, bytes: Uint8Array): Promise<'put' | 'taken' | 'contended'>;
  /** `too_large`: nothing that Tollgate wrote is, and it is not taken into memory. */
  get(number: number): Promise<Uint8Array | 'missing' | 'too_large'>;
  /** Numbers of the objects after `number`, in order, up to `limit`. */
  numbersAfter(number: number, limit: number): Promise<number[]>;
}

const FOLDER = 'audit/';
const OBJECT_NAME = /^audit\/(\d{12})\.ndjson\.gz$/;
const NUMBER_DIGITS = 12;

/** A verify reads thousands of objects: one answer that breaks off must not end it. */
const READ_ATTEMPTS = 3;

/** Twelve digits sort by name for longer than anything lasts. */
export function objectKey(number: number): string {
  return `${FOLDER}${String(number).padStart(NUMBER_DIGITS, '0')}.ndjson.gz`;
}

/**
 * The objects in a bucket. Needs to put, get and list, and no more: how long an object is kept, and that nobody
 * deletes it before, is for the bucket's own retention to say.
 */
export function createAuditObjects({ client, bucket }: { client: S3Client; bucket: string }): AuditObjects {
  async function readWhole(key: string): Promise<Uint8Array | 'too_large'> {
    const { Body, ContentLength } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    if (!Body || ContentLength === undefined) throw new Error('it came without a body or a length');
    if (ContentLength <= MAX_OBJECT_BYTES) return Body.transformToByteArray();
    // Not read, so its connection would be held for ever.
    (Body as { destroy?: () => void }).destroy?.();
    return 'too_large';
  }

  return {
    async putIfAbsent(number, bytes) {
      const command = new PutObjectCommand({
        Bucket: bucket,
        Key: objectKey(number),
        Body: bytes,
        IfNoneMatch: '*',
        ContentType: 'application/x-ndjson',
        // Whoever fetches it by HTTP may be given the lines already unpacked; `readLines` takes them either way.
        ContentEncoding: 'gzip',
      });
      try {
        await client.send(command);
        return 'put';
      } catch (cause) {
        const status = statusOf(cause);
        if (status === 412) return 'taken';
        if (status === 409) return 'contended';
        throw s3Fault(`The audit log did not take ${objectKey(number)}`, cause);
      }
    },

    async get(number) {
      const key = objectKey(number);
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await readWhole(key);
        } catch (cause) {
          if ((cause as Error).name === 'NoSuchKey') return 'missing';
          // The SDK asks again when no answer comes, and not when one breaks off.
          if (statusOf(cause) !== undefined || attempt === READ_ATTEMPTS)
            throw s3Fault(`${key} of the audit log could not be read`, cause);
        }
      }
    },

    async numbersAfter(number, limit) {
      const numbers: number[] = [];
      let startAfter = objectKey(number);
      try {
        for (;;) {
          const command = new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: FOLDER,
            StartAfter: startAfter,
          });
          const { Contents = [], IsTruncated } = await client.send(command);
          for (const { Key = '' } of Contents) {
            const found = OBJECT_NAME.exec(Key);
            if (found && numbers.length < limit) numbers.push(Number(found[1]));
          }
          const last = Contents.at(-1)?.Key;
          if (!IsTruncated || last === undefined || numbers.length >= limit) return numbers;
          startAfter = last;
        }
      } catch (cause) {
        throw s3Fault('The objects of the audit log could not be listed', cause);
      }
    },
  };
}
