import type { ListQuery } from '../../ports/payment-store.ts';
import type { SqliteDatabase } from './database.ts';
import type { PaymentRow, PaymentRows, RowPlace } from './payment-row.ts';
import { partitionKey, type RecordRow } from './rows.ts';
import type { SqliteChangeFeed } from './sqlite-change-feed.ts';
import { createListReader } from './sqlite-list.ts';

export interface DueRows {
  records: string[];
  cursor: string | null;
}

function rowKey({ partition, payment_id }: RowPlace): string {
  return `${partition}/${payment_id}`;
}

export interface SqlitePaymentRows extends PaymentRows {
  due(beforeMs: number, cursor: string | null, limit: number): Promise<DueRows>;
  /** Calls `listener` after each durable write. Answers how to stop. */
  onWritten(listener: (row: PaymentRow) => void): () => void;
}

/** The rows of payments and their feed in one database file: a change and its payment are in one transaction (invariant 8). */
export function createSqlitePaymentRows(
  database: SqliteDatabase,
  feed: Pick<SqliteChangeFeed, 'append'>,
): SqlitePaymentRows {
  const { connection } = database;
  const insert = connection.prepare(
    `INSERT INTO payments (partition, payment_id, version, status, created_ms, due_ms, record)
     VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (partition, payment_id) DO NOTHING`,
  );
  const replace = connection.prepare(
    `UPDATE payments SET version = ?, status = ?, due_ms = ?, record = ?
     WHERE partition = ? AND payment_id = ? AND version = ?`,
  );
  const select = connection.prepare('SELECT record FROM payments WHERE partition = ? AND payment_id = ?');
  const selectDue = connection.prepare(
    `SELECT id, due_ms, record FROM payments
     WHERE due_ms <= ? AND (due_ms, id) > (?, ?) ORDER BY due_ms, id LIMIT ?`,
  );
  const listRows = createListReader(connection);
  const listeners = new Set<(row: PaymentRow) => void>();
  /** Payments with a commit that is not on disk yet, and how many: nobody may read what a crash could undo. */
  const unsynced = new Map<string, number>();

  async function durably(row: PaymentRow, work: () => boolean): Promise<boolean> {
    const key = rowKey(row);
    unsynced.set(key, (unsynced.get(key) ?? 0) + 1);
    try {
      const written = await database.write(work);
      if (written) for (const listener of listeners) listener(row);
      return written;
    } finally {
      const left = (unsynced.get(key) as number) - 1;
      if (left === 0) unsynced.delete(key);
      else unsynced.set(key, left);
    }
  }

  return {
    insert: (row) =>
      durably(row, () => {
        const { partition, payment_id, version, status, created_ms, due_ms, record } = row;
        const { changes } = insert.run(partition, payment_id, version, status, created_ms, due_ms, record);
        if (changes === 0) return false;
        feed.append(row.dispatched, record);
        return true;
      }),

    replace: (row) =>
      durably(row, () => {
        const { partition, payment_id, version, status, due_ms, record } = row;
        const { changes } = replace.run(version, status, due_ms, record, partition, payment_id, version - 1);
        if (changes === 0) return false;
        feed.append(row.dispatched, record);
        return true;
      }),

    async select(place: RowPlace) {
      const { partition, payment_id } = place;
      const row = database.read(() => select.get(partition, payment_id)) as RecordRow | undefined;
      if (!row) return null;
      if (unsynced.has(rowKey(place))) await database.durable();
      return row.record;
    },

    async list(query: ListQuery) {
      const rows = database.read(() => listRows(partitionKey(query), query)) as unknown as RecordRow[];
      if (database.hasUnsynced()) await database.durable();
      return rows.map(({ record }) => record);
    },

    async due(beforeMs, cursor, limit) {
      const [dueMs, id] = cursor === null ? [-1, -1] : cursor.split(':').map(Number);
      const found = database.read(() => selectDue.all(beforeMs, dueMs as number, id as number, limit));
      const rows = found as unknown as (RecordRow & { id: number; due_ms: number })[];
      if (database.hasUnsynced()) await database.durable();
      const last = rows.at(-1);
      const more = last !== undefined && rows.length === limit;
      return {
        records: rows.map(({ record }) => record),
        cursor: more ? `${last.due_ms}:${last.id}` : null,
      };
    },

    onWritten(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
