import { chmodSync, closeSync, fsyncSync, openSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

/** A consistent copy of the database as it is now, beside whoever writes to it. The target must not exist. */
export function copyDatabase(connection: DatabaseSync, target: string): void {
  connection.prepare('VACUUM INTO ?').run(target);
  chmodSync(target, 0o600);
  // SQLite does not sync what VACUUM INTO writes.
  const file = openSync(target, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * What SQLite finds wrong with the file; nothing if it is sound.
 * @param check `integrity_check` compares indexes with their tables too, and takes longer
 */
export function checkDatabase(connection: DatabaseSync, check: 'integrity_check' | 'quick_check'): string[] {
  const rows = connection.prepare(`PRAGMA ${check}`).all();
  return rows.map((row) => String(row[check])).filter((found) => found !== 'ok');
}
