import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SQLOutputValue } from 'node:sqlite';
import { createMemoryAuditLog, emptyAuditState } from '../../src/adapters/memory/memory-audit-log.ts';
import { openDatabase, type SqliteDatabase } from '../../src/adapters/sqlite/database.ts';
import type { SyncFile } from '../../src/adapters/sqlite/group-commit.ts';
import { parsePartitionKey, parsePayment, partitionKey } from '../../src/adapters/sqlite/rows.ts';
import { createSqliteKeyStore } from '../../src/adapters/sqlite/sqlite-key-store.ts';
import { createSqlitePaymentStore } from '../../src/adapters/sqlite/sqlite-payment-store.ts';
import { createSqliteWorkQueue } from '../../src/adapters/sqlite/sqlite-work-queue.ts';
import { AUDIT } from '../../src/app/audit.ts';
import { RELAY } from '../../src/app/relay.ts';
import { createMemoryStorage } from '../../src/connectors/simulator/memory-storage.ts';
import { timestamp } from '../../src/domain/payment.ts';
import type { DeadLetter, QueueDepth } from '../../src/ports/work-queue.ts';
import type { Durable } from './durable.ts';
import { visibilityTimeoutOf } from './visibility.ts';
import type { World } from './world.ts';

interface Opened {
  path: string;
  database: SqliteDatabase;
  store: ReturnType<typeof createSqlitePaymentStore>;
  queue: ReturnType<typeof createSqliteWorkQueue>;
  keys: ReturnType<typeof createSqliteKeyStore>;
  disk: Disk;
}

/** What of the write-ahead log is certainly on the disk, and the sync that would bring more of it there. */
interface Disk {
  syncedBytes: number;
  /** Ends the sync that is under way. */
  endSync: (() => void) | null;
}

/** A file system in memory, where there is one: what is simulated is what a disk loses, not how long it takes. */
const SHARED_MEMORY = '/dev/shm';

/**
 * Everything that lasts, in an SQLite database in a file. A sync ends when somebody waits for it: whatever nobody
 * waited for is lost if the plug is pulled.
 */
