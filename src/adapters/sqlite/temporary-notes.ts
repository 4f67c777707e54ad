import { DatabaseSync } from 'node:sqlite';

/** A note for each of any number of keys, in little memory. */
export interface Notes {
  /** False if the key has one already, which is kept. */
  add(key: string, note: number): boolean;
  get(key: string): number | undefined;
  close(): void;
}

/** What is kept in memory of it, in KiB; SQLite puts the rest into a file that has no name and goes with the process. */
const CACHE_KIB = 16 * 1_024;

export function createTemporaryNotes(): Notes {
  const database = new DatabaseSync('');
  database.exec(`
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA cache_size = -${CACHE_KIB};
    CREATE TABLE notes (key TEXT PRIMARY KEY, note INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    BEGIN;
  `);
  const insert = database.prepare('INSERT INTO notes (key, note) VALUES (?, ?) ON CONFLICT DO NOTHING');
  const select = database.prepare('SELECT note FROM notes WHERE key = ?');
  return {
    add: (key, note) => insert.run(key, note).changes === 1,
    get: (key) => (select.get(key) as { note: number } | undefined)?.note,
    close: () => database.close(),
  };
}
