import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type OpenOptions, openDatabase, type SqliteDatabase } from './database.ts';

export interface TestDatabase {
  database: SqliteDatabase;
  folder: string;
  path: string;
  /** Closes the database and removes its folder. */
  remove(): Promise<void>;
}

/** A database in a folder of its own. */
export function openTestDatabase(options: Partial<OpenOptions> = {}): TestDatabase {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-'));
  const path = join(folder, 'tollgate.db');
  const database = openDatabase({ path, sync: 'pipelined', migrate: true, ...options });
  return {
    database,
    folder,
    path,
    async remove() {
      await database.close();
      rmSync(folder, { recursive: true });
    },
  };
}
