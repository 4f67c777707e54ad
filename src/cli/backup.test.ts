import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createTestCli, type TestCli } from './cli.fixture.ts';

let cli: TestCli;
let target: string;
beforeEach(async () => {
  cli = createTestCli();
  target = join(cli.folder, '..', 'backups', 'first');
  for (const id of ['a', 'b']) await cli.run(`payments create --amount 5 --payment-id ${id}`);
  await cli.serveOnce();
});
afterEach(() => cli.remove());

const modeOf = (path: string) => statSync(path).mode & 0o777;
const audit = (folder: string) => join(folder, 'audit', 'audit-000001.ndjson');

it('is a folder that a server can run on, for its owner alone', async () => {
  const ran = await cli.run(`backup ${target} --json`);
  expect([ran.exit, ran.err]).toEqual([0, '']);
  expect(ran.json()).toMatchObject({ with_simulator: false, audit: { records: 4 } });
  expect(readdirSync(target).sort()).toEqual(['audit', 'backup.json', 'secrets.json', 'tollgate.db']);
  for (const name of ['tollgate.db', 'secrets.json', 'backup.json'])
    expect(modeOf(join(target, name))).toBe(0o600);
  expect([modeOf(target), modeOf(audit(target))]).toEqual([0o700, 0o600]);
  const shown = await cli.run(`payments show a --json --data-dir ${target}`);
  expect(shown.out).toBe((await cli.run('payments show a --json')).out);
  expect((await cli.run(`doctor --data-dir ${target}`)).exit).toBe(0);
  expect(readFileSync(join(target, 'secrets.json'), 'utf8')).toBe(
    readFileSync(join(cli.folder, 'secrets.json'), 'utf8'),
  );
});

it('has the audit log up to the head of its own database, whatever was written since', async () => {
  appendFileSync(audit(cli.folder), '{"written":"since"}\n');
  const ran = await cli.run(`backup ${target} --json`);
  expect(ran.json()).toMatchObject({ audit: { records: 4 } });
  expect(readFileSync(audit(cli.folder), 'utf8')).toBe(
    `${readFileSync(audit(target), 'utf8')}{"written":"since"}\n`,
  );
  expect((await cli.run(`audit verify --data-dir ${target}`)).exit).toBe(0);
});

it('of a folder in which nothing was audited yet is whole too', async () => {
  const fresh = join(cli.folder, '..', 'fresh');
  await cli.run(`payments create --amount 5 --payment-id a --data-dir ${fresh}`);
  const ran = await cli.run(`backup ${target} --json --data-dir ${fresh}`);
  expect([ran.exit, ran.json()]).toMatchObject([0, { audit: { records: 0 } }]);
});

it('takes the simulator along when it is asked to', async () => {
  await cli.run(`backup ${target} --with-simulator`);
  expect(modeOf(join(target, 'simulator.db'))).toBe(0o600);
  expect((await cli.run(`doctor --compare --json --data-dir ${target}`)).json()).toMatchObject({
    ok: true,
    compare: { operations: 2, payments: 2 },
  });
});

it('overwrites nothing', async () => {
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, 'mine.txt'), 'mine');
  const ran = await cli.run(`backup ${target}`);
  expect([ran.exit, ran.out]).toEqual([1, '']);
  expect(ran.err).toMatch(/is not empty/);
  expect(readdirSync(target)).toEqual(['mine.txt']);
});

it('is not made of an audit log that is broken, and leaves nothing behind', async () => {
  const text = readFileSync(audit(cli.folder), 'utf8');
  writeFileSync(audit(cli.folder), text.replace('"amount":5', '"amount":6'));
  const ran = await cli.run(`backup ${target}`);
  expect([ran.exit, ran.out]).toEqual([1, '']);
  expect(ran.err).toMatch(/broken at record 1 .*no backup was made/);
  expect(existsSync(target) && readdirSync(target)).toEqual([]);
});
