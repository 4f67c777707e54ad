import { chmodSync, closeSync, existsSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { databaseFault } from './database-fault.ts';
import { createGroupCommit, type GroupCommit, type SyncFile } from './group-commit.ts';
import { rewriteLog } from './rewrite-log.ts';
import { MIGRATIONS } from './schema.ts';

export interface SqliteDatabase extends GroupCommit {
  readonly connection: DatabaseSync;
}

export interface OpenOptions {
  path: string;
  /**
   * `pipelined`: syncs on the thread pool, for the one process that serves. `full`: COMMIT itself syncs, for the
   * command line beside it, so that the server never sees what is not on disk.
   */
  sync: 'pipelined' | 'full';
  /** Whether an older schema may be migrated (after a backup), or is refused because a server may be using it. */
  migrate: boolean;
  /** For tests of migration itself. */
  migrations?: readonly string[];
  /** For tests of what happens while a sync runs, or when it fails. */
  syncFile?: SyncFile;
}

/** Why a database file cannot be used by this version; its message tells a person what to do. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
}

/** How long a write waits for another process's write (the command line, a backup) before it is refused. */
const BUSY_TIMEOUT_MS = 5_000;

/** Write-ahead log pages (4 KiB) between checkpoints: 16 MiB, so that checkpoints are few and never long. */
const CHECKPOINT_PAGES = 4_000;

/**
 * Page cache, in KiB: what keeps the index of the ids of a million payments (28 MB) at hand. The others are written
 * where they end.
 */
const CACHE_KIB = 40 * 1_024;

/**
 * Opens (or makes) the database.
 * @throws SchemaError if the file is newer than this version, or older and may not be migrated
 * @throws UnavailableError if the disk is full or fails: a later try may succeed
 */
export function openDatabase(options: OpenOptions): SqliteDatabase {
  try {
    return open(options);
  } catch (error) {
    throw isNoDatabase(error) ? error : databaseFault(error);
  }
}

/** SQLITE_CORRUPT and SQLITE_NOTADB: no later try changes that. */
function isNoDatabase(error: unknown): boolean {
  const { errcode } = error as { errcode?: number };
  return errcode === 11 || errcode === 26;
}

function open(options: OpenOptions): SqliteDatabase {
  mkdirSync(dirname(options.path), { recursive: true, mode: 0o700 });
  const connection = new DatabaseSync(options.path, { timeout: BUSY_TIMEOUT_MS });
  const pipelined = options.sync === 'pipelined';
  let walFd: number | null = null;
  try {
    chmodSync(options.path, 0o600);
    connection.exec('PRAGMA journal_mode = WAL');
    connection.exec(`PRAGMA synchronous = FULL; PRAGMA cache_size = -${CACHE_KIB}`);
    connection.exec(`PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
    migrate(connection, options);
    // The log exists from the first write in WAL mode on; this makes sure of it, and that it is on disk.
    connection.exec('BEGIN IMMEDIATE');
    connection.exec(`PRAGMA user_version = ${schemaVersion(connection)}`);
    if (pipelined) rewriteLog(options.path);
    connection.exec('COMMIT');
    walFd = pipelined ? openSync(`${options.path}-wal`, 'r+') : null;
    // NORMAL: COMMIT writes and does not sync, the group commit does; checkpoints still sync on both sides.
    if (pipelined) connection.exec('PRAGMA synchronous = NORMAL');
  } catch (error) {
    connection.close();
    throw error;
  }
  const group = createGroupCommit(connection, walFd, options.syncFile);
  return {
    connection,
    ...group,
    async close() {
      try {
        await group.close();
      } finally {
        if (walFd !== null) closeSync(walFd);
        if (group.isBroken()) leaveLog(connection, options.path);
        // The last connection to close checkpoints the log into the database and removes it.
        else connection.close();
      }
    },
  };
}

/**
 * Closes as a crash would: nothing of a log that may not be on disk is moved into the database. The next to open it
 * finds out by its checksums how far the log reaches. A reader that closes last may not write, and so moves nothing.
 */
function leaveLog(connection: DatabaseSync, path: string): void {
  const reader = new DatabaseSync(path, { readOnly: true });
  try {
    reader.prepare('SELECT count(*) FROM sqlite_schema').get();
    connection.close();
  } finally {
    reader.close();
  }
}

function schemaVersion(connection: DatabaseSync): number {
  return (connection.prepare('PRAGMA user_version').get() as { user_version: number }).user_version;
}

function migrate(
  connection: DatabaseSync,
  { path, migrate: allowed, migrations = MIGRATIONS }: OpenOptions,
): void {
  const found = schemaVersion(connection);
  const known = migrations.length;
  if (found === known) return;
  if (found > known) {
    throw new SchemaError(
      `${path} has schema version ${found}, and this version of Tollgate knows ${known}. ` +
        'It was used by a newer version: run that one, or restore a backup made before.',
    );
  }
  if (found > 0) {
    if (!allowed) {
      throw new SchemaError(
        `${path} has schema version ${found}, and this command needs ${known}. ` +
          'Start the server of this version once: it makes a backup and migrates.',
      );
    }
    backupBefore(connection, path, found);
  }
  connection.exec('BEGIN IMMEDIATE');
  try {
    // Another process may have been faster while this one waited for the lock.
    for (let version = schemaVersion(connection); version < known; version++) {
      connection.exec(migrations[version] as string);
      connection.exec(`PRAGMA user_version = ${version + 1}`);
    }
    connection.exec('COMMIT');
  } catch (error) {
    connection.exec('ROLLBACK');
    throw error;
  }
}

function backupBefore(connection: DatabaseSync, path: string, version: number): void {
  const folder = join(dirname(path), 'backups');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  let target = join(folder, `schema-${version}.db`);
  for (let n = 2; existsSync(target); n++) target = join(folder, `schema-${version}-${n}.db`);
  connection.prepare('VACUUM INTO ?').run(target);
  chmodSync(target, 0o600);
  // SQLite does not sync what it vacuums into, and a backup that a power cut can take is none.
  for (const made of [target, folder]) {
    const fd = openSync(made, 'r');
    fsyncSync(fd);
    closeSync(fd);
  }
}
