import crypto, { createHash } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createMemoryKeyStore } from '../../src/adapters/memory/memory-key-store.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { createSystemIds } from '../../src/adapters/system/system-ids.ts';
import { newKey, parseKey } from '../../src/app/api-keys.ts';
import { createAuthenticate } from '../../src/app/authenticate.ts';
import { FILES } from '../../src/wiring.ts';
import { type RunningService, startService } from '../http/service.fixture.ts';
import { comparable } from './comparable.ts';
import { documentedRoutes, pathsOf } from './documented-routes.ts';
import { guessableKeys } from './guessable-keys.ts';

let service: RunningService;

beforeAll(async () => {
  service = await startService({ RATE_LIMIT_PER_SECOND: '0' });
  await service.pay({ payment_id: 'done' });
});
afterAll(() => service.stop());

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** As api.md says it, and not as the product computes it: whoever guesses has only that. */
function withChecksum(body: string): string {
  let rest = crc32(body);
  let digits = '';
  for (let place = 0; place < 6; place += 1) {
    digits = BASE62.charAt(rest % 62) + digits;
    rest = Math.floor(rest / 62);
  }
  return body + digits;
}

describe('a key that is not good', () => {
  it('is answered alike on every route, whatever is wrong with it', async () => {
    const guesses = await guessableKeys(service.tool);
    let compared = 0;
    for (const { method, template, keyed } of documentedRoutes(service)) {
      if (!keyed) continue;
      const [path] = pathsOf(template, ['done']) as [string];
      const answers = await Promise.all(
        Object.values(guesses).map((key) => service.call(method, path, { key })),
      );
      expect(new Set(answers.map(comparable)).size).toBe(1);
      expect(answers[0]).toMatchObject({ status: 401, json: { code: 'invalid_key' } });
      compared += answers.length;
    }
    expect(compared).toBeGreaterThanOrEqual(9 * 6);
  });

  it('costs the same work, whatever is wrong with it: one look-up, one hash, one comparison in constant time', async () => {
    const looked: string[] = [];
    const store = createMemoryKeyStore();
    const keys = {
      ...store,
      get: (id: string) => {
        looked.push(id);
        return store.get(id);
      },
    };
    const parts = { keys, ids: createSystemIds(), clock: createSystemClock() };
    const guesses = await guessableKeys(parts);
    const authenticate = createAuthenticate(parts);
    for (const [what, key] of Object.entries(guesses)) {
      looked.length = 0;
      const counted = await countingCrypto(() => authenticate(key));
      const expected = what === 'mistyped' ? [0, 0, 0] : [1, 1, 1];
      expect([what, looked.length, ...counted.calls]).toEqual([what, ...expected]);
      expect(counted.result).toBeNull();
    }
  });
});

/** Hashes and comparisons made meanwhile. The built-in module is what the product imports, so it is there that they are counted. */
async function countingCrypto<T>(run: () => Promise<T>): Promise<{ result: T; calls: [number, number] }> {
  const { hash, timingSafeEqual } = crypto;
  const calls: [number, number] = [0, 0];
  crypto.hash = ((...given: Parameters<typeof hash>) => {
    calls[0] += 1;
    return hash(...given);
  }) as typeof hash;
  crypto.timingSafeEqual = (...given) => {
    calls[1] += 1;
    return timingSafeEqual(...given);
  };
  syncBuiltinESMExports();
  try {
    return { result: await run(), calls };
  } finally {
    Object.assign(crypto, { hash, timingSafeEqual });
    syncBuiltinESMExports();
  }
}

describe('guessing', () => {
  it('has more than 128 bits to guess, beside what is no secret', () => {
    const ids = createSystemIds();
    const given = { merchantId: 'm', livemode: false, scopes: [], expiresAt: null, nowMs: 0 };
    const secrets = Array.from({ length: 4_000 }, () => parseKey(newKey({ ids }, given).key)?.secret ?? '');
    const [length] = [...new Set(secrets.map((secret) => secret.length))] as [number];
    let bits = 0;
    for (let place = 0; place < length; place += 1) {
      const counts = new Map<string, number>();
      for (const secret of secrets) {
        const character = secret[place] as string;
        counts.set(character, (counts.get(character) ?? 0) + 1);
      }
      // What the likeliest character of this place leaves to guess.
      bits += Math.log2(secrets.length / Math.max(...counts.values()));
    }
    expect(bits).toBeGreaterThan(200);
    // Two neighbours tell nothing of each other: half as many bits in pairs would show a source that repeats itself.
    const pairs = secrets.flatMap((secret) => secret.match(/../g) ?? []);
    expect(new Set(pairs).size).toBe(32 * 32);
  });
});

