import type { Payment } from '../../domain/payment.ts';
import type { SqliteDatabase } from './database.ts';
import { parsePayment, type RecordRow } from './rows.ts';

/** Payments read at once. */
const PAGE = 500;

/** Every payment of every partition, in order of arrival, a page at a time: no snapshot, so that nobody waits for it. */
export async function* scanPayments({ connection }: SqliteDatabase): AsyncGenerator<Payment> {
  const select = connection.prepare('SELECT id, record FROM payments WHERE id > ? ORDER BY id LIMIT ?');
  let after = 0;
  for (;;) {
    const rows = select.all(after, PAGE) as unknown as (RecordRow & { id: number })[];
    for (const row of rows) yield parsePayment(row);
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    after = last.id;
  }
}
