import { chmodSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { lockFolder } from '../adapters/sqlite/server-lock.ts';
import { createTestCli, type TestCli } from './cli.fixture.ts';

let cli: TestCli;
beforeEach(async () => {
  cli = createTestCli();
  await cli.run('payments create --amount 1000 --payment-id a');
  await cli.run('payments create --amount 500 --payment-id b --merchant shop --currency jpy');
  await cli.serveOnce();
});
afterEach(() => cli.remove());

interface Check {
  name: string;
  status: string;
  detail: string;
}

async function examined(exit: number): Promise<Record<string, Check>> {
  const ran = await cli.run('doctor --json');
  expect(ran.exit).toBe(exit);
  return Object.fromEntries((ran.json().checks as Check[]).map((check) => [check.name, check]));
}

/** Changes what the PSP remembers. */
function tamper(sql: string): void {
  const database = new DatabaseSync(join(cli.folder, 'simulator.db'));
  database.exec(sql);
  database.close();
}

describe('doctor', () => {
  it('finds a sound folder sound', async () => {
    const checks = await examined(0);
    expect(Object.values(checks).filter(({ status }) => status !== 'ok')).toEqual([]);
    expect(checks['audit log']?.detail).toMatch(/^whole: 4 records/);
    const { out } = await cli.run('doctor');
    expect(out).toMatch(/^STATUS {2}CHECK +FOUND\nok +modes +/);
  });

  it('finds what others can read', async () => {
    chmodSync(join(cli.folder, 'secrets.json'), 0o644);
    expect((await examined(0)).modes).toMatchObject({
      status: 'warn',
      detail: expect.stringMatching(/secrets\.json.*chmod/),
    });
    chmodSync(cli.folder, 0o755);
    expect((await examined(1)).modes).toMatchObject({ status: 'fail' });
  });

  it('finds work that waits for a server, and the server', async () => {
    await cli.run('payments create --amount 5 --payment-id c');
    const without = await examined(0);
    expect(without.server).toMatchObject({
      status: 'warn',
      detail: expect.stringMatching(/none runs.*waits/),
    });
    expect(without.backlog?.detail).toMatch(/^1 waiting/);
    expect(without['oldest unsettled']?.detail).toMatch(/^charge\.1 of payment c \(demo\): pending/);
    const lock = lockFolder(cli.folder);
    lock.describe('process 1 at http://127.0.0.1:1');
    expect((await examined(0)).server).toMatchObject({
      status: 'ok',
      detail: 'process 1 at http://127.0.0.1:1',
    });
    lock.release();
  });

  it('finds a broken audit log', async () => {
    const path = join(cli.folder, 'audit', 'audit-000001.ndjson');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"amount":1000', '"amount":1001'));
    expect((await examined(1))['audit log']).toMatchObject({
      status: 'fail',
      detail: expect.stringMatching(/record 1/),
    });
  });

  it('finds a database that is none', async () => {
    writeFileSync(join(cli.folder, 'tollgate.db'), 'nonsense '.repeat(1_000));
    expect((await examined(1)).database).toMatchObject({
      status: 'fail',
      detail: expect.stringMatching(/Restore/),
    });
  });
});

describe('doctor --compare', () => {
  it('finds no difference where there is none', async () => {
    await cli.run('refund a --amount 300');
    await cli.serveOnce();
    await cli.run('payments create --amount 5 --payment-id c');
    const ran = await cli.run('doctor --compare --json');
    expect([ran.exit, ran.json().compare]).toEqual([
      0,
      {
        equal: true,
        psp: 'simulator',
        operations: 3,
        payments: 3,
        difference_count: 0,
        differences: [],
        unsettled_count: 1,
        unsettled: [{ merchant_id: 'demo', livemode: false, payment_id: 'c' }],
        holdings: [
          { merchant_id: 'demo', livemode: false, currency: 'usd', ours: '700', psp: '700' },
          { merchant_id: 'shop', livemode: false, currency: 'jpy', ours: '500', psp: '500' },
        ],
      },
    ]);
    const { out } = await cli.run('doctor --compare');
    expect(out).toMatch(/3 operations there, 3 payments here, no differences/);
    expect(out).toMatch(/Not comparable yet.*: demo\/c\./);
    expect(out).toMatch(/^demo +test +7\.00 USD +7\.00 USD +equal$/m);
  });

  it.each([
    [
      'an amount',
      "UPDATE operations SET amount = 999 WHERE payment_id = 'a'",
      /charge of 999 usd at the PSP/,
    ],
    [
      'an outcome',
      "UPDATE operations SET outcome = 'failed' WHERE payment_id = 'a'",
      /failed at the PSP, and succeeded here/,
    ],
    ['a charge the PSP forgot', "DELETE FROM operations WHERE payment_id = 'a'", /PSP never heard of it/],
    [
      'a charge we know nothing of',
      "UPDATE operations SET payment_id = 'x' WHERE payment_id = 'a'",
      /not there here/,
    ],
  ])('finds %s, and settles nothing', async (_, sql, problem) => {
    const before = (await cli.run('payments show a --json')).out;
    tamper(sql);
    const ran = await cli.run('doctor --compare');
    expect(ran.exit).toBe(1);
    expect(ran.out).toMatch(problem);
    expect(ran.out).toMatch(/DIFFERENCE/);
    expect((await cli.run('doctor --compare --json')).json()).toMatchObject({
      ok: false,
      compare: { equal: false },
    });
    expect((await cli.run('payments show a --json')).out).toBe(before);
  });

  it("says so where the PSP's memory is gone, and makes none", async () => {
    rmSync(join(cli.folder, 'simulator.db'));
    const ran = await cli.run('doctor --compare');
    expect([ran.exit, ran.out]).toEqual([4, '']);
    expect(ran.err).toMatch(/simulator\.db is not there/);
  });
});
