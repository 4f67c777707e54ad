import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ListQuery } from '../../ports/payment-store.ts';
import { LIMIT } from './rows.ts';

/** Reads a page of a list through the index that holds just its order; a statement for each shape of query. */
export function createListReader(
  connection: DatabaseSync,
): (partition: string, query: ListQuery) => unknown[] {
  const statements = new Map<string, StatementSync>();

  function statement(where: readonly string[]): StatementSync {
    const sql = `SELECT record FROM payments WHERE ${where.join(' AND ')} ORDER BY created_ms DESC, payment_id DESC ${LIMIT}`;
    let prepared = statements.get(sql);
    if (!prepared) {
      prepared = connection.prepare(sql);
      statements.set(sql, prepared);
    }
    return prepared;
  }

  return (partition, query) => {
    const where = ['partition = ?'];
    const values: (string | number)[] = [partition];
    if (query.status !== undefined) {
      where.push('status = ?');
      values.push(query.status);
    }
    if (query.after !== undefined) {
      where.push('(created_ms, payment_id) < (?, ?)');
      values.push(Date.parse(query.after.created_at), query.after.payment_id);
    }
    if (query.created_after !== undefined) {
      where.push('created_ms > ?');
      values.push(Date.parse(query.created_after));
    }
    if (query.created_before !== undefined) {
      where.push('created_ms < ?');
      values.push(Date.parse(query.created_before));
    }
    return statement(where).all(...values, query.limit);
  };
}
