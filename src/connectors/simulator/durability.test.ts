import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import type { PspRequest } from '../../ports/connector.ts';
import { describeDurability } from './durability.contract.ts';
import {
  cleanUpAfterEach,
  createRig,
  EMBEDDED_STORAGES,
  firstRequest,
  followUp,
  PATIENT,
  reportOf,
  STORAGES,
  sqliteOpener,
  temporaryFile,
} from './simulator.fixture.ts';
import type { SimulatorMemory } from './simulator-storage.ts';
import { createSqliteStorage } from './sqlite-storage.ts';

cleanUpAfterEach();

const SUCCEEDED = { outcome: 'succeeded' };

describe.each(STORAGES)('after it was closed and opened again, over %s', (_name, makeOpener) =>
  describeDurability(makeOpener),
);

describe.each(EMBEDDED_STORAGES)('with more operations than are filed at once, %s', (_name, makeOpener) => {
  it('finds each of them, by key and by reference', async () => {
    const rig = createRig({ openStorage: makeOpener() });
    const ask = (request: PspRequest) => rig.simulator.execute(request, PATIENT);
    const lookup = (request: PspRequest) => rig.simulator.lookup(request, PATIENT);
    const requests = Array.from({ length: 9_000 }, () => firstRequest());
    const answers = await Promise.all(requests.map(ask));
    for (let opened = 0; opened < 2; opened += 1) {
      for (const n of [0, 1, 4_094, 4_095, 4_096, 8_190, 8_191, 8_192, 8_999]) {
        expect(await lookup(requests[n]!)).toEqual(answers[n]);
        const original_reference = String(answers[n]?.psp_reference);
        const given = {
          original_key: 'lost',
          original_reference,
          operation_id: `re_${n}_${opened}`,
          amount: 1,
        };
        expect(await ask(followUp(requests[n]!, 'refund', given))).toMatchObject(SUCCEEDED);
      }
      await rig.reopen();
    }
    const keys = (await reportOf(rig.simulator)).map(({ idempotency_key }) => idempotency_key);
    expect(keys.slice(0, 9_000)).toEqual(requests.map(({ idempotency_key }) => idempotency_key));
    expect(new Set(answers.map(({ psp_reference }) => psp_reference)).size).toBe(9_000);
  });
});

