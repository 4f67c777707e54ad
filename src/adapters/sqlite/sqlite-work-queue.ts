import type { Clock } from '../../ports/clock.ts';
import type { DeadLetter, Delivery, QueueDepth, WorkItem, WorkQueue } from '../../ports/work-queue.ts';
import type { SqliteDatabase } from './database.ts';
import { LIMIT, parsePartitionKey, partitionKey } from './rows.ts';

/**
 * Times a message is received before the queue itself puts it aside: its readers die of it. Retries are new
 * messages, so nothing sound comes near this.
 */
const MAX_RECEIVES = 10;

/**
 * Counting a hundred thousand messages takes some 10 ms, and whoever sheds load asks every 5 ms: a count is good for
 * as many times as long as it took, so that at most this part of the time goes into counting.
 */
const COUNTED_FOR = 20;

interface WorkRow {
  id: number;
  partition: string;
  payment_id: string;
  operation_id: string;
  attempt: number;
  receive_count: number;
}

function toItem(row: Pick<WorkRow, 'partition' | 'payment_id' | 'operation_id' | 'attempt'>): WorkItem {
  return {
    ...parsePartitionKey(row.partition),
    payment_id: row.payment_id,
    operation_id: row.operation_id,
    attempt: row.attempt,
  };
}

interface Options {
  clock: Clock;
  visibilityTimeoutMs: number;
  /**
   * Nobody else receives from this database (the server holds the folder's lock), so whatever is received and not
   * acknowledged now was in the hands of a server that died: it is ready again at once.
   * @default false
   */
  soleReader?: boolean;
}

