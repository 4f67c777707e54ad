import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestCli, type TestCli } from './cli.fixture.ts';
import { runCli } from './run-cli.ts';

let cli: TestCli;
beforeEach(async () => {
  cli = createTestCli();
  await cli.run('payments create --amount 1000 --payment-id p1 --merchant shop');
  await cli.run('payments create --amount 5 --payment-id p1');
  await cli.run('payments create --amount 7 --payment-id p2');
  await cli.serveOnce();
});
afterEach(() => cli.remove());

const log = () => join(cli.folder, 'audit', 'audit-000001.ndjson');

function change(edit: (text: string) => string): void {
  writeFileSync(log(), edit(readFileSync(log(), 'utf8')));
}

describe('audit verify', () => {
  it('proves the log whole, also against a head that was noted earlier', async () => {
    const { json, exit } = await cli.run('audit verify --json');
    const noted = json();
    expect([exit, noted]).toEqual([
      0,
      { ok: true, records: 6, head: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
    await cli.run('refund p1');
    await cli.serveOnce();
    const later = await cli.run(`audit verify --head ${noted.head}`);
    expect([later.exit, later.out]).toEqual([
      0,
      expect.stringMatching(/^The audit log is whole: 8 records\.\nhead /),
    ]);
  });

  it.each<[string, (text: string) => string, number]>([
    ['a changed byte', (text) => text.replace('"amount":5', '"amount":6'), 2],
    ['a dropped record', (text) => text.split('\n').toSpliced(3, 1).join('\n'), 4],
  ])('finds %s, and where', async (_, edit, record) => {
    change(edit);
    const ran = await cli.run('audit verify --json');
    expect(ran.exit).toBe(1);
    expect(ran.json()).toEqual({
      ok: false,
      record,
      where: expect.stringMatching(/^audit-000001\.ndjson, byte \d+$/),
      problem: expect.any(String),
    });
    expect((await cli.run('audit verify')).out).toMatch(
      new RegExp(`^The audit log is BROKEN at record ${record} `),
    );
  });

  it('finds that a noted head is no part of it', async () => {
    const ran = await cli.run(`audit verify --json --head ${'a'.repeat(64)}`);
    expect(ran.exit).toBe(1);
    expect(ran.json().problem).toMatch(/noted head/);
  });

  it('refuses what cannot be a head', async () => {
    expect((await cli.run('audit verify --head abc')).exit).toBe(2);
  });
});

describe('audit export', () => {
  it('writes the exact lines of the log', async () => {
    const ran = await cli.run('audit export');
    expect([ran.exit, ran.out]).toEqual([0, readFileSync(log(), 'utf8')]);
  });

  it.each([
    ['--payment p1', ['shop/p1', 'demo/p1', 'shop/p1', 'demo/p1']],
    ['--merchant demo', ['demo/p1', 'demo/p2', 'demo/p1', 'demo/p2']],
    ['--payment p1 --merchant demo', ['demo/p1', 'demo/p1']],
    ['--payment p', []],
  ])('of %s only', async (flags, expected) => {
    const { out } = await cli.run(`audit export ${flags}`);
    const records = out
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
    expect(records.map(({ merchant_id, payment_id }) => `${merchant_id}/${payment_id}`)).toEqual(expected);
  });

  it('says where a log is broken that it cannot read', async () => {
    truncateSync(log(), 1_000);
    const ran = await cli.run('audit export');
    expect(ran.exit).toBe(1);
    expect(ran.err).toMatch(/audit-000001\.ndjson, byte \d+: .*audit verify/);
  });

  it('ends quietly when its reader goes away', async () => {
    let taken = 0;
    const reader = new Writable({
      highWaterMark: 1,
      write(chunk: Buffer, _encoding, done) {
        taken += chunk.length;
        done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
      },
    });
    const stderr = new PassThrough();
    const io = { stdout: reader, stderr, stdin: Readable.from([]), env: { DATA_DIR: cli.folder } };
    expect(await runCli(['audit', 'export'], io)).toBe(0);
    expect([taken > 0, stderr.read()]).toEqual([true, null]);
  });
});

it.each(['audit fill', 'audit fill --dry-run', 'audit verify --complete'])(
  '%s says that a data folder does not need it',
  async (command) => {
    const ran = await cli.run(command);
    expect([ran.exit, ran.out]).toEqual([2, '']);
    expect(ran.err).toMatch(/A data folder does not need it: there the feed keeps each change/);
  },
);
