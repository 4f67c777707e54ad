import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseKey } from '../app/api-keys.ts';
import { createTestCli, type TestCli } from './cli.fixture.ts';

let cli: TestCli;
beforeEach(() => {
  cli = createTestCli();
});
afterEach(() => cli.remove());

describe('keys create', () => {
  it('makes the folder, and prints merchant, key id and key, and nothing else', async () => {
    const ran = await cli.run('keys create --merchant shop --mode test --json');
    expect([ran.exit, ran.err]).toEqual([0, '']);
    const { key, key_id } = ran.json();
    expect(ran.json()).toEqual({ merchant_id: 'shop', key_id: expect.any(String), key: expect.any(String) });
    expect(parseKey(String(key))).toMatchObject({ keyId: key_id, livemode: false });
    expect(statSync(cli.folder).mode & 0o777).toBe(0o700);
  });

  it('keeps no secret', async () => {
    const ran = await cli.run('keys create --merchant shop --mode live --json');
    const secret = parseKey(String(ran.json().key))?.secret as string;
    expect(secret.length).toBeGreaterThan(40);
    expect(readFileSync(join(cli.folder, 'tollgate.db')).includes(secret)).toBe(false);
    const listed = await cli.run('keys list --json');
    expect(listed.out).not.toMatch(/secret/);
    expect(listed.json().data).toMatchObject([{ merchant_id: 'shop', mode: 'live', state: 'active' }]);
  });

  it.each([
    ['--scopes admin,payments:read', { scopes: ['payments:read', 'admin'] }],
    ['', { scopes: ['payments:read', 'payments:write', 'refunds:write'], expires_at: null }],
    ['--expires 2999-01-31', { expires_at: '2999-01-31T00:00:00.000Z' }],
    ['--expires 2999-01-31T12:00:00+02:00', { expires_at: '2999-01-31T10:00:00.000Z' }],
  ])('takes %s', async (flags, expected) => {
    const argv = `keys create --merchant shop --mode test ${flags}`.trim();
    expect((await cli.run(argv)).exit).toBe(0);
    const [key] = (await cli.run('keys list --json')).json().data as Record<string, unknown>[];
    expect(key).toMatchObject(expected);
  });

  it('takes a duration', async () => {
    await cli.run('keys create --merchant shop --mode test --expires 90d');
    const [key] = (await cli.run('keys list --json')).json().data as Record<string, string>[];
    const { created_at = '', expires_at = '' } = key ?? {};
    expect(Date.parse(expires_at) - Date.parse(created_at)).toBe(90 * 86_400_000);
  });

  it.each([
    '--merchant shop',
    '--mode test',
    '--merchant a/b --mode test',
    `--merchant ${'m'.repeat(65)} --mode test`,
    '--merchant shop --mode prod',
    '--merchant shop --mode test --scopes payments:all',
    '--merchant shop --mode test --scopes ,',
    '--merchant shop --mode test --expires tomorrow',
    '--merchant shop --mode test --expires 2999-02-30',
    '--merchant shop --mode test --expires 90x',
  ])('refuses %s, and makes nothing', async (flags) => {
    const ran = await cli.run(`keys create ${flags}`);
    expect([ran.exit, ran.out]).toEqual([2, '']);
    expect(ran.err).not.toBe('');
    expect(existsSync(cli.folder)).toBe(false);
  });

  it('refuses an end that has passed', async () => {
    const ran = await cli.run('keys create --merchant shop --mode test --expires 2020-01-01');
    expect(ran.exit).toBe(2);
    expect(ran.err).toMatch(/2020-01-01.*later/);
  });

  it('refuses a merchant that looks like a card number, and does not repeat it', async () => {
    const ran = await cli.run('keys create --merchant 4242424242424242 --mode test');
    expect(ran.exit).toBe(2);
    expect(ran.out + ran.err).not.toMatch(/4242/);
    expect(existsSync(cli.folder)).toBe(false);
  });
});

describe('keys list', () => {
  it('lists those of one merchant, in columns', async () => {
    await cli.run('keys create --merchant shop --mode test');
    await cli.run('keys create --merchant other --mode test');
    const { out } = await cli.run('keys list --merchant shop');
    const [title, row, ...rest] = out.trimEnd().split('\n');
    expect(title).toMatch(/^KEY ID +MERCHANT +MODE +STATE/);
    expect(row).toMatch(/ shop +test +active +payments:read/);
    expect(rest).toEqual([]);
  });
});

describe('keys revoke', () => {
  it('takes the id or the whole key, and keeps the first time', async () => {
    const { key, key_id } = (await cli.run('keys create --merchant shop --mode test --json')).json();
    const first = await cli.run(`keys revoke ${key_id} --json`);
    expect([first.exit, first.json().key_id]).toEqual([0, key_id]);
    const second = await cli.run(`keys revoke ${key} --json`);
    expect(second.json()).toEqual(first.json());
    expect((await cli.run('keys list --json')).json().data).toMatchObject([{ state: 'revoked' }]);
  });

  it('says that there is none of that id', async () => {
    await cli.run('keys create --merchant shop --mode test');
    const ran = await cli.run('keys revoke nosuchkey --json');
    expect(ran.exit).toBe(3);
    expect(JSON.parse(ran.err)).toMatchObject({ error: 'not_found', exit_code: 3 });
  });
});
