import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { databaseFault } from './database-fault.ts';

export interface ServerLock {
  /** Writes down who holds the lock, for whoever finds it taken. */
  describe(holder: string): void;
  release(): void;
}

/** Another server uses the folder; the message says which, and what to do. */
export class FolderInUseError extends Error {
  override readonly name = 'FolderInUseError';
}

const HOLDER_FILE = 'server.txt';

/** A connection that nobody can reach is collected, and its lock with it: a server keeps its lock until it gives it back. */
const held = new Set<DatabaseSync>();

/** A command that only looks whether a server runs holds the lock for a moment: a start waits that long. */
const LOOK_MS = 500;

/**
 * One server on one folder. The lock is the operating system's, on a file of its own, so that it ends with the
 * process however the process ends; command-line calls do not take it.
 * @throws FolderInUseError if another process holds it
 * @throws UnavailableError if the disk is full or fails
 */
export function lockFolder(folder: string): ServerLock {
  const connection = tryLock(folder, LOOK_MS);
  if (!connection) {
    const holder = readHolder(folder) ?? 'another process';
    throw new FolderInUseError(
      `${folder} is in use by ${holder}. Stop that server first, or give this one another folder (DATA_DIR, --data-dir).`,
    );
  }
  held.add(connection);
  const path = join(folder, HOLDER_FILE);
  // Of a server that was killed: whoever asks before this one is described must not be sent to that one.
  rmSync(path, { force: true });
  return {
    describe: (holder) => writeFileSync(path, `${holder}\n`),
    release() {
      rmSync(path, { force: true });
      connection.close();
      held.delete(connection);
    },
  };
}

/** Who serves this folder now; null if nobody does. */
export function findServer(folder: string): string | null {
  const connection = tryLock(folder, 0);
  if (!connection) return readHolder(folder) ?? 'another process';
  connection.close();
  return null;
}

function tryLock(folder: string, waitMs: number): DatabaseSync | null {
  const connection = new DatabaseSync(join(folder, 'server.lock'), { timeout: waitMs });
  try {
    connection.exec('BEGIN EXCLUSIVE');
    return connection;
  } catch (error) {
    connection.close();
    const BUSY = 5;
    if ((error as { errcode?: number }).errcode === BUSY) return null;
    throw databaseFault(error);
  }
}

function readHolder(folder: string): string | null {
  try {
    return readFileSync(join(folder, HOLDER_FILE), 'utf8').trim() || null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
