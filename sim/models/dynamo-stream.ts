import type { StoredItem } from '../../src/adapters/dynamodb/attributes.ts';
import { isPaymentImage } from '../../src/adapters/dynamodb/stream-image.ts';

/** What was written, as the stream tells it. */
export interface StreamRecord {
  /** Sorts as text; unique in the stream. */
  sequence: string;
  eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  before: StoredItem | undefined;
  after: StoredItem | undefined;
  atMs: number;
}

/** A stream keeps its records for so long. */
export const STREAM_KEEPS_MS = 24 * 3_600_000;

const SEQUENCE_DIGITS = 24;

interface Options {
  partitionKey: string;
  /** In how many pieces the stream is read; the records of one item are all in one. */
  shards: number;
  nowMs: () => number;
}

/**
 * The table's change log: a record with each write, in one step with it. In a shard they stand in the order of the
 * writes; between shards there is none.
 */
export function createDynamoStream({ partitionKey, shards, nowMs }: Options) {
  const records: StreamRecord[][] = Array.from({ length: shards }, () => []);
  /** How many of a shard have been trimmed: places count from the first record that there ever was. */
  const trimmed: number[] = Array.from({ length: shards }, () => 0);
  let lastSequence = 0;

  return {
    shards,

    /** To be called within each write of the table. */
    written(before: StoredItem | undefined, after: StoredItem | undefined): void {
      const key = (after ?? before)?.[partitionKey]?.S ?? '';
      lastSequence += 1;
      (records[shardOf(key, shards)] as StreamRecord[]).push({
        sequence: String(lastSequence).padStart(SEQUENCE_DIGITS, '0'),
        eventName: before ? (after ? 'MODIFY' : 'REMOVE') : 'INSERT',
        before,
        after,
        atMs: nowMs(),
      });
    },

    /** Up to `limit` records of a shard from a place on, and the place after them. Places begin at 0. */
    read(shard: number, place: number, limit: number): { records: StreamRecord[]; next: number } {
      const kept = records[shard] as StreamRecord[];
      const first = Math.max(place, trimmed[shard] as number);
      const from = first - (trimmed[shard] as number);
      const found = kept.slice(from, from + limit);
      return { records: found, next: first + found.length };
    },

    /** Forgets what is older than the stream keeps. Whoever has not read it has lost it. */
    trim(): void {
      for (const [shard, kept] of records.entries()) {
        const old = kept.findIndex(({ atMs }) => atMs > nowMs() - STREAM_KEEPS_MS);
        const count = old === -1 ? kept.length : old;
        trimmed[shard] = (trimmed[shard] as number) + count;
        kept.splice(0, count);
      }
    },
  };
}

export type DynamoStream = ReturnType<typeof createDynamoStream>;

/** What the event sources' filters let through: changes of payments, and no deletions. */
export function changesPayment({ eventName, after }: StreamRecord): boolean {
  return eventName !== 'REMOVE' && after !== undefined && isPaymentImage(after);
}

export function dispatches(record: StreamRecord): boolean {
  return record.after?.dispatch?.S !== undefined;
}

/** FNV-1a. */
function shardOf(key: string, shards: number): number {
  let hash = 0x811c9dc5;
  for (let place = 0; place < key.length; place += 1)
    hash = Math.imul(hash ^ key.charCodeAt(place), 0x01000193);
  return ((hash ^ (hash >>> 13)) >>> 0) % shards;
}
