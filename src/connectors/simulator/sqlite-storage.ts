import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { fromRow, INSERTED_COLUMNS, insertedValues, type OperationRow } from './operation-row.ts';
import { slotIn, slotOf } from './references.ts';
import { prepareDatabase } from './simulator-schema.ts';
import {
  type OutboxEvent,
  type SimulatedOperation,
  type SimulatorMemory,
  type SimulatorStorage,
  StorageFault,
} from './simulator-storage.ts';
import { createSlotIndex } from './slot-index.ts';

/** Operations read at once for the report. */
const REPORT_PAGE = 500;

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
  const byChallenge = database.prepare('SELECT key FROM operations WHERE challenge = ?');
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
  const addEvent = database.prepare(
    'INSERT INTO outbox (event_id, key, attempts, next_at_ms) VALUES (?, ?, ?, ?)',
  );
  const replaceEvent = database.prepare('UPDATE outbox SET attempts = ?, next_at_ms = ? WHERE event_id = ?');
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

  /** Resolves once everything written so far, and so everything read so far, would survive a crash of the process. */
  function committed(): Promise<void> | undefined {
    if (!batch) return undefined;
    batch.waiting ??= Promise.withResolvers<void>();
    return batch.waiting.promise;
  }

  const memory: SimulatorMemory = {
    find: (key) => bySlot(slotOf(key)),
    findByReference(reference) {
      const found = bySlot(slotIn(reference));
      return found?.reference === reference ? found : undefined;
    },
    insert(operation) {
      const values = insertedValues(operation);
      write(() => slots.add(slotIn(operation.reference), Number(insert.run(...values).lastInsertRowid)));
    },
    update({ reference, outcome, failure, settled_at_ms, captured, refunded, released }) {
      const failed = failure && JSON.stringify(failure);
      const seq = slots.find(slotIn(reference)) ?? null;
      write(() => update.run(outcome, failed, settled_at_ms, captured, refunded, released, seq));
    },
    countAttempt: (key) => write(() => Number(countAttempt.get(key)?.count)),
    isCanceled: (key) => canceled.get(key) !== undefined,
    markCanceled: (key) => void write(() => markCanceled.run(key)),
    addEvent({ event_id, key, attempts, next_at_ms }) {
      write(() => addEvent.run(event_id, key, attempts, next_at_ms));
    },
    replaceEvent({ event_id, attempts, next_at_ms }) {
      write(() => replaceEvent.run(attempts, next_at_ms, event_id));
    },
    removeEvent: (eventId) => void write(() => removeEvent.run(eventId)),
  };

  return {
    // Whatever the payment: one thread, and one transaction for all that a turn of the event loop writes.
    async within(_group, step) {
      try {
        const result = step(memory);
        await committed();
        return result;
      } catch (error) {
        throw storageFault(error);
      }
    },
    async groupOfChallenge(token) {
      try {
        return byChallenge.get(token)?.key as string | undefined;
      } catch (error) {
        throw storageFault(error);
      }
    },
    async dueEvents(nowMs, limit) {
      const events = dueEvents.all(nowMs, limit) as unknown as OutboxEvent[];
      return events.map((event) => {
        const operation = memory.find(event.key);
        if (!operation) throw new Error(`Simulator: event ${event.event_id} is about nothing that is stored`);
        return { event: { ...event }, operation };
      });
    },
    async *operations() {
      for (let after = 0; ; ) {
        const rows = pageAfter.all(after, REPORT_PAGE) as unknown as OperationRow[];
        // What was read may be of this very turn.
        await committed();
        yield rows.map(fromRow);
        const last = rows.at(-1);
        if (!last || rows.length < REPORT_PAGE) return;
        after = last.seq;
      }
    },
    close() {
      end();
      database.close();
    },
  };
}

/** What Node throws when a database is asked that has been closed. */
const CLOSED = 'ERR_INVALID_STATE';

/** A file that is full, cannot be read or is closed: nothing is certain of the step. Anything else stays what it is. */
function storageFault(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (!('errcode' in error) && !('code' in error && error.code === CLOSED)) return error;
  return new StorageFault(`The simulator's file could not be used: ${error.message}`, true, { cause: error });
}

interface Batch {
  /** Made only when somebody waits, so that a fault which nobody waits for is no unhandled rejection. */
  waiting: PromiseWithResolvers<void> | null;
}
