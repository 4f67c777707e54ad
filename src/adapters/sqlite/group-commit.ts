import { fdatasync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { UnavailableError } from '../../ports/faults.ts';
import { databaseFault } from './database-fault.ts';

/**
 * Group commit. Every write that arrives in one turn of the event loop goes into one transaction, and one
 * `fdatasync` of the write-ahead log makes it, and whatever was committed while the one before ran, durable.
 *
 * SQLite's own `synchronous=FULL` syncs inside COMMIT and stops the event loop for as long as the disk takes.
 * Here COMMIT only writes the log, and the sync runs on the thread pool, while the loop goes on accepting.
 * Durability is the same: a durable write resolves only after a sync that began after its commit; the log is
 * append-only, so what is synced is always a prefix of what was committed.
 */
export interface GroupCommit {
  /**
   * Runs `work` inside the turn's transaction; it may run again, alone, if another write of the turn failed.
   * Resolves when its commit is on disk; with `durable: false` as soon as it is committed, for bookkeeping whose
   * loss is only a repetition.
   */
  write<T>(work: () => T, options?: { durable: boolean }): Promise<T>;
  /** @throws UnavailableError if the file cannot be read, or must not be as a sync has failed */
  read<T>(work: () => T): T;
  /** Resolves when everything committed until now is on disk. */
  durable(): Promise<void>;
  /** Whether something committed is not on disk yet. */
  hasUnsynced(): boolean;
  /** Whether a sync has failed: from then on nobody may write, or read what may never have reached the disk. */
  isBroken(): boolean;
  /** Calls once, when a sync has failed: only opening the file anew helps. */
  onBroken(listener: (error: UnavailableError) => void): void;
  /** Commits and syncs what is queued; writes after it are refused. */
  close(): Promise<void>;
}

interface Queued {
  work: () => unknown;
  durable: boolean;
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
}

interface SyncWaiter {
  commit: number;
  done: (error?: Error) => void;
}

/** Brings what was written to a file to the disk; tells when it is there, or why it is not. */
export type SyncFile = (fd: number, done: (error: Error | null) => void) => void;

/**
 * @param walFd descriptor of the write-ahead log, or null where COMMIT itself syncs (`synchronous=FULL`)
 * @param syncFile for tests that hold a sync back, or let it fail
 */
export function createGroupCommit(
  database: DatabaseSync,
  walFd: number | null,
  syncFile: SyncFile = fdatasync,
): GroupCommit {
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const rollback = database.prepare('ROLLBACK');
  let queue: Queued[] = [];
  let commits = 0;
  let synced = 0;
  let syncing = false;
  let closed = false;
  /** After a failed sync nobody knows what the disk holds: only opening the file again tells. */
  let broken: UnavailableError | null = null;
  const syncWaiters: SyncWaiter[] = [];
  const brokenListeners: ((error: UnavailableError) => void)[] = [];

  /** In the transaction that has begun. */
  function committing(work: () => void): void {
    try {
      work();
      commit.run();
    } catch (error) {
      if (database.isTransaction) rollback.run();
      throw error;
    }
  }

  function flush(): void {
    const batch = queue;
    queue = [];
    const values: unknown[] = new Array(batch.length);
    try {
      if (broken) throw broken;
      begin.run();
    } catch (error) {
      // No fault of any one write, so none is tried alone: each would wait for the lock again, and all others with it.
      for (const queued of batch) queued.reject(databaseFault(error));
      return;
    }
    try {
      committing(() => {
        for (let i = 0; i < batch.length; i++) values[i] = (batch[i] as Queued).work();
      });
    } catch (error) {
      if (batch.length === 1) (batch[0] as Queued).reject(databaseFault(error));
      else for (const queued of batch) flushAlone(queued);
      return;
    }
    commits++;
    for (let i = 0; i < batch.length; i++) settleCommitted(batch[i] as Queued, values[i]);
    sync();
  }

  /** One bad write fails alone: each of the turn's writes gets a transaction of its own. */
  function flushAlone(queued: Queued): void {
    let value: unknown;
    try {
      begin.run();
      committing(() => {
        value = queued.work();
      });
    } catch (error) {
      queued.reject(databaseFault(error));
      return;
    }
    commits++;
    settleCommitted(queued, value);
    sync();
  }

  function settleCommitted(queued: Queued, value: unknown): void {
    if (!queued.durable) queued.resolve(value);
    else awaitSync((error) => (error ? queued.reject(error) : queued.resolve(value)));
  }

  function awaitSync(done: (error?: Error) => void): void {
    if (broken) done(broken);
    else if (walFd === null || synced >= commits) done();
    else syncWaiters.push({ commit: commits, done });
  }

  function sync(): void {
    if (walFd === null) {
      synced = commits;
      return;
    }
    if (syncing || broken || synced === commits) return;
    syncing = true;
    const target = commits;
    syncFile(walFd, (error) => {
      syncing = false;
      if (error) {
        broken = new UnavailableError(`The disk refused to store the write-ahead log: ${error.message}`, {
          cause: error,
        });
      } else {
        synced = target;
      }
      while (syncWaiters[0] && (broken || syncWaiters[0].commit <= synced)) {
        (syncWaiters.shift() as SyncWaiter).done(broken ?? undefined);
      }
      if (broken) for (const listener of brokenListeners) listener(broken);
      sync();
    });
  }

  function durable(): Promise<void> {
    return new Promise((resolve, reject) => awaitSync((error) => (error ? reject(error) : resolve())));
  }

  return {
    write<T>(work: () => T, options?: { durable: boolean }): Promise<T> {
      if (closed) return Promise.reject(new UnavailableError('The database is closed.'));
      if (broken) return Promise.reject(broken);
      return new Promise<T>((resolve, reject) => {
        if (queue.length === 0) setImmediate(flush);
        queue.push({
          work,
          durable: options?.durable ?? true,
          resolve: resolve as (value: unknown) => void,
          reject,
        });
      });
    },
    read<T>(work: () => T): T {
      if (broken) throw broken;
      try {
        return work();
      } catch (error) {
        throw databaseFault(error);
      }
    },
    durable,
    hasUnsynced: () => walFd !== null && synced < commits,
    isBroken: () => broken !== null,
    onBroken(listener) {
      if (broken) listener(broken);
      else brokenListeners.push(listener);
    },
    async close() {
      closed = true;
      // A flush that is scheduled runs before this resolves; what it committed is then synced.
      await new Promise<void>((resolve) => setImmediate(resolve));
      await durable();
    },
  };
}
