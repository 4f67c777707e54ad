import { closeSync, openSync, readSync, writeSync } from 'node:fs';

/** A log is some 16 MiB at most as a rule; read in pieces all the same. */
const PIECE_BYTES = 1024 * 1024;

/**
 * Writes the write-ahead log over itself, so that the sync that follows brings all of it to the disk. After a sync
 * that failed the system may keep what was written in memory and take it for stored: to sync it once more says that
 * all is well and stores nothing (https://wiki.postgresql.org/wiki/Fsync_Errors). The caller holds the write lock.
 */
export function rewriteLog(databasePath: string): void {
  const log = openSync(`${databasePath}-wal`, 'r+');
  try {
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    let position = 0;
    for (;;) {
      const length = readSync(log, piece, 0, PIECE_BYTES, position);
      if (length === 0) return;
      for (let done = 0; done < length; ) done += writeSync(log, piece, done, length - done, position + done);
      position += length;
    }
  } finally {
    closeSync(log);
  }
}
