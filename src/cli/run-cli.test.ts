import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PassThrough, Readable, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestCli, type TestCli } from './cli.fixture.ts';
import { runCli } from './run-cli.ts';

let cli: TestCli;
beforeEach(() => {
  cli = createTestCli();
});
afterEach(() => cli.remove());

const READS_ONLY = [
  'keys list',
  'keys revoke abc',
  'payments show p1',
  'payments list',
  'payments resolve p1 --as failed --reason why',
  'refund p1',
  'dead-letters list',
  'dead-letters redrive --all',
  'audit verify',
  'audit export',
  'backup ./nowhere',
  'doctor',
  'doctor --compare',
];

describe('every command about what is there', () => {
  it.each(READS_ONLY)('%s: says that there is no folder, and makes none', async (argv) => {
    const ran = await cli.run(argv);
    expect([ran.exit, ran.out]).toEqual([2, '']);
    expect(ran.err).toMatch(/There is no folder .*data\. Give .*--data-dir/);
    expect(existsSync(cli.folder)).toBe(false);
  });

  it.each(READS_ONLY)('%s: says that a folder holds no database', async (argv) => {
    mkdirSync(cli.folder);
    const ran = await cli.run(`${argv} --json`);
    expect([ran.exit, ran.out]).toEqual([2, '']);
    expect(JSON.parse(ran.err)).toMatchObject({ error: 'usage', exit_code: 2 });
    expect(existsSync(join(cli.folder, 'tollgate.db'))).toBe(false);
  });

  it.each([...READS_ONLY, 'keys create --merchant m --mode test'])(
    '%s: refuses a newer schema',
    async (argv) => {
      mkdirSync(cli.folder);
      const database = new DatabaseSync(join(cli.folder, 'tollgate.db'));
      database.exec('PRAGMA user_version = 99');
      database.close();
      const ran = await cli.run(argv);
      expect([ran.exit, ran.out]).toEqual([2, '']);
      expect(ran.err).toMatch(/schema version 99/);
    },
  );
});

describe('the program', () => {
  it.each(['--help', 'keys --help', 'payments create --help', 'serve --help', 'doctor --help'])(
    '%s: explains on standard output',
    async (argv) => {
      const ran = await cli.run(argv);
      expect([ran.exit, ran.err]).toEqual([0, '']);
      expect(ran.out).toMatch(/^Usage: tollgate/);
    },
  );

  it('tells its exit codes and its version', async () => {
    expect((await cli.run('--help')).out).toMatch(/Exit codes:\n {2}0 {2}done/);
    expect((await cli.run('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it.each(['', 'keys', 'nonsense', 'keys list --nonsense', 'payments show', 'dead-letters redrive'])(
    'refuses "%s" as not understood',
    async (argv) => {
      await cli.run('keys create --merchant m --mode test');
      const ran = await cli.runArgs(argv === '' ? [] : argv.split(' '));
      expect([ran.exit, ran.out]).toEqual([2, '']);
      expect(ran.err).not.toBe('');
    },
  );

  it('refuses a setting that cannot be, by flag and environment', async () => {
    const io = {
      stdout: new PassThrough(),
      stderr: new PassThrough(),
      stdin: Readable.from([]),
      env: { PORT: 'x' },
    };
    expect(await runCli(['keys', 'list'], io)).toBe(2);
    expect(String(io.stderr.read())).toMatch(/PORT is "x"/);
  });

  it('repeats no card number of an argument', async () => {
    for (const argv of [
      'payments show 4242424242424242',
      'payments list --merchant 4242-4242-4242-4242',
      '4242424242424242',
    ]) {
      const ran = await cli.run(argv);
      expect(ran.exit).toBe(2);
      expect(ran.out + ran.err).not.toMatch(/4242/);
    }
  });

  it('repeats no long row of digits, card number or not', async () => {
    const ran = await cli.runArgs(['payments', 'list', '--merchant', 'shop 1234567890123456']);
    expect([ran.exit, ran.err]).toEqual([2, expect.stringMatching(/'shop \[redacted\]' is invalid/)]);
  });

  it('calls a file that cannot be used a fault', async () => {
    mkdirSync(cli.folder);
    writeFileSync(
      join(cli.folder, 'tollgate.db'),
      'this is no database, and long enough not to be taken for an empty one',
    );
    expect((await cli.run('keys list')).exit).toBe(4);
  });

  it('ends quietly when nobody reads any more', async () => {
    await cli.run('keys create --merchant m --mode test');
    const gone = new Writable({ write: (_chunk, _encoding, done) => done(new Error('EPIPE')) });
    gone.on('error', () => undefined);
    gone.destroy();
    const stderr = new PassThrough();
    const io = { stdout: gone, stderr, stdin: Readable.from([]), env: { DATA_DIR: cli.folder } };
    expect(await runCli(['keys', 'list'], io)).toBe(0);
    expect(stderr.read()).toBeNull();
  });
});
