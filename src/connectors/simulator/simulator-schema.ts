import { chmodSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

/** Raised whenever the tables change, so that an older program refuses a newer file instead of misreading it. */
const SCHEMA_VERSION = 1;

/** So that a second process (the command line) can write at the same time and is waited for. */
const BUSY_TIMEOUT_MS = 5_000;

/** KiB of pages kept in memory: enough for the index of some million operations, which is read at random. */
const CACHE_KIB = 32_768;

/** Pages of the log between checkpoints: each one syncs the disk, and everybody waits for it. */
const CHECKPOINT_PAGES = 8_000;

/** Nothing is ever deleted from `operations`, so plain row ids never repeat. Only test payments: no mode column. */
const TABLES = `
  CREATE TABLE IF NOT EXISTS operations (
    seq INTEGER PRIMARY KEY,
    slot TEXT NOT NULL,
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    payment_method TEXT NOT NULL,
    return_url TEXT,
    original_reference TEXT,
    original_key TEXT,
    merchant_id TEXT NOT NULL,
    payment_id TEXT NOT NULL,
    operation_id TEXT NOT NULL,
    outcome TEXT NOT NULL,
    failure TEXT,
    challenge TEXT,
    executed_at_ms INTEGER NOT NULL,
    settled_at_ms INTEGER,
    captured INTEGER NOT NULL,
    refunded INTEGER NOT NULL,
    released TEXT
  ) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS challenges ON operations (challenge) WHERE challenge IS NOT NULL;
  CREATE TABLE IF NOT EXISTS slots (slot TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS slots_merged (up_to INTEGER NOT NULL) STRICT;
  INSERT INTO slots_merged (up_to) SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM slots_merged);
  CREATE TABLE IF NOT EXISTS attempts (key TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS canceled_keys (key TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS outbox (
    event_id TEXT PRIMARY KEY,
    key TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    next_at_ms INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS outbox_due ON outbox (next_at_ms);
`;

/**
 * Makes the tables if need be, and sets the connection up.
 * @throws Error if the file was made by a newer version
 */
export function prepareDatabase(database: DatabaseSync, path: string): void {
  chmodSync(path, 0o600);
  database.exec(`
    PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS};
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA cache_size = -${CACHE_KIB};
    PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
  `);
  const version = Number(database.prepare('PRAGMA user_version').get()?.user_version);
  if (version === SCHEMA_VERSION) return;
  if (version !== 0) {
    database.close();
    throw new Error(
      `The simulator's file ${path} has schema ${version}; this program knows ${SCHEMA_VERSION}. Use a newer program.`,
    );
  }
  database.exec(`BEGIN IMMEDIATE; ${TABLES} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT;`);
}
