import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { fromRow, INSERTED_COLUMNS, insertedValues, type OperationRow } from './operation-row.ts';
import { slotIn, slotOf } from './references.ts';
import { prepareDatabase } from './simulator-schema.ts';
import type { OutboxEvent, SimulatedOperation, SimulatorStorage } from './simulator-storage.ts';
import { createSlotIndex } from './slot-index.ts';

/**
 * The simulator's memory in a file of its own. The first write of a turn of the event loop opens a transaction,
 * the end of the turn commits it. A crash of the process loses nothing that was answered; a loss of power may, as
 * it is a test system (`synchronous = NORMAL`).
 */
export function createSqliteStorage(path: string): SimulatorStorage {
  const database = new DatabaseSync(path);
  prepareDatabase(database, path);
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const rollback = database.prepare('ROLLBACK');
  const slots = createSlotIndex(database);
  const bySeq = database.prepare('SELECT * FROM operations WHERE seq = ?');
  const byChallenge = database.prepare('SELECT * FROM operations WHERE challenge = ?');
  const pageAfter = database.prepare('SELECT * FROM operations WHERE seq > ? ORDER BY seq LIMIT ?');
  const insert = database.prepare(
    `INSERT INTO operations (${INSERTED_COLUMNS}) VALUES (${INSERTED_COLUMNS.map(() => '?')})`,
  );
  const update =
    database.prepare(`UPDATE operations SET outcome = ?, failure = ?, settled_at_ms = ?, captured = ?,
    refunded = ?, released = ? WHERE seq = ?`);
  const countAttempt = database.prepare(`INSERT INTO attempts (key, count) VALUES (?, 1)
    ON CONFLICT (key) DO UPDATE SET count = count + 1 RETURNING count`);
  const canceled = database.prepare('SELECT 1 FROM canceled_keys WHERE key = ?');
  const markCanceled = database.prepare('INSERT OR IGNORE INTO canceled_keys (key) VALUES (?)');
  const putEvent = database.prepare(
    'INSERT OR REPLACE INTO outbox (event_id, key, attempts, next_at_ms) VALUES (?, ?, ?, ?)',
  );
  const removeEvent = database.prepare('DELETE FROM outbox WHERE event_id = ?');
  const dueEvents = database.prepare(
    'SELECT * FROM outbox WHERE next_at_ms <= ? ORDER BY next_at_ms LIMIT ?',
  );

  let batch: Batch | null = null;

  function open(): void {
    begin.run();
    const opened: Batch = { waiting: null };
    batch = opened;
    setImmediate(() => batch === opened && end());
    slots.refresh();
  }

  /** Ends the open transaction, and tells those who wait for it. */
  function end(fault?: unknown): void {
    if (!batch) return;
    const { waiting } = batch;
    batch = null;
    try {
      if (fault !== undefined) throw fault;
      commit.run();
      waiting?.resolve();
    } catch (error) {
      waiting?.reject(error);
      slots.forget();
      if (database.isTransaction) rollback.run();
    }
  }

  function write<T>(statement: () => T): T {
    try {
      if (!batch) open();
      return statement();
    } catch (error) {
      // An operation may have been written by half: none of this turn's is kept, and all who wait are told.
      end(error);
      throw error;
    }
  }

  function one(statement: StatementSync, value: string | number | undefined): SimulatedOperation | undefined {
    const row = value === undefined ? undefined : statement.get(value);
    return row && fromRow(row as unknown as OperationRow);
  }

  function bySlot(slot: string): SimulatedOperation | undefined {
    let seq = slots.find(slot);
    // While a transaction is open nobody else writes.
    if (seq === undefined && !batch) {
      slots.refresh();
      seq = slots.find(slot);
    }
    return one(bySeq, seq);
  }

  return {
    find: (key) => bySlot(slotOf(key)),
    findByReference(reference) {
      const found = bySlot(slotIn(reference));
      return found?.reference === reference ? found : undefined;
    },
    findByChallenge: (token) => one(byChallenge, token),
    insert(operation) {
      const values = insertedValues(operation);
      write(() => slots.add(slotIn(operation.reference), Number(insert.run(...values).lastInsertRowid)));
    },
    update({ reference, outcome, failure, settled_at_ms, captured, refunded, released }) {
      const failed = failure && JSON.stringify(failure);
      const seq = slots.find(slotIn(reference)) ?? null;
      write(() => update.run(outcome, failed, settled_at_ms, captured, refunded, released, seq));
    },
    page(afterSeq, limit) {
      const rows = pageAfter.all(afterSeq, limit) as unknown as OperationRow[];
      return rows.map((row) => ({ seq: row.seq, operation: fromRow(row) }));
    },
    countAttempt: (key) => write(() => Number(countAttempt.get(key)?.count)),
    isCanceled: (key) => canceled.get(key) !== undefined,
    markCanceled: (key) => void write(() => markCanceled.run(key)),
    putEvent({ event_id, key, attempts, next_at_ms }) {
      write(() => putEvent.run(event_id, key, attempts, next_at_ms));
    },
    removeEvent: (eventId) => void write(() => removeEvent.run(eventId)),
    dueEvents: (nowMs, limit) =>
      (dueEvents.all(nowMs, limit) as unknown as OutboxEvent[]).map((event) => ({ ...event })),
    committed() {
      if (!batch) return Promise.resolve();
      batch.waiting ??= Promise.withResolvers<void>();
      return batch.waiting.promise;
    },
    close() {
      end();
      database.close();
    },
  };
}

interface Batch {
  /** Made only when somebody waits, so that a fault which nobody waits for is no unhandled rejection. */
  waiting: PromiseWithResolvers<void> | null;
}
