/**
 * The schema as a list of migrations: entry n takes a database from version n to n+1 (`PRAGMA user_version`).
 * Entries are never edited once released; a change is a new entry.
 */
export const MIGRATIONS: readonly string[] = [
  `
  -- Rows are in order of arrival and indexes small, so that a million payments cost about a kilobyte each.
  CREATE TABLE payments (
    id INTEGER PRIMARY KEY,
    partition TEXT NOT NULL,
    payment_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    status TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    due_ms INTEGER,
    record TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX payments_key ON payments (partition, payment_id);
  CREATE INDEX payments_newest ON payments (partition, created_ms, payment_id);
  CREATE INDEX payments_status ON payments (partition, status, created_ms, payment_id);
  CREATE INDEX payments_due ON payments (due_ms) WHERE due_ms IS NOT NULL;

  -- AUTOINCREMENT: without it, deleting what was consumed lets SQLite reuse numbers, and readers miss changes.
  CREATE TABLE changes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    dispatch INTEGER NOT NULL,
    record TEXT NOT NULL
  ) STRICT;
  CREATE TABLE consumers (name TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE work (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    partition TEXT NOT NULL,
    payment_id TEXT NOT NULL,
    operation_id TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    sent_ms INTEGER NOT NULL,
    visible_ms INTEGER NOT NULL,
    receive_count INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX work_visible ON work (visible_ms);
  CREATE TABLE dead_letters (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    partition TEXT NOT NULL,
    payment_id TEXT NOT NULL,
    operation_id TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    reason TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    UNIQUE (partition, payment_id, operation_id)
  ) STRICT;

  CREATE TABLE audit_head (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    records INTEGER NOT NULL,
    hash TEXT NOT NULL,
    segment INTEGER NOT NULL,
    bytes INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE keys (
    key_id TEXT PRIMARY KEY,
    merchant_id TEXT NOT NULL,
    livemode INTEGER NOT NULL,
    scopes TEXT NOT NULL,
    secret_hash TEXT NOT NULL,
    created_at TEXT NOT NULL,
    expires_at TEXT,
    revoked_at TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX keys_merchant ON keys (merchant_id);
  `,
];