describe('the file', () => {
  it('says of itself that it could not be used, so that a page about it answers 503 and not 500', async () => {
    const storage = createSqliteStorage(temporaryFile());
    const key = firstRequest().idempotency_key;
    const bug = new TypeError('x is not a function');
    const throwing = () => {
      throw bug;
    };
    await expect(storage.within(key, throwing)).rejects.toBe(bug);
    storage.close();
    const fault = expect.objectContaining({ name: 'UnavailableError', mayBeWritten: true });
    await expect(storage.within(key, (memory) => memory.isCanceled(key))).rejects.toEqual(fault);
    await expect(storage.groupOfChallenge('token')).rejects.toEqual(fault);
  });

  it('lets a second process read what the first has answered, while it goes on', async () => {
    const openStorage = sqliteOpener(temporaryFile());
    const [server, reader] = [createRig({ openStorage }), createRig({ openStorage })];
    for (let n = 0; n < 3; n += 1) {
      const request = firstRequest();
      expect(await reader.simulator.lookup(request, PATIENT)).toBeNull();
      const answer = await server.simulator.execute(request, PATIENT);
      expect(await reader.simulator.lookup(request, PATIENT)).toEqual(answer);
      expect(await reportOf(reader.simulator)).toHaveLength(n + 1);
    }
  });

  it('answers only when what was asked is committed', async () => {
    const path = temporaryFile();
    const { simulator } = createRig({ openStorage: sqliteOpener(path) });
    const other = new DatabaseSync(path, { readOnly: true });
    const count = () => Number(other.prepare('SELECT count(*) AS n FROM operations').get()?.n);
    const answered = [];
    for (let n = 1; n <= 3; n += 1) {
      await simulator.execute(firstRequest(), PATIENT);
      answered.push(count());
    }
    other.close();
    expect(answered).toEqual([1, 2, 3]);
  });

  it('gets what was being asked when it closed', async () => {
    const rig = createRig({ openStorage: sqliteOpener(temporaryFile()) });
    const request = firstRequest();
    const asked = rig.simulator.execute(request, PATIENT);
    await rig.reopen();
    expect(await rig.simulator.lookup(request, PATIENT)).toEqual(await asked);
  });

  it('keeps nothing of a turn in which a write failed, and says that nobody knows', async () => {
    const path = temporaryFile();
    const { simulator, logged } = createRig({ openStorage: sqliteOpener(path) });
    const other = new DatabaseSync(path);
    other.exec(`CREATE TRIGGER full BEFORE INSERT ON operations WHEN new.amount = 13
      BEGIN SELECT RAISE(ABORT, 'the disk is full'); END`);
    const [one, bad, later] = [firstRequest(), firstRequest({ amount: 13 }), firstRequest()];
    const asked = [one, bad, later].map((request) => simulator.execute(request, PATIENT));
    const [first, second, third] = await Promise.allSettled(asked);
    const unknown = { status: 'rejected', reason: { name: 'PspError', outcome: 'unknown' } };
    expect([first, second]).toMatchObject([unknown, unknown]);
    expect(third).toMatchObject({ status: 'fulfilled' });
    expect(logged).toHaveLength(2);
    expect(await simulator.lookup(one, PATIENT)).toBeNull();
    expect(await reportOf(simulator)).toHaveLength(1);
    other.exec('DROP TRIGGER full');
    other.close();
    for (const request of [one, bad])
      expect(await simulator.execute(request, PATIENT)).toMatchObject(SUCCEEDED);
  });

  it('says that nobody knows when the commit itself fails', async () => {
    const path = temporaryFile();
    const { simulator } = createRig({ openStorage: sqliteOpener(path) });
    const other = new DatabaseSync(path);
    // A foreign key that is only checked at the commit.
    other.exec(`CREATE TABLE parent (id INTEGER PRIMARY KEY);
      CREATE TABLE child (id INTEGER REFERENCES parent (id) DEFERRABLE INITIALLY DEFERRED);
      CREATE TRIGGER orphan AFTER INSERT ON operations WHEN new.amount = 13
      BEGIN INSERT INTO child VALUES (1); END`);
    const [one, bad] = [firstRequest(), firstRequest({ amount: 13 })];
    const results = await Promise.allSettled(
      [one, bad].map((request) => simulator.execute(request, PATIENT)),
    );
    for (const result of results) expect(result).toMatchObject({ reason: { outcome: 'unknown' } });
    other.exec('DROP TRIGGER orphan');
    other.close();
    for (const request of [one, bad]) {
      expect(await simulator.lookup(request, PATIENT)).toBeNull();
      expect(await simulator.execute(request, PATIENT)).toMatchObject(SUCCEEDED);
    }
  });

  it('executes nothing twice if two processes are asked the same at once', async () => {
    const path = temporaryFile();
    const late = createSqliteStorage(path);
    const blind =
      <T>(step: (memory: SimulatorMemory) => T) =>
      (memory: SimulatorMemory) =>
        step({ ...memory, find: () => undefined });
    const [first, second] = [
      createRig({ openStorage: sqliteOpener(path) }),
      // As if the other had written between this one's look and its own write.
      createRig({
        openStorage: () => ({ ...late, within: (group, step) => late.within(group, blind(step)) }),
      }),
    ];
    const request = firstRequest();
    await first.simulator.execute(request, PATIENT);
    await expect(second.simulator.execute(request, PATIENT)).rejects.toMatchObject({ outcome: 'unknown' });
    expect(await reportOf(first.simulator)).toHaveLength(1);
  });

  it('holds no payment method that is not a token of the simulator', async () => {
    const path = temporaryFile();
    const rig = createRig({ openStorage: sqliteOpener(path) });
    const canary = 'pm_4242-4242-4242-4242';
    await rig.simulator.execute(firstRequest({ payment_method: canary }), PATIENT);
    await rig.simulator.close();
    const database = new DatabaseSync(path, { readOnly: true });
    const rows = JSON.stringify(database.prepare('SELECT * FROM operations').all());
    database.close();
    expect(rows).toContain('sha256:');
    expect(rows).not.toContain('4242');
  });

  it('of a newer program is refused, and left as it is', () => {
    const path = temporaryFile();
    createSqliteStorage(path).close();
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 99');
    database.close();
    expect(() => createSqliteStorage(path)).toThrow(/schema 99.*Use a newer program/);
  });
});
