import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UnavailableError } from '../../ports/faults.ts';
import { type OpenOptions, openDatabase, SchemaError } from './database.ts';
import { rewriteLog } from './rewrite-log.ts';
import { MIGRATIONS } from './schema.ts';

let folder = '';
let path = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tollgate-'));
  path = join(folder, 'data', 'tollgate.db');
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

const V1 = ['CREATE TABLE t (n INTEGER) STRICT; INSERT INTO t VALUES (1)'];
const V2 = [...V1, 'ALTER TABLE t ADD COLUMN m INTEGER; UPDATE t SET m = n * 10'];
const BROKEN = [...V1, 'UPDATE t SET n = 2; UPDATE no_such_table SET x = 1'];

const SERVER = { sync: 'pipelined', migrate: true } as const;
const TOOL = { sync: 'full', migrate: false } as const;

function open(options: Partial<OpenOptions> = {}) {
  return openDatabase({ path, ...SERVER, ...options });
}

async function make(migrations: readonly string[]): Promise<void> {
  await open({ migrations }).close();
}

function read(file: string, sql: string): unknown {
  const connection = new DatabaseSync(file, { readOnly: true });
  try {
    return connection.prepare(sql).all();
  } finally {
    connection.close();
  }
}

const backups = () =>
  existsSync(join(folder, 'data/backups')) ? readdirSync(join(folder, 'data/backups')) : [];
const mode = (file: string) => statSync(file).mode & 0o777;

describe('opening a database', () => {
  it('makes it, and its folder, for nobody else to read', async () => {
    const database = open();
    expect(mode(path)).toBe(0o600);
    expect(mode(join(folder, 'data'))).toBe(0o700);
    expect(database.connection.prepare('PRAGMA user_version').get()).toEqual({
      user_version: MIGRATIONS.length,
    });
    expect(database.connection.prepare('PRAGMA journal_mode').get()).toEqual({ journal_mode: 'wal' });
    await database.close();
    expect(backups()).toEqual([]);
    expect(readdirSync(join(folder, 'data'))).toEqual(['tollgate.db']);
  });

  it('makes one for a command line that is there before any server', async () => {
    await open({ ...TOOL, migrations: V2 }).close();
    expect(read(path, 'SELECT * FROM t')).toEqual([{ n: 1, m: 10 }]);
  });

  it('syncs each commit by itself for the command line, and by the group commit for the server', async () => {
    const synchronous = (database: ReturnType<typeof open>) =>
      database.connection.prepare('PRAGMA synchronous').get();
    const [NORMAL, FULL] = [{ synchronous: 1 }, { synchronous: 2 }];
    const server = open();
    const tool = open(TOOL);
    expect([synchronous(server), synchronous(tool)]).toEqual([NORMAL, FULL]);
    await tool.close();
    await server.close();
  });

  it('keeps what was written, and changes nothing of it', async () => {
    await make(V1);
    const database = open({ migrations: V1 });
    await database.write(() => database.connection.exec('INSERT INTO t VALUES (2)'));
    await database.close();
    await make(V1);
    expect(read(path, 'SELECT n FROM t')).toEqual([{ n: 1 }, { n: 2 }]);
    expect(backups()).toEqual([]);
  });
});

