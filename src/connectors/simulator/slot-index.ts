import type { DatabaseSync } from 'node:sqlite';

/** Operations that are filed in the index together: enough to share its pages, few enough not to be felt. */
const MERGE_SIZE = 4_096;

/**
 * Finds operations by slot. Slots are random, so an ordinary index would rewrite one whole page for every
 * operation, which took four fifths of the time. The newest are kept in memory instead (they are in the table, so
 * nothing is lost with it) and go into the index together, in its order, so that they share its pages.
 */
export interface SlotIndex {
  /** The operation's row id, or undefined. Knows what another process wrote up to the last `refresh`. */
  find(slot: string): number | undefined;
  /** Takes in what another process has written since. Of no use inside a transaction that writes. */
  refresh(): void;
  /** To be called in the transaction that wrote the operation. */
  add(slot: string, seq: number): void;
  /** To be called after a rollback. */
  forget(): void;
}

export function createSlotIndex(database: DatabaseSync): SlotIndex {
  const merged = database.prepare('SELECT seq FROM slots WHERE slot = ?');
  const later = database.prepare('SELECT seq, slot FROM operations WHERE seq > ?');
  const lastMerged = database.prepare('SELECT max(up_to) AS seq FROM slots_merged');
  const merge = database.prepare(`INSERT INTO slots (slot, seq)
    SELECT slot, seq FROM operations WHERE seq > (SELECT max(up_to) FROM slots_merged) ORDER BY slot`);
  const noteMerged = database.prepare('UPDATE slots_merged SET up_to = (SELECT max(seq) FROM operations)');

  const recent = new Map<string, number>();
  /** Null when the table has to be read again. */
  let lastSeen: number | null = null;

  function note(slot: string, seq: number): void {
    recent.set(slot, seq);
    lastSeen = seq;
  }

  function refresh(): void {
    if (lastSeen === null) {
      recent.clear();
      lastSeen = Number(lastMerged.get()?.seq);
    }
    for (const row of later.all(lastSeen)) note(String(row.slot), Number(row.seq));
  }

  return {
    find(slot) {
      if (lastSeen === null) refresh();
      const known = recent.get(slot) ?? merged.get(slot)?.seq;
      return known === undefined ? undefined : Number(known);
    },
    refresh,
    add(slot, seq) {
      if (recent.has(slot))
        throw new Error('Simulator: another process has just executed the same operation');
      note(slot, seq);
      if (recent.size < MERGE_SIZE) return;
      merge.run();
      noteMerged.run();
      recent.clear();
    },
    forget() {
      lastSeen = null;
    },
  };
}