describe('a dump of the database', () => {
  it('holds no key that works, neither as it stands nor made of what stands in it', async () => {
    const key = await service.makeKey();
    expect((await service.get('done', { key })).status).toBe(200);
    const dump = dumpOf(join(service.folder, FILES.database));
    const { secret, keyId } = parseKey(key) as { secret: string; keyId: string };
    expect(dump.filter((value) => value.includes(secret))).toEqual([]);
    const short = dump.filter((value) => /^[a-z0-9]{8,64}$/.test(value));
    expect(short).toContain(keyId);
    expect(short).toContain(createHash('sha256').update(secret).digest('hex'));
    for (const value of new Set(short)) {
      for (const made of [value, withChecksum(`tg_test_${keyId}_${value}`)]) {
        expect((await service.get('done', { key: made })).status).toBe(401);
      }
    }
    // That the guesses are formed as keys are.
    expect(withChecksum(`tg_test_${keyId}_${secret}`)).toBe(key);
  });
});

/** Every text of every table. */
function dumpOf(path: string): string[] {
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    const tables = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
    return tables.flatMap(({ name }) =>
      database
        .prepare(`SELECT * FROM "${name}"`)
        .all()
        .flatMap((row) => Object.values(row).map(String)),
    );
  } finally {
    database.close();
  }
}

describe('a key anywhere but in Authorization', () => {
  it('opens nothing: in a query, a path, a body, a cookie or another header', async () => {
    const { key } = service;
    const attempts = [
      service.call('GET', `/payments?key=${key}`, { key: null }),
      service.call('GET', `/payments?access_token=${key}`, { key: null }),
      service.call('GET', `/payments?${key}`, { key: null }),
      service.call('GET', `/payments/${key}`, { key: null }),
      service.call('POST', '/payments', { key: null, body: { amount: 1, key } }),
      service.call('GET', '/payments', { key: null, headers: { Cookie: `key=${key}` } }),
      service.call('GET', '/payments', { key: null, headers: { 'X-Api-Key': key } }),
      service.call('GET', '/payments', { key: null, headers: { 'Proxy-Authorization': `Bearer ${key}` } }),
    ];
    for (const { json } of await Promise.all(attempts)) expect(json.code).toBe('missing_key');
    for (const scheme of [`Basic ${key}`, `${key}`, `Token ${key}`, `Bearer ${key} x`]) {
      const headers = { Authorization: scheme };
      expect((await service.call('GET', '/payments', { key: null, headers })).json.code).toBe('invalid_key');
    }
  });

  it('is refused in every field that would be kept, and repeated by no answer', async () => {
    const key = await service.makeKey();
    await service.pay({ payment_id: 'held', capture_method: 'manual' });
    const bodies: [string, object][] = [
      ['/payments', { amount: 1, description: `key: ${key}` }],
      ['/payments', { amount: 1, metadata: { note: key } }],
      ['/payments', { amount: 1, metadata: { [key.slice(0, 40)]: 'x', k: key } }],
      ['/payments', { amount: 1, payment_method: key }],
      ['/payments', { amount: 1, return_url: `https://shop.example/?key=${key}` }],
      ['/payments', { amount: 1, [key]: 1 }],
      ['/payments/held/cancel', { reason: key }],
      ['/payments/done/refunds', { reason: key.toUpperCase() }],
      ['/payments/done/refunds', { refund_id: key }],
    ];
    for (const [path, body] of bodies) {
      expect([body, (await service.call('POST', path, { body })).json.code]).toEqual([
        body,
        'invalid_request',
      ]);
    }
    await service.call('GET', `/payments/${key}`);
    await service.call('GET', `/nowhere/${key}`);
    await service.call('GET', `/payments/done/refunds/${key}`);
    await service.call('GET', `/payments?${key}=1`);
    await service.call('GET', `/payments?cursor=${key}`);
    await service.call('POST', `/callbacks/${key}`, { key: null, raw: key });
    await service.call('GET', '/payments', { headers: { Accept: `text/${key}` } });
    await service.pay({}, { raw: '{}', headers: { 'Content-Type': `text/${key}` } });
    await service.pay({ payment_id: 'keyed' }, { headers: { 'Idempotency-Key': key } });
    const secret = (parseKey(key) as { secret: string }).secret;
    const metrics = (await service.call('GET', '/metrics')).text;
    for (const text of [service.answered(), await service.logged(), metrics]) {
      expect(text.toLowerCase().includes(secret.slice(0, 26))).toBe(false);
    }
    for (const value of dumpOf(join(service.folder, FILES.database))) {
      expect(value.toLowerCase().includes(secret.slice(0, 26))).toBe(false);
    }
  });
});
