import type { StoredItem } from '../../src/adapters/dynamodb/attributes.ts';
import { compareText } from './expressions.ts';

export interface IndexSchema {
  partitionKey: string;
  sortKey: string;
  /** Attributes that an entry holds beside the keys. */
  include: readonly string[];
}

interface Change {
  atMs: number;
  partition: string;
  tableKey: string;
  /** Null: the entry goes. */
  entry: StoredItem | null;
}

interface Options {
  schema: IndexSchema;
  /** Partition key of the table, which every entry holds. */
  tableKey: string;
  nowMs: () => number;
  /** How long after a write an entry of it is seen to change, in ms. Asked for each entry. */
  lagMs: () => number;
}

/**
 * A global secondary index: eventually consistent. What an item leaves and what it moves to are two entries, each
 * changed in its own time; so for a while the item may stand in both, or in neither. Changes of one entry keep their
 * order.
 */
export function createDynamoIndex({ schema, tableKey: keyName, nowMs, lagMs }: Options) {
  const partitions = new Map<string, Map<string, StoredItem>>();
  /** Not seen yet, of all entries; and when the last change of an entry is seen, which the next must not overtake. */
  let coming: Change[] = [];
  const lastSeenMs = new Map<string, number>();

  function apply({ partition, tableKey, entry }: Change): void {
    const entries = partitions.get(partition) ?? new Map<string, StoredItem>();
    partitions.set(partition, entries);
    if (entry) entries.set(tableKey, entry);
    else entries.delete(tableKey);
  }

  function plan(partition: string, tableKey: string, entry: StoredItem | null): void {
    const name = `${partition}\n${tableKey}`;
    const atMs = Math.max(nowMs() + lagMs(), lastSeenMs.get(name) ?? 0);
    const change = { atMs, partition, tableKey, entry };
    if (atMs <= nowMs() && !lastSeenMs.has(name)) {
      apply(change);
      return;
    }
    lastSeenMs.set(name, atMs);
    coming.push(change);
  }

  function catchUp(): void {
    if (coming.length === 0) return;
    const now = nowMs();
    // Stable, so that changes of one entry at one time stay in their order.
    const seen = coming.filter(({ atMs }) => atMs <= now).sort((a, b) => a.atMs - b.atMs);
    if (seen.length === 0) return;
    coming = coming.filter(({ atMs }) => atMs > now);
    for (const change of seen) apply(change);
    if (coming.length === 0) lastSeenMs.clear();
  }

  function placeOf(item: StoredItem | undefined): string | undefined {
    // An item without both keys is in no index.
    return item?.[schema.sortKey]?.S === undefined ? undefined : item[schema.partitionKey]?.S;
  }

  function project(item: StoredItem): StoredItem {
    const names = [keyName, schema.partitionKey, schema.sortKey, ...schema.include];
    const held = names.filter((name) => item[name] !== undefined);
    return Object.fromEntries(held.map((name) => [name, item[name] as StoredItem[string]]));
  }

  return {
    changed(tableKey: string, before: StoredItem | undefined, after: StoredItem | undefined): void {
      const from = placeOf(before);
      const to = placeOf(after);
      if (from !== undefined && from !== to) plan(from, tableKey, null);
      if (after && to !== undefined) plan(to, tableKey, project(after));
    },

    /** Entries of a partition as they are seen now, by their sort key. */
    entries(partition: string): StoredItem[] {
      catchUp();
      const sortKey = (entry: StoredItem) => entry[schema.sortKey]?.S ?? '';
      return [...(partitions.get(partition)?.values() ?? [])].sort((a, b) =>
        compareText(sortKey(a), sortKey(b)),
      );
    },
  };
}

export type DynamoIndex = ReturnType<typeof createDynamoIndex>;
