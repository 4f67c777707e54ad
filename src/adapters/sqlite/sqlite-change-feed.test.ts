import { rmSync } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { UnavailableError } from '../../ports/faults.ts';
import { answered, LIVES, newPayment, SUCCEEDED, save } from '../../ports/payment-store.fixture.ts';
import { openDatabase } from './database.ts';
import { openTestDatabase, type TestDatabase } from './sqlite.fixture.ts';
import { createSqlitePaymentStore } from './sqlite-payment-store.ts';

const consumers = ['relay', 'audit'];
const opened: TestDatabase[] = [];

afterEach(async () => {
  for (const { database, folder } of opened.splice(0)) {
    // Where the test let a sync fail, closing says so, and has closed all the same.
    await database.close().catch(() => undefined);
    rmSync(folder, { recursive: true });
  }
});

/** A store whose syncs end when the test says so. */
function open() {
  const held: ((error: Error | null) => void)[] = [];
  let holding = false;
  const test = openTestDatabase({
    syncFile: (_fd, done) => {
      if (holding) held.push(done);
      else setImmediate(done, null);
    },
  });
  opened.push(test);
  const store = createSqlitePaymentStore(test.database, consumers);
  return {
    ...test,
    store,
    hold: () => {
      holding = true;
    },
    release: async (error: Error | null = null) => {
      holding = false;
      for (const done of held.splice(0)) done(error);
      await nextTurn();
    },
  };
}

/** What a promise has come to so far. */
function watch<T>(promise: Promise<T>): () => T | 'waiting' | Error {
  let state: T | 'waiting' | Error = 'waiting';
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

const first = newPayment();
const second = answered(first, SUCCEEDED);

describe('what is committed and not on disk yet', () => {
  it('is shown to nobody: not by the feed, a get, a list or the sweep, and nobody is told of it', async () => {
    const { store, hold, release } = open();
    const told: number[] = [];
    store.onChange(({ version }) => told.push(version));
    hold();
    const written = watch(store.create(first));
    await nextTurn();
    const { merchant_id, livemode } = first;
    const reads = [
      watch(store.read('relay', 10)),
      watch(store.read('audit', 10, 'dispatched')),
      watch(store.get(first)),
      watch(store.list({ merchant_id, livemode, limit: 10 })),
      watch(store.due(Number.MAX_SAFE_INTEGER, null, 10)),
      watch(store.create(first)),
    ];
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    expect([written(), told, ...reads.map((read) => read())]).toEqual([
      'waiting',
      [],
      ...reads.map(() => 'waiting'),
    ]);
    await release();
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    const page = { changes: [{ position: '1', payment: first }], position: '1' };
    expect([written(), told]).toEqual([{ created: true }, [1]]);
    expect(reads.map((read) => read())).toEqual([
      page,
      page,
      first,
      [first],
      { payments: [first], cursor: null },
      { created: false, existing: first },
    ]);
  });

  it('holds up nobody who reads another payment', async () => {
    const { store, hold, release } = open();
    const other = newPayment({ payment_id: 'other' });
    await save(store, [other]);
    hold();
    const written = watch(store.create(first));
    await nextTurn();
    expect(await store.get(other)).toEqual(other);
    expect(written()).toBe('waiting');
    await release();
  });

  it('is shown to nobody when the sync fails, and nothing is written after it', async () => {
    const { store, database, hold, release } = open();
    await save(store, [first]);
    hold();
    const written = watch(store.update(second));
    await nextTurn();
    await release(new Error('EIO: i/o error'));
    const { merchant_id, livemode } = first;
    const fault = expect.any(UnavailableError);
    expect(written()).toEqual(fault);
    const attempts = [
      store.get(first),
      store.read('relay', 10),
      store.list({ merchant_id, livemode, limit: 10 }),
      store.due(Number.MAX_SAFE_INTEGER, null, 10),
      store.create(newPayment({ payment_id: 'p2' })),
      store.update(second),
    ];
    for (const attempt of attempts) await expect(attempt).rejects.toThrow(UnavailableError);
    expect(database.isBroken()).toBe(true);
  });
});

describe('the change feed in SQLite', () => {
  it('never gives a number twice, though what all have dealt with is deleted (invariant 8)', async () => {
    const { store, database } = open();
    const positions: string[] = [];
    for (let round = 0; round < 3; round++) {
      await save(store, LIVES.completed({ payment_id: `p${round}` }));
      for (const consumer of consumers) {
        const page = await store.read(consumer, 10);
        if (consumer === 'audit') positions.push(...page.changes.map(({ position }) => position));
        await store.commit(consumer, page.position);
      }
      expect(database.connection.prepare('SELECT count(*) AS n FROM changes').get()).toEqual({ n: 0 });
    }
    expect(positions).toEqual(['1', '2', '3', '4', '5', '6']);
  });

  it('keeps its readers where they were when it is opened again', async () => {
    const { store, database, path } = open();
    await save(store, LIVES.completed());
    const page = await store.read('relay', 1);
    await store.commit('relay', page.position);
    await database.close();
    const again = openDatabase({ path, sync: 'pipelined', migrate: true });
    const reopened = createSqlitePaymentStore(again, consumers);
    expect([reopened.lag('relay'), reopened.lag('audit')]).toEqual([1, 2]);
    expect((await reopened.read('relay', 10)).changes.map(({ payment }) => payment.version)).toEqual([2]);
    await again.close();
  });

  it('never moves a reader back: a commit that comes late says nothing new', async () => {
    const { store } = open();
    await save(store, LIVES.completed());
    await store.commit('relay', '2');
    await store.commit('relay', '1');
    expect(store.lag('relay')).toBe(0);
  });

  it('sees what another process writes beside it', async () => {
    const { store, path } = open();
    const tool = openDatabase({ path, sync: 'full', migrate: false });
    await createSqlitePaymentStore(tool, consumers).create(first);
    await tool.close();
    expect(store.lag('relay')).toBe(1);
    expect((await store.read('relay', 10)).changes.map(({ payment }) => payment)).toEqual([first]);
  });

  it('refuses a consumer that it was not made for', async () => {
    const { store } = open();
    await expect(store.read('stranger', 10)).rejects.toThrow('no consumer "stranger"');
    expect(() => store.lag('stranger')).toThrow('no consumer "stranger"');
  });
});