export function createSqliteDurable(world: World): Durable {
  const { engine, faults } = world;
  const folder = mkdtempSync(join(existsSync(SHARED_MEMORY) ? SHARED_MEMORY : tmpdir(), 'tollgate-sim-'));
  const clock = { now: () => engine.nowMs() + (world.acting?.skewMs ?? 0) };
  const visibilityTimeoutMs = visibilityTimeoutOf(world);
  const audit = emptyAuditState();
  let lives = 0;

  function open(path: string, soleReader: boolean): Opened {
    const disk: Disk = { syncedBytes: 0, endSync: null };
    const syncFile: SyncFile = (_fd, done) => {
      const bytes = logBytes(path);
      disk.endSync = () => {
        disk.endSync = null;
        disk.syncedBytes = bytes;
        done(null);
      };
    };
    const database = openDatabase({ path, sync: 'pipelined', migrate: true, syncFile });
    const store = createSqlitePaymentStore(database, [RELAY, AUDIT]);
    const queue = createSqliteWorkQueue(database, { clock, visibilityTimeoutMs, soleReader });
    const keys = createSqliteKeyStore(database);
    disk.syncedBytes = logBytes(path);
    return { path, database, store, queue, keys, disk };
  }

  let now = open(join(folder, 'life-0.db'), false);

  /** Real work of an adapter, while time stands still. */
  function held<T>(work: Promise<T>): Promise<T> {
    engine.hold(settledWith(now.disk, work));
    return work;
  }

  /** What is there, past the adapters. */
  function rows(sql: string, ...values: (string | number)[]): Record<string, SQLOutputValue>[] {
    return now.database.connection.prepare(sql).all(...values);
  }

  function depth(): QueueDepth {
    const [found] = rows(
      `SELECT count(*) FILTER (WHERE visible_ms <= ?1) AS waiting,
         count(*) FILTER (WHERE visible_ms > ?1 AND receive_count = 0) AS delayed,
         count(*) FILTER (WHERE visible_ms > ?1 AND receive_count > 0) AS in_flight FROM work`,
      engine.nowMs(),
    );
    return {
      waiting: Number(found?.waiting),
      delayed: Number(found?.delayed),
      inFlight: Number(found?.in_flight),
    };
  }

  return {
    store: {
      create: (payment) => held(now.store.create(payment)),
      get: (ref) => held(now.store.get(ref)),
      update: (next) => held(now.store.update(next)),
      list: (query) => held(now.store.list(query)),
      due: (beforeMs, cursor, limit) => held(now.store.due(beforeMs, cursor, limit)),
      read: (consumer, limit, only) => held(now.store.read(consumer, limit, only)),
      commit: (consumer, position) => held(now.store.commit(consumer, position)),
      lag: (consumer) => now.store.lag(consumer),
      onChange: (listener) => now.store.onChange(listener),
    },
    queue: {
      send: (items, delayMs) => held(now.queue.send(items, delayMs)),
      receive: (limit) => held(now.queue.receive(limit)),
      ack: (receipts) => held(now.queue.ack(receipts)),
      deadLetter: (item, reason) => held(now.queue.deadLetter(item, reason)),
      deadLetters: (limit) => held(now.queue.deadLetters(limit)),
      redrive: (id) => held(now.queue.redrive(id)),
      dropDeadLetters: (item) => held(now.queue.dropDeadLetters(item)),
      depth: () => held(now.queue.depth()),
      deadLetterCount: () => held(now.queue.deadLetterCount()),
      oldestAgeMs: () => held(now.queue.oldestAgeMs()),
    },
    keys: {
      get: (keyId) => held(now.keys.get(keyId)),
      put: (key) => held(now.keys.put(key)),
      revoke: (keyId, at) => held(now.keys.revoke(keyId, at)),
      list: (merchantId) => held(now.keys.list(merchantId)),
    },
    audit: createMemoryAuditLog(audit),
    simulator: createMemoryStorage(),
    truth: {
      *payments() {
        for (const { record } of rows('SELECT record FROM payments ORDER BY id')) {
          yield parsePayment({ record: String(record) });
        }
      },
      get(ref) {
        const [found] = rows(
          'SELECT record FROM payments WHERE partition = ? AND payment_id = ?',
          partitionKey(ref),
          ref.payment_id,
        );
        return found ? parsePayment({ record: String(found.record) }) : null;
      },
      queue: depth,
      *deadLetters() {
        for (const row of rows('SELECT * FROM dead_letters ORDER BY id')) yield letterOf(row);
      },
      auditLines: () => audit.lines,
      auditHead: () => audit.head,
    },
    nextVisibleMs() {
      const ms = rows('SELECT min(visible_ms) AS ms FROM work')[0]?.ms ?? null;
      return ms === null ? null : Number(ms);
    },

    restarted() {
      lives += 1;
      const before = now;
      const path = join(folder, `life-${lives}.db`);
      const allBytes = logBytes(before.path);
      const unsyncedBytes = allBytes - before.disk.syncedBytes;
      copyFileSync(before.path, path);
      copyFileSync(logOf(before.path), logOf(path));
      if (unsyncedBytes > 0 && faults.strikes('powerCut')) {
        // Anywhere, also in the middle of a page: SQLite finds by its checksums how far the log is whole.
        truncateSync(logOf(path), allBytes - faults.chance('powerCut').between(1, unsyncedBytes));
      }
      held(before.database.close());
      // Whatever was in the hands of the process that died is ready again at once.
      now = open(path, true);
    },

    async close() {
      const closed = now.database.close();
      await settledWith(now.disk, closed);
      await closed;
      rmSync(folder, { recursive: true });
    },
  };
}

function logOf(path: string): string {
  return `${path}-wal`;
}

function logBytes(path: string): number {
  return statSync(logOf(path)).size;
}

/** Resolves when the work has settled, and ends the syncs that it waits for. */
async function settledWith(disk: Disk, work: Promise<unknown>): Promise<void> {
  let isOver = false;
  const over = () => {
    isOver = true;
  };
  work.then(over, over);
  // Most reads settle by themselves; a write does so in the next turn, when its group is committed.
  await new Promise<void>((resolve) => process.nextTick(resolve));
  for (;;) {
    if (isOver) return;
    await new Promise<void>((resolve) => setImmediate(resolve));
    if (!isOver) disk.endSync?.();
  }
}

function letterOf(row: Record<string, SQLOutputValue>): DeadLetter {
  return {
    id: String(row.id),
    item: {
      ...parsePartitionKey(String(row.partition)),
      payment_id: String(row.payment_id),
      operation_id: String(row.operation_id),
      attempt: Number(row.attempt),
    },
    reason: String(row.reason),
    at: timestamp(Number(row.at_ms)),
  };
}