describe('a schema of another version', () => {
  it('is refused if it is newer, and left as it is', async () => {
    await make(V2);
    for (const how of [SERVER, TOOL]) {
      expect(() => open({ ...how, migrations: V1 })).toThrow(SchemaError);
      expect(() => open({ ...how, migrations: V1 })).toThrow(
        `${path} has schema version 2, and this version of Tollgate knows 1. ` +
          'It was used by a newer version: run that one, or restore a backup made before.',
      );
    }
    expect(read(path, 'SELECT * FROM t')).toEqual([{ n: 1, m: 10 }]);
    expect(backups()).toEqual([]);
  });

  it('is migrated if it is older, after a backup that is whole and as private', async () => {
    await make(V1);
    await make(V2);
    expect(read(path, 'SELECT * FROM t')).toEqual([{ n: 1, m: 10 }]);
    expect(backups()).toEqual(['schema-1.db']);
    const backup = join(folder, 'data/backups/schema-1.db');
    expect(mode(backup)).toBe(0o600);
    expect(read(backup, 'SELECT * FROM t')).toEqual([{ n: 1 }]);
    expect(read(backup, 'PRAGMA user_version')).toEqual([{ user_version: 1 }]);
  });

  it('is migrated through every version between', async () => {
    await make(V1);
    await make([...V2, 'UPDATE t SET m = m + 1', 'UPDATE t SET m = m * 2']);
    expect(read(path, 'SELECT m FROM t')).toEqual([{ m: 22 }]);
  });

  it('is refused to the command line if it is older, as a server may be using it', async () => {
    await make(V1);
    expect(() => open({ ...TOOL, migrations: V2 })).toThrow(SchemaError);
    expect(() => open({ ...TOOL, migrations: V2 })).toThrow('Start the server of this version once');
    expect(read(path, 'SELECT * FROM t')).toEqual([{ n: 1 }]);
    expect(backups()).toEqual([]);
  });

  it('is left as it was by a migration that fails, which can be tried again beside its backup', async () => {
    await make(V1);
    expect(() => open({ migrations: BROKEN })).toThrow('no such table');
    expect(read(path, 'SELECT * FROM t')).toEqual([{ n: 1 }]);
    expect(read(path, 'PRAGMA user_version')).toEqual([{ user_version: 1 }]);
    await make(V2);
    expect(read(path, 'SELECT * FROM t')).toEqual([{ n: 1, m: 10 }]);
    expect(backups().sort()).toEqual(['schema-1-2.db', 'schema-1.db']);
  });
});

describe('after a sync that failed', () => {
  const insert = (database: ReturnType<typeof open>, n: number) =>
    database.write(() => database.connection.prepare('INSERT INTO t VALUES (?)').run(n));

  it('closing leaves the log as a crash would, and moves nothing of it into the database', async () => {
    let isFailing = false;
    const syncFile: OpenOptions['syncFile'] = (_fd, done) =>
      setImmediate(done, isFailing ? new Error('EIO: i/o error, fdatasync') : null);
    const database = open({ migrations: V1, syncFile });
    await insert(database, 2);
    isFailing = true;
    await expect(insert(database, 3)).rejects.toThrow('EIO');
    const before = [readFileSync(path), readFileSync(`${path}-wal`)];
    await expect(database.close()).rejects.toThrow('EIO');
    expect([readFileSync(path), readFileSync(`${path}-wal`)]).toEqual(before);

    const again = open({ migrations: V1 });
    expect(again.read(() => again.connection.prepare('SELECT n FROM t').all())).toEqual([
      { n: 1 },
      { n: 2 },
      { n: 3 },
    ]);
    await insert(again, 4);
    await again.close();
    expect(readdirSync(join(folder, 'data'))).toEqual(['tollgate.db']);
  });

  it('a start writes the log again, and changes not a byte of it', async () => {
    const database = open({ migrations: V1 });
    await insert(database, 2);
    const log = readFileSync(`${path}-wal`);
    const copy = join(folder, 'copy.db');
    for (const end of ['', '-wal']) copyFileSync(path + end, copy + end);
    await database.close();
    utimesSync(`${copy}-wal`, 0, 0);
    rewriteLog(copy);
    expect(readFileSync(`${copy}-wal`)).toEqual(log);
    expect(statSync(`${copy}-wal`).mtimeMs).toBeGreaterThan(0);
    const reopened = open({ path: copy, migrations: V1 });
    // What it began with is still there, byte for byte; the commit of the start follows on it.
    expect(readFileSync(`${copy}-wal`).subarray(0, log.length)).toEqual(log);
    await reopened.close();
  });
});

it('tells a file that cannot be opened now from one that is no database', () => {
  mkdirSync(path, { recursive: true });
  expect(() => open()).toThrow(UnavailableError);
  rmSync(path, { recursive: true });
  writeFileSync(path, 'x'.repeat(4096));
  expect(() => open()).toThrow('file is not a database');
  expect(() => open()).not.toThrow(UnavailableError);
});
