import { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { UnavailableError } from '../../ports/faults.ts';
import { createGroupCommit, type GroupCommit, type SyncFile } from './group-commit.ts';
import { openTestDatabase } from './sqlite.fixture.ts';

const WAL_FD = 3;

/** A disk that syncs when the test says so. */
function slowDisk() {
  const running: ((error: Error | null) => void)[] = [];
  const syncFile: SyncFile = (_fd, done) => void running.push(done);
  return {
    syncFile,
    /** How many syncs have begun and not ended: never more than one. */
    running: () => running.length,
    async end(error: Error | null = null): Promise<void> {
      const done = running.shift();
      if (!done) throw new Error('fixture: no sync is running');
      done(error);
      await nextTurn();
    },
  };
}

function counting(connection: DatabaseSync): Record<string, number> {
  const runs: Record<string, number> = {};
  const prepare = connection.prepare.bind(connection);
  vi.spyOn(connection, 'prepare').mockImplementation((sql) => {
    const statement = prepare(sql);
    const run = statement.run.bind(statement);
    vi.spyOn(statement, 'run').mockImplementation((...values) => {
      runs[sql] = (runs[sql] ?? 0) + 1;
      return run(...values);
    });
    return statement;
  });
  return runs;
}

function start({ walFd = WAL_FD }: { walFd?: number | null } = {}) {
  const connection = new DatabaseSync(':memory:');
  connection.exec('PRAGMA foreign_keys = ON; CREATE TABLE t (n INTEGER PRIMARY KEY) STRICT');
  connection.exec(
    'CREATE TABLE child (n INTEGER PRIMARY KEY REFERENCES t (n) DEFERRABLE INITIALLY DEFERRED) STRICT',
  );
  const runs = counting(connection);
  const disk = slowDisk();
  const group = createGroupCommit(connection, walFd, disk.syncFile);
  const insert = connection.prepare('INSERT INTO t (n) VALUES (?)');
  const orphan = connection.prepare('INSERT INTO child (n) VALUES (?)');
  const stored = () =>
    connection
      .prepare('SELECT n FROM t ORDER BY n')
      .all()
      .map(({ n }) => n);
  const put = (n: number) => () => {
    insert.run(n);
    return `put ${n}`;
  };
  return { connection, runs, disk, group, put, orphan: (n: number) => () => orphan.run(n), stored };
}

/** What a promise has come to so far. */
function watch(promise: Promise<unknown>): () => unknown {
  let state: unknown = 'waiting';
  promise.then(
    (value) => {
      state = value;
    },
    (error: Error) => {
      state = error;
    },
  );
  return () => state;
}

const write = (group: GroupCommit, work: () => unknown, durable = true) =>
  watch(group.write(work, { durable }));

describe('group commit', () => {
  it('takes all writes of one turn into one transaction, and gives each its own value', async () => {
    const { runs, disk, group, put, stored } = start();
    const writes = [3, 1, 2].map((n) => group.write(put(n)));
    expect(stored()).toEqual([]);
    await nextTurn();
    expect(runs.COMMIT).toBe(1);
    await disk.end();
    expect(await Promise.all(writes)).toEqual(['put 3', 'put 1', 'put 2']);
    expect(stored()).toEqual([1, 2, 3]);
    expect(disk.running()).toBe(0);
  });

  it('takes the writes of the next turn into the next one', async () => {
    const { runs, group, put } = start();
    write(group, put(1));
    await nextTurn();
    write(group, put(2));
    await nextTurn();
    expect(runs.COMMIT).toBe(2);
  });

  it('lets one bad write fail alone among many, and gives the others what is theirs', async () => {
    const { disk, group, put, stored } = start();
    const states = [put(1), put(2), put(2), put(3)].map((work) => write(group, work));
    await nextTurn();
    await disk.end();
    while (disk.running() > 0) await disk.end();
    expect(states.map((state) => state())).toEqual(['put 1', 'put 2', expect.any(UnavailableError), 'put 3']);
    expect(stored()).toEqual([1, 2, 3]);
  });

  it('lets one fail alone that only the commit finds to be bad', async () => {
    const { connection, disk, group, put, orphan, stored } = start();
    const states = [put(1), orphan(99), put(2)].map((work) => write(group, work));
    await nextTurn();
    while (disk.running() > 0) await disk.end();
    expect(states.map((state) => state())).toEqual(['put 1', expect.any(UnavailableError), 'put 2']);
    expect(stored()).toEqual([1, 2]);
    expect(connection.isTransaction).toBe(false);
  });

  it('tells a fault of the database from a bug in the work, and undoes both', async () => {
    const { disk, group, put, stored } = start();
    const bug = new TypeError('x is not a function');
    const throwing = (n: number, what: unknown) => () => {
      put(n)();
      throw what;
    };
    const states = [throwing(1, bug), throwing(2, 'a string'), put(3)].map((work) => write(group, work));
    await nextTurn();
    while (disk.running() > 0) await disk.end();
    expect(states.map((state) => state())).toEqual([bug, new Error('a string'), 'put 3']);
    expect(stored()).toEqual([3]);
    const alone = write(group, throwing(4, bug));
    await nextTurn();
    expect(alone()).toBe(bug);
  });

  it('refuses all writes of a turn at once where another process holds the lock, and tries none alone', async () => {
    const { database, path, remove } = openTestDatabase();
    const connection = new DatabaseSync(path, { timeout: 0 });
    const runs = counting(connection);
    const group = createGroupCommit(connection, null);
    database.connection.exec('BEGIN IMMEDIATE');
    const work = () => connection.exec('UPDATE consumers SET position = position');
    const states = [1, 2, 3].map(() => write(group, work));
    await nextTurn();
    expect(states.map((state) => state())).toEqual(states.map(() => expect.any(UnavailableError)));
    expect(runs['BEGIN IMMEDIATE']).toBe(1);
    database.connection.exec('COMMIT');
    await group.write(work);
    await group.close();
    connection.close();
    await remove();
  });
});

describe('durability (invariant 2)', () => {
  it('a write resolves only after a sync that began after its commit', async () => {
    const { disk, group, put } = start();
    const first = write(group, put(1));
    await nextTurn();
    const second = write(group, put(2));
    const third = write(group, put(3));
    await nextTurn();
    expect([first(), second(), disk.running()]).toEqual(['waiting', 'waiting', 1]);
    await disk.end();
    expect([first(), second(), third()]).toEqual(['put 1', 'waiting', 'waiting']);
    await disk.end();
    expect([second(), third(), disk.running()]).toEqual(['put 2', 'put 3', 0]);
  });

  it('bookkeeping resolves as soon as it is committed, and is synced all the same', async () => {
    const { disk, group, put } = start();
    const state = write(group, put(1), false);
    await nextTurn();
    expect([state(), disk.running(), group.hasUnsynced()]).toEqual(['put 1', 1, true]);
    await disk.end();
    expect([disk.running(), group.hasUnsynced()]).toEqual([0, false]);
  });

  it('can be waited for: at once where all is on disk, else until it is', async () => {
    const { disk, group, put } = start();
    await group.durable();
    write(group, put(1), false);
    await nextTurn();
    const durable = watch(group.durable());
    await nextTurn();
    expect(durable()).toBe('waiting');
    await disk.end();
    expect(durable()).toBeUndefined();
  });

  it('is what COMMIT itself gives where there is no log to sync', async () => {
    const { disk, group, put } = start({ walFd: null });
    expect(await group.write(put(1))).toBe('put 1');
    expect([disk.running(), group.hasUnsynced()]).toEqual([0, false]);
    await group.durable();
  });
});

describe('a sync that fails', () => {
  const eio = new Error('EIO: i/o error, fdatasync');

  it('refuses everything that waited for it, and everything from then on', async () => {
    const { runs, disk, group, put, stored } = start();
    const [first, durable] = [write(group, put(1)), watch(group.durable())];
    await nextTurn();
    const [second, synced] = [write(group, put(2)), watch(group.durable())];
    await nextTurn();
    const third = write(group, put(3), false);
    await disk.end(eio);
    const fault = expect.objectContaining({ name: 'UnavailableError', cause: eio });
    expect([first(), second(), third(), synced()]).toEqual([fault, fault, fault, fault]);
    expect(durable()).toBeUndefined();
    expect(group.isBroken()).toBe(true);
    expect(group.hasUnsynced()).toBe(true);
    expect(disk.running()).toBe(0);
    const late = write(group, put(4));
    await nextTurn();
    expect(late()).toEqual(fault);
    await expect(group.durable()).rejects.toThrow('EIO');
    expect(runs.COMMIT).toBe(2);
    expect(stored()).toEqual([1, 2]);
  });

  it('is told to who listens, once, and to who listens only then', async () => {
    const { disk, group, put } = start();
    const told: unknown[] = [];
    group.onBroken((error) => told.push(error.cause));
    write(group, put(1));
    await nextTurn();
    expect(told).toEqual([]);
    await disk.end(eio);
    write(group, put(2));
    await nextTurn();
    expect(told).toEqual([eio]);
    group.onBroken((error) => told.push(error.cause));
    expect(told).toEqual([eio, eio]);
  });

  it('lets nobody read any more', async () => {
    const { disk, group, put, stored } = start();
    expect(group.read(stored)).toEqual([]);
    write(group, put(1));
    await nextTurn();
    await disk.end(eio);
    expect(() => group.read(stored)).toThrow(UnavailableError);
  });

  it('is told to who closes, too', async () => {
    const { disk, group, put } = start();
    const state = write(group, put(1));
    await nextTurn();
    const closed = watch(group.close());
    await nextTurn();
    expect(closed()).toBe('waiting');
    await disk.end(eio);
    expect([state(), closed()]).toEqual([expect.any(UnavailableError), expect.any(UnavailableError)]);
  });
});

describe('reading', () => {
  it('tells a fault of the file from a bug', () => {
    const { connection, group } = start();
    const noSuchTable = () => connection.prepare('SELECT * FROM nothing').all();
    const bug = () => {
      throw new TypeError('x is not a function');
    };
    expect(() => group.read(noSuchTable)).toThrow(UnavailableError);
    expect(() => group.read(bug)).toThrow(TypeError);
    connection.close();
    expect(() => group.read(noSuchTable)).toThrow(UnavailableError);
  });
});

describe('closing', () => {
  it('commits what is queued, syncs it, and takes no more', async () => {
    const { disk, group, put, stored } = start();
    const state = write(group, put(1));
    const closed = watch(group.close());
    const late = write(group, put(2));
    await nextTurn();
    expect([closed(), late()]).toEqual(['waiting', expect.any(UnavailableError)]);
    await disk.end();
    expect([state(), closed()]).toEqual(['put 1', undefined]);
    expect(stored()).toEqual([1]);
  });

  it('waits for bookkeeping that nobody else waits for', async () => {
    const { disk, group, put } = start();
    write(group, put(1), false);
    const closed = watch(group.close());
    await nextTurn();
    await nextTurn();
    expect([closed(), disk.running()]).toEqual(['waiting', 1]);
    await disk.end();
    expect(closed()).toBeUndefined();
  });
});
