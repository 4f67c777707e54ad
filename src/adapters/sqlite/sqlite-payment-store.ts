import type { Payment, PaymentRef } from '../../domain/payment.ts';
import type { ChangeFeed, ChangeSignal } from '../../ports/change-feed.ts';
import type { Created, DuePage, ListQuery, PaymentStore } from '../../ports/payment-store.ts';
import type { SqliteDatabase } from './database.ts';
import { type PaymentRow, type PaymentRows, toRow } from './payment-row.ts';
import { parsePayment, partitionKey } from './rows.ts';
import { createSqliteChangeFeed } from './sqlite-change-feed.ts';
import { createSqlitePaymentRows } from './sqlite-payment-rows.ts';

/** Payments over their rows, wherever those are: in this thread's database, or in another thread's. */
export function createRowPaymentStore(rows: PaymentRows): Omit<PaymentStore, 'due'> {
  async function get(ref: PaymentRef): Promise<Payment | null> {
    const record = await rows.select({ partition: partitionKey(ref), payment_id: ref.payment_id });
    return record === null ? null : parsePayment({ record });
  }

  return {
    async create(payment): Promise<Created> {
      if (await rows.insert(toRow(payment))) return { created: true };
      return { created: false, existing: (await get(payment)) as Payment };
    },
    get,
    update: (next) => rows.replace(toRow(next)),
    async list(query: ListQuery): Promise<Payment[]> {
      return (await rows.list(query)).map((record) => parsePayment({ record }));
    },
  };
}

export interface SqlitePaymentStore extends PaymentStore, ChangeFeed, ChangeSignal {
  /** For other threads, which have no database of their own. */
  readonly rows: PaymentRows;
  /** As `onChange`, for listeners to whom the row says enough. */
  onWritten(listener: (row: PaymentRow) => void): () => void;
}

/** Payments and their feed in one database file. */
export function createSqlitePaymentStore(
  database: SqliteDatabase,
  consumers: readonly string[],
): SqlitePaymentStore {
  const { append, ...feed } = createSqliteChangeFeed(database, consumers);
  const rows = createSqlitePaymentRows(database, { append });
  return {
    ...feed,
    ...createRowPaymentStore(rows),
    rows,
    async due(beforeMs: number, cursor: string | null, limit: number): Promise<DuePage> {
      const page = await rows.due(beforeMs, cursor, limit);
      return { payments: page.records.map((record) => parsePayment({ record })), cursor: page.cursor };
    },
    onWritten: rows.onWritten,
    onChange: (listener) => rows.onWritten((row) => listener(parsePayment(row))),
  };
}