/** A queue with visibility timeout and dead letters, in the database of the payments. */
export function createSqliteWorkQueue(
  database: SqliteDatabase,
  { clock, visibilityTimeoutMs, soleReader = false }: Options,
): WorkQueue {
  const { connection } = database;
  if (soleReader) {
    connection.prepare('UPDATE work SET visible_ms = sent_ms WHERE receive_count > 0').run();
  }
  const insert = connection.prepare(
    `INSERT INTO work (partition, payment_id, operation_id, attempt, sent_ms, visible_ms) VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const take = connection.prepare(
    `UPDATE work SET visible_ms = ?, receive_count = receive_count + 1
     WHERE id IN (SELECT id FROM work WHERE visible_ms <= ? ORDER BY visible_ms, id ${LIMIT})
     RETURNING id, partition, payment_id, operation_id, attempt, receive_count`,
  );
  const remove = connection.prepare('DELETE FROM work WHERE id = ? AND receive_count = ?');
  const bury = connection.prepare(
    `INSERT INTO dead_letters (partition, payment_id, operation_id, attempt, reason, at_ms)
     VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
  );
  const selectDead = connection.prepare('SELECT * FROM dead_letters ORDER BY id LIMIT ?');
  const exhume = connection.prepare('DELETE FROM dead_letters WHERE id = ? RETURNING *');
  const drop = connection.prepare(
    'DELETE FROM dead_letters WHERE partition = ? AND payment_id = ? AND operation_id = ?',
  );
  const isAnyVisible = connection.prepare('SELECT 1 FROM work WHERE visible_ms <= ? LIMIT 1');
  const countVisible = connection.prepare('SELECT count(*) AS n FROM work WHERE visible_ms <= ?');
  const countHidden = connection.prepare(
    `SELECT count(*) FILTER (WHERE receive_count = 0) AS delayed, count(*) FILTER (WHERE receive_count > 0) AS in_flight
     FROM work WHERE visible_ms > ?`,
  );
  const countDead = connection.prepare('SELECT count(*) AS n FROM dead_letters');
  const oldest = connection.prepare('SELECT min(visible_ms) AS ms FROM work WHERE visible_ms <= ?');

  const inserted = (item: WorkItem, nowMs: number, delayMs: number): void => {
    const { payment_id, operation_id, attempt } = item;
    insert.run(partitionKey(item), payment_id, operation_id, attempt, nowMs, nowMs + delayMs);
  };
  const buried = (item: WorkItem, reason: string, nowMs: number): void => {
    bury.run(partitionKey(item), item.payment_id, item.operation_id, item.attempt, reason, nowMs);
  };

  let counted = { depth: { waiting: 0, delayed: 0, inFlight: 0 }, fromMs: 0, untilMs: 0 };

  function count(nowMs: number): QueueDepth {
    const visible = countVisible.get(nowMs) as { n: number };
    const hidden = countHidden.get(nowMs) as { delayed: number; in_flight: number };
    return { waiting: visible.n, delayed: hidden.delayed, inFlight: hidden.in_flight };
  }

  return {
    // A send is made durable by the commit that follows it in the same log (the feed's position, the payment's next
    // version): losing both repeats the send.
    async send(items, delayMs = 0) {
      if (items.length === 0) return;
      const nowMs = clock.now();
      await database.write(
        () => {
          for (const item of items) inserted(item, nowMs, delayMs);
        },
        { durable: false },
      );
    },

    async receive(limit): Promise<Delivery[]> {
      const nowMs = clock.now();
      // A look first: a server at rest must not commit, and sync, ten times a second that there was nothing.
      if (database.read(() => isAnyVisible.get(nowMs)) === undefined) return [];
      return database.write(
        () => {
          const rows = take.all(nowMs + visibilityTimeoutMs, nowMs, limit) as unknown as WorkRow[];
          const deliveries: Delivery[] = [];
          for (const row of rows) {
            if (row.receive_count > MAX_RECEIVES) {
              buried(toItem(row), `received ${MAX_RECEIVES} times without being settled`, nowMs);
              remove.run(row.id, row.receive_count);
            } else {
              const receipt = `${row.id}.${row.receive_count}`;
              deliveries.push({ receipt, item: toItem(row), receiveCount: row.receive_count });
            }
          }
          return deliveries;
        },
        { durable: false },
      );
    },

    async ack(receipts) {
      if (receipts.length === 0) return;
      const done = () => {
        for (const receipt of receipts) {
          const [id, receiveCount] = receipt.split('.').map(Number);
          remove.run(id as number, receiveCount as number);
        }
      };
      await database.write(done, { durable: false });
    },

    deadLetter(item, reason) {
      return database.write(() => buried(item, reason, clock.now()));
    },

    async deadLetters(limit) {
      const rows = database.read(() => selectDead.all(limit)) as unknown as (WorkRow & {
        reason: string;
        at_ms: number;
      })[];
      return rows.map(
        (row): DeadLetter => ({
          id: String(row.id),
          item: toItem(row),
          reason: row.reason,
          at: new Date(row.at_ms).toISOString(),
        }),
      );
    },

    redrive(id) {
      return database.write(() => {
        const row = exhume.get(/^\d{1,15}$/.test(id) ? Number(id) : -1) as unknown as WorkRow | undefined;
        if (row) inserted(toItem(row), clock.now(), 0);
        return row !== undefined;
      });
    },

    async dropDeadLetters(item) {
      await database.write(() => drop.run(partitionKey(item), item.payment_id, item.operation_id));
    },

    async depth() {
      const nowMs = clock.now();
      if (nowMs < counted.fromMs || nowMs >= counted.untilMs) {
        const depth = database.read(() => count(nowMs));
        const endMs = clock.now();
        counted = { depth, fromMs: endMs, untilMs: endMs + COUNTED_FOR * (endMs - nowMs) };
      }
      return { ...counted.depth };
    },

    async deadLetterCount() {
      return (database.read(() => countDead.get()) as { n: number }).n;
    },

    async oldestAgeMs() {
      const nowMs = clock.now();
      const { ms } = database.read(() => oldest.get(nowMs)) as { ms: number | null };
      return ms === null ? 0 : nowMs - ms;
    },
  };
}
