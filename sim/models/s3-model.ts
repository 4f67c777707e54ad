import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Clock } from '../../src/ports/clock.ts';
import { directWire, type ServiceCall, sendAsSdk, serviceError, type Wire } from './service-call.ts';

interface StoredObject {
  body: Uint8Array;
  lastModifiedMs: number;
}

/** What S3 lists in one answer at most. */
const LISTED = 1_000;

export interface S3ModelOptions {
  clock: Clock;
  /** Entries of a list's page at most. @default 1,000 */
  pageSize?: () => number;
  /** Whether a conditional put meets another of the same key just now, and is to be tried again. @default never */
  contends?: () => boolean;
  /** Told of each object that is put. */
  onPut?: (bucket: string, key: string, body: Uint8Array) => void;
}

export interface S3Model {
  /** What a bucket holds, by key, for whoever stands outside. */
  objects(bucket: string): ReadonlyMap<string, Uint8Array>;
  /** Puts an object as a service inside the cloud does. */
  put(bucket: string, key: string, body: Uint8Array): void;
  /** A client for one machine, behind its own way to the service. */
  client(wire?: Wire): S3Client;
}

/** S3 as far as this project uses it: strongly consistent, with put-if-absent. */
export function createS3Model(options: S3ModelOptions): S3Model {
  const { clock, pageSize = () => LISTED, contends = () => false, onPut } = options;
  const buckets = new Map<string, Map<string, StoredObject>>();

  function bucketOf(name: string | undefined): Map<string, StoredObject> {
    const bucket = buckets.get(name ?? '') ?? new Map<string, StoredObject>();
    buckets.set(name ?? '', bucket);
    return bucket;
  }

  function store(bucket: string | undefined, key: string, body: Uint8Array): void {
    bucketOf(bucket).set(key, { body, lastModifiedMs: clock.now() });
    onPut?.(bucket ?? '', key, body);
  }

  function put({ input }: PutObjectCommand) {
    const { Bucket, Key = '', Body, IfNoneMatch } = input;
    if (!(Body instanceof Uint8Array)) throw new TypeError('The model of S3 takes bodies of bytes only.');
    if (IfNoneMatch === '*') {
      if (contends())
        throw serviceError('ConditionalRequestConflict', 'A conflicting request is under way', 409);
      if (bucketOf(Bucket).has(Key))
        throw serviceError('PreconditionFailed', 'At least one of the preconditions did not hold', 412);
    }
    store(Bucket, Key, Body);
    return {};
  }

  function get({ input }: GetObjectCommand) {
    const found = bucketOf(input.Bucket).get(input.Key ?? '');
    if (!found) throw serviceError('NoSuchKey', 'The specified key does not exist.', 404);
    const { body } = found;
    const Body = {
      transformToByteArray: async () => body,
      transformToString: async () => new TextDecoder().decode(body),
    };
    return { Body, ContentLength: body.length };
  }

  function list({ input }: ListObjectsV2Command) {
    const { Prefix = '', StartAfter = '', MaxKeys = LISTED } = input;
    const all = [...bucketOf(input.Bucket)]
      .filter(([key]) => key.startsWith(Prefix) && key > StartAfter)
      .sort(([a], [b]) => (a < b ? -1 : 1));
    const page = all.slice(0, Math.max(1, Math.min(MaxKeys, pageSize())));
    const Contents = page.map(([Key, { lastModifiedMs }]) => ({
      Key,
      LastModified: new Date(lastModifiedMs),
    }));
    return { Contents, IsTruncated: page.length < all.length };
  }

  function callOf(command: unknown): Omit<ServiceCall<object>, 'service'> {
    if (command instanceof PutObjectCommand) {
      const about = command.input.Key ?? '';
      return { operation: 'PutObject', about, writes: true, effect: () => put(command) };
    }
    if (command instanceof GetObjectCommand) {
      const about = command.input.Key ?? '';
      return { operation: 'GetObject', about, writes: false, effect: () => get(command) };
    }
    if (command instanceof ListObjectsV2Command) {
      const about = command.input.Prefix ?? '';
      return { operation: 'ListObjectsV2', about, writes: false, effect: () => list(command) };
    }
    if (command instanceof DeleteObjectCommand) {
      const { Bucket, Key = '' } = command.input;
      const effect = () => {
        bucketOf(Bucket).delete(Key);
        return {};
      };
      return { operation: 'DeleteObject', about: Key, writes: true, effect };
    }
    throw new TypeError(`The model of S3 does not know ${(command as object).constructor.name}.`);
  }

  return {
    objects: (bucket) => new Map([...bucketOf(bucket)].map(([key, { body }]) => [key, body])),
    put: store,
    client(wire = directWire) {
      const send = (command: unknown) => sendAsSdk(wire, { service: 's3', ...callOf(command) });
      return { send, destroy: () => undefined } as unknown as S3Client;
    },
  };
}
