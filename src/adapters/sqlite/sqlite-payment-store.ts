import { dueAtMs } from '../../domain/derive.ts';
import type { Payment, PaymentRef } from '../../domain/payment.ts';
import { toRecord } from '../../domain/payment-record.ts';
import type { ChangeFeed, ChangeSignal } from '../../ports/change-feed.ts';
import type { Created, DuePage, ListQuery, PaymentStore } from '../../ports/payment-store.ts';
import type { SqliteDatabase } from './database.ts';
import { parsePayment, partitionKey, type RecordRow } from './rows.ts';
import { createSqliteChangeFeed } from './sqlite-change-feed.ts';
import { createListReader } from './sqlite-list.ts';

/** Payments and their feed in one database file: a change and its payment are in one transaction (invariant 8). */
export function createSqlitePaymentStore(
  database: SqliteDatabase,
  consumers: readonly string[],
): PaymentStore & ChangeFeed & ChangeSignal {
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
  const feed = createSqliteChangeFeed(database, consumers);
  const listRows = createListReader(connection);
  const listeners = new Set<(payment: Payment) => void>();
  /** Payments with a commit that is not on disk yet, and how many: nobody may read what a crash could undo. */
  const unsynced = new Map<string, number>();

  async function durably(payment: Payment, work: () => boolean): Promise<boolean> {
    const key = `${partitionKey(payment)}/${payment.payment_id}`;
    unsynced.set(key, (unsynced.get(key) ?? 0) + 1);
    try {
      const written = await database.write(work);
      if (written) for (const listener of listeners) listener(payment);
      return written;
    } finally {
      const left = (unsynced.get(key) as number) - 1;
      if (left === 0) unsynced.delete(key);
      else unsynced.set(key, left);
    }
  }

  async function get(ref: PaymentRef): Promise<Payment | null> {
    const partition = partitionKey(ref);
    const row = select.get(partition, ref.payment_id) as RecordRow | undefined;
    if (!row) return null;
    if (unsynced.has(`${partition}/${ref.payment_id}`) || database.isBroken()) await database.durable();
    return parsePayment(row);
  }

  return {
    ...feed,
    async create(payment): Promise<Created> {
      const partition = partitionKey(payment);
      const record = JSON.stringify(toRecord(payment));
      const { payment_id, version, status } = payment;
      const createdMs = Date.parse(payment.created_at);
      const dueMs = dueAtMs(payment);
      const created = await durably(payment, () => {
        if (insert.run(partition, payment_id, version, status, createdMs, dueMs, record).changes === 0)
          return false;
        feed.append(payment.dispatch !== null, record);
        return true;
      });
      if (created) return { created: true };
      return { created: false, existing: (await get(payment)) as Payment };
    },

    get,

    update(next: Payment): Promise<boolean> {
      const partition = partitionKey(next);
      const record = JSON.stringify(toRecord(next));
      const { payment_id, version, status } = next;
      const dueMs = dueAtMs(next);
      return durably(next, () => {
        if (replace.run(version, status, dueMs, record, partition, payment_id, version - 1).changes === 0)
          return false;
        feed.append(next.dispatch !== null, record);
        return true;
      });
    },

    async list(query: ListQuery): Promise<Payment[]> {
      const rows = listRows(partitionKey(query), query) as unknown as RecordRow[];
      if (database.hasUnsynced()) await database.durable();
      return rows.map(parsePayment);
    },

    async due(beforeMs: number, cursor: string | null, limit: number): Promise<DuePage> {
      const [dueMs, id] = cursor === null ? [-1, -1] : cursor.split(':').map(Number);
      const rows = selectDue.all(beforeMs, dueMs as number, id as number, limit) as unknown as (RecordRow & {
        id: number;
        due_ms: number;
      })[];
      if (database.hasUnsynced()) await database.durable();
      const last = rows.at(-1);
      const more = last !== undefined && rows.length === limit;
      return { payments: rows.map(parsePayment), cursor: more ? `${last.due_ms}:${last.id}` : null };
    },

    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
