import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import type { PspRequest } from '../../ports/connector.ts';
import {
  cleanUpAfterEach,
  createRig,
  firstRequest,
  followUp,
  PATIENT,
  reportOf,
  STORAGES,
  sqliteOpener,
  temporaryFile,
} from './simulator.fixture.ts';
import { createSqliteStorage } from './sqlite-storage.ts';

cleanUpAfterEach();

const SUCCEEDED = { outcome: 'succeeded' };

describe.each(STORAGES)('after it was closed and opened again, over %s', (_name, makeOpener) => {
  const create = () => {
    const rig = createRig({ openStorage: makeOpener() });
    const ask = (request: PspRequest) => rig.simulator.execute(request, PATIENT);
    const lookup = (request: PspRequest) => rig.simulator.lookup(request, PATIENT);
    return { rig, ask, lookup };
  };

  it('repeats every answer, and the report', async () => {
    const { rig, ask, lookup } = create();
    const charge = firstRequest();
    const authorize = firstRequest({ kind: 'authorize', return_url: 'https://shop.example' });
    const requests = [
      charge,
      authorize,
      firstRequest({ payment_method: 'pm_card_chargeDeclinedLostCard' }),
      firstRequest({ payment_method: 'tok_unknown' }),
      followUp(charge, 'refund', { amount: 400 }),
      followUp(authorize, 'capture', { original_reference: 'sim_au_x' }),
    ];
    const answers = [];
    for (const request of requests) answers.push(await ask(request));
    const report = await reportOf(rig.simulator);
    await rig.reopen();
    for (const [n, request] of requests.entries()) {
      expect(await lookup(request)).toEqual(answers[n]);
      expect(await ask(request)).toEqual(answers[n]);
    }
    expect(await reportOf(rig.simulator)).toEqual(report);
    expect(report).toHaveLength(requests.length);
  });

  it('still refuses a key with another body, whichever field differs', async () => {
    const { rig, ask } = create();
    const charge = firstRequest();
    await ask(charge);
    await rig.reopen();
    const others: Partial<PspRequest>[] = [
      { kind: 'authorize' },
      { amount: 999 },
      { currency: 'eur' },
      { payment_method: 'pm_card_amex' },
      { return_url: 'https://shop.example' },
      { original_reference: 'sim_ch_x' },
      { original_key: 'other' },
      { merchant_id: 'm_2' },
      { payment_id: 'other' },
      { operation_id: 'other' },
    ];
    for (const other of others) {
      await expect(ask({ ...charge, ...other })).rejects.toMatchObject({ outcome: 'unknown' });
    }
  });

  it('still keeps to the bounds of what was captured and given back before', async () => {
    const { rig, ask } = create();
    const charge = firstRequest();
    const authorize = firstRequest({ kind: 'authorize' });
    const reversed = firstRequest();
    const before = [
      charge,
      authorize,
      reversed,
      followUp(charge, 'refund', { amount: 600 }),
      followUp(authorize, 'cancel'),
      followUp(reversed, 'reversal'),
    ];
    for (const request of before) expect(await ask(request)).toMatchObject(SUCCEEDED);
    await rig.reopen();
    const after = [
      [followUp(charge, 'refund', { amount: 401, operation_id: 're_2' }), 'refund_exceeds_captured'],
      [followUp(authorize, 'capture'), 'authorization_canceled'],
      [followUp(reversed, 'reversal', { operation_id: 'reversal.3' }), 'already_reversed'],
    ] as const;
    for (const [request, code] of after) expect(await ask(request)).toMatchObject({ failure: { code } });
  });

  it('still knows the page of a challenge, and what was decided there', async () => {
    const { rig, ask, lookup } = create();
    const charge = firstRequest({ payment_method: 'pm_card_authenticationRequired' });
    const answer = await ask(charge);
    await rig.reopen();
    expect(await lookup(charge)).toEqual(answer);
    const { url } = (answer as { next_action: { url: string } }).next_action;
    expect((await rig.simulator.handlePage(new Request(url))).status).toBe(200);
    const body = new URLSearchParams({ decision: 'accept' });
    await rig.simulator.handlePage(new Request(url, { method: 'POST', body }));
    await rig.reopen();
    expect(await lookup(charge)).toMatchObject(SUCCEEDED);
    expect((await rig.simulator.handlePage(new Request(url))).status).toBe(410);
    expect(await ask(followUp(charge, 'refund'))).toMatchObject(SUCCEEDED);
  });

  it('still has its call-backs to send, with the attempts that were made', async () => {
    let taken = false;
    const rig = createRig({ openStorage: makeOpener(), deliver: () => Promise.resolve(taken) });
    const charge = firstRequest({ payment_method: 'pm_card_pendingRefund' });
    await rig.simulator.execute(charge, PATIENT);
    await rig.simulator.execute(followUp(charge, 'refund'), PATIENT);
    await rig.reopen();
    await rig.advance(2_000);
    expect(await rig.simulator.deliverDue()).toBe(0);
    await rig.advance(5_000);
    expect(await rig.simulator.deliverDue()).toBe(0);
    await rig.reopen();
    taken = true;
    await rig.advance(9_999);
    expect([await rig.simulator.deliverDue(), rig.delivered.length]).toEqual([0, 2]);
    await rig.advance(1);
    expect([await rig.simulator.deliverDue(), rig.delivered.length]).toEqual([1, 3]);
    await rig.reopen();
    expect([await rig.simulator.deliverDue(), rig.delivered.length]).toEqual([0, 3]);
  });

  it('still counts the attempts at what was not executed, and the keys canceled before their use', async () => {
    const { rig, ask } = create();
    const unavailable = firstRequest({ payment_method: 'pm_sim_unavailable_2' });
    const lost = firstRequest({ payment_method: 'pm_sim_timeout_lost' });
    const canceled = firstRequest();
    await expect(ask(unavailable)).rejects.toMatchObject({ outcome: 'not_executed' });
    await expect(rig.simulator.execute(lost, AbortSignal.abort())).rejects.toMatchObject({
      outcome: 'unknown',
    });
    await ask(followUp(canceled, 'cancel'));
    await rig.reopen();
    await expect(ask(unavailable)).rejects.toMatchObject({ outcome: 'not_executed' });
    await rig.reopen();
    expect(await ask(unavailable)).toMatchObject(SUCCEEDED);
    expect(await ask(lost)).toMatchObject(SUCCEEDED);
    expect(await ask(canceled)).toMatchObject({ failure: { code: 'payment_canceled' } });
  });

  it('finds each of more operations than are filed at once, by key and by reference', async () => {
    const { rig, ask, lookup } = create();
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
    const [first, second] = [
      createRig({ openStorage: sqliteOpener(path) }),
      // As if the other had written between this one's look and its own write.
      createRig({ openStorage: () => ({ ...late, find: () => undefined }) }),
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
