import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { filesOf, type RunningService, startService } from './service.fixture.ts';

let service: RunningService;
let demoKey: string;
const used: string[] = [];

beforeAll(async () => {
  service = await startService();
  demoKey = readFileSync(join(service.folder, 'demo-api-key'), 'utf8').trim();
  used.push(demoKey, service.key, await service.makeKey({ merchant: 'other', livemode: true }));
  for (const key of used) {
    await service.pay({}, { key });
    await service.call('GET', '/payments', { key });
    await service.call('GET', '/nowhere', { key });
    await service.call('POST', '/payments', {
      key,
      raw: '{',
      headers: { 'Content-Type': 'application/json' },
    });
    await service.call('GET', '/metrics', { key, headers: { Via: 'proxy' } });
    // Mistyped, twice, in the wrong place.
    await service.call('GET', '/payments', { key: `${key}x` });
    await service.call('GET', '/payments', {
      key: null,
      headers: { Authorization: [`Bearer ${key}`, 'Bearer x'] },
    });
    await service.call('GET', '/payments', { key: null, headers: { Authorization: `Basic ${key}` } });
  }
});
afterAll(() => service.stop());

/** The part of a key that nobody else may know. */
const secretOf = (key: string) => key.split('_')[3] as string;

it('the demo key is a key that works, in a file that only its owner reads', async () => {
  expect((await service.pay({}, { key: demoKey })).json.status).toBe('completed');
  expect(statSync(join(service.folder, 'demo-api-key')).mode & 0o777).toBe(0o600);
});

it('no file but the demo key’s own holds the secret of a key', () => {
  for (const { path, bytes } of filesOf(service.folder)) {
    const held = used.filter((key) => bytes.includes(secretOf(key).slice(0, 26)));
    expect([path, held]).toEqual([path, path.endsWith('demo-api-key') ? [demoKey] : []]);
  }
});

it('no file that holds a secret or a payment is open to others', () => {
  const open = filesOf(service.folder).filter(({ path }) => statSync(path).mode & 0o077);
  expect(statSync(service.folder).mode & 0o077).toBe(0);
  expect(open.map(({ path }) => path).filter((path) => /key|secret|tollgate\.db$/.test(path))).toEqual([]);
});

it('no line of the log, no answer and no metric holds a secret, of keys or of call-backs', async () => {
  const metrics = (await service.call('GET', '/metrics')).text;
  const callbacks = (await service.tool.secrets.callbackSecret('simulator')).slice('whsec_'.length);
  const cursors = await service.tool.secrets.cursorKeys();
  for (const text of [await service.logged(), service.answered(), metrics]) {
    expect(text.length).toBeGreaterThan(1_000);
    for (const secret of [...used.map(secretOf), callbacks, ...cursors]) {
      expect(text.includes(secret.slice(0, 26))).toBe(false);
    }
  }
});
