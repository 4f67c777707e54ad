import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../adapters/memory/fake-clock.ts';
import { createMemoryKeyStore } from '../adapters/memory/memory-key-store.ts';
import { createSeededIds } from '../adapters/memory/seeded-ids.ts';
import { timestamp } from '../domain/payment.ts';
import { newKey } from './api-keys.ts';
import { createAuthenticate } from './authenticate.ts';

const HOUR_MS = 3_600_000;
const REMEMBER_MS = 250;

async function start() {
  const clock = createFakeClock();
  const keys = createMemoryKeyStore();
  const ids = createSeededIds(3);
  const looked: string[] = [];
  const store = {
    ...keys,
    get: (keyId: string) => {
      looked.push(keyId);
      return keys.get(keyId);
    },
  };
  async function make(merchantId: string, livemode = false): Promise<string> {
    const expiresAt = timestamp(clock.now() + HOUR_MS);
    const scopes = ['payments:read'] as const;
    const made = newKey({ ids }, { merchantId, livemode, scopes, expiresAt, nowMs: clock.now() });
    await keys.put(made.stored);
    return made.key;
  }
  return { clock, keys, looked, make, authenticate: createAuthenticate({ keys: store, clock }) };
}

it('a good key may be remembered for longer, and one that is not good is looked up each time', async () => {
  const { clock, keys, make } = await start();
  const looked: string[] = [];
  const get = (keyId: string) => {
    looked.push(keyId);
    return keys.get(keyId);
  };
  const authenticate = createAuthenticate({ keys: { get }, clock, rememberMs: 60_000 });
  const key = await make('m_1');
  const { key: unknown } = newKey(
    { ids: createSeededIds(9) },
    { merchantId: 'm_1', livemode: false, scopes: [], expiresAt: null, nowMs: 0 },
  );
  await authenticate(key);
  clock.advance(59_999);
  expect(await authenticate(key)).toMatchObject({ merchant_id: 'm_1' });
  expect(looked).toHaveLength(1);
  expect([await authenticate(unknown), await authenticate(unknown)]).toEqual([null, null]);
  expect(looked).toHaveLength(3);
  clock.advance(1);
  await authenticate(key);
  expect(looked).toHaveLength(4);
});

describe('authenticating a key', () => {
  it('says whose it is, in which mode, and what it may do', async () => {
    const { make, authenticate } = await start();
    const [one, other] = [await make('m_1'), await make('m_2', true)];
    expect(await authenticate(one)).toMatchObject({
      merchant_id: 'm_1',
      livemode: false,
      scopes: ['payments:read'],
    });
    expect(await authenticate(other)).toMatchObject({ merchant_id: 'm_2', livemode: true });
  });

  it('looks no key up that is mistyped', async () => {
    const { make, authenticate, looked } = await start();
    const key = await make('m_1');
    for (const wrong of ['', 'tg_test', key.slice(0, -1), `${key}x`, key.toUpperCase()]) {
      expect(await authenticate(wrong)).toBeNull();
    }
    expect(looked).toEqual([]);
  });

  it('knows no key that is not stored, though its checksum is right', async () => {
    const { authenticate, looked } = await start();
    const { key } = newKey(
      { ids: createSeededIds(9) },
      { merchantId: 'm_1', livemode: false, scopes: [], expiresAt: null, nowMs: 0 },
    );
    expect(await authenticate(key)).toBeNull();
    expect(looked).toHaveLength(1);
  });

  it('refuses a key from the moment it expires', async () => {
    const { clock, make, authenticate } = await start();
    const [one, other] = [await make('m_1'), await make('m_1')];
    clock.advance(HOUR_MS - 1);
    expect(await authenticate(one)).not.toBeNull();
    clock.advance(1);
    expect(await authenticate(other)).toBeNull();
    clock.advance(REMEMBER_MS);
    expect(await authenticate(one)).toBeNull();
  });
});

describe('a key that was found good', () => {
  it('is believed for a quarter of a second, and then looked up again', async () => {
    const { clock, looked, make, authenticate } = await start();
    const key = await make('m_1');
    const principal = await authenticate(key);
    clock.advance(REMEMBER_MS - 1);
    expect(await authenticate(key)).toEqual(principal);
    expect(looked).toHaveLength(1);
    clock.advance(1);
    expect(await authenticate(key)).toEqual(principal);
    expect(looked).toHaveLength(2);
    clock.advance(REMEMBER_MS - 1);
    expect(await authenticate(key)).toEqual(principal);
    expect(looked).toHaveLength(2);
  });

  it('is refused well within a second of being revoked, however often it is used', async () => {
    const { clock, keys, make, authenticate } = await start();
    const key = await make('m_1');
    const principal = await authenticate(key);
    await keys.revoke(principal?.key_id as string, timestamp(clock.now()));
    for (let ms = 0; ms < REMEMBER_MS; ms += 50) {
      await authenticate(key);
      clock.advance(50);
    }
    expect(await authenticate(key)).toBeNull();
    expect(await authenticate(key)).toBeNull();
  });

  it('vouches for no other key, nor for what only begins like it', async () => {
    const { make, authenticate } = await start();
    const [one, other] = [await make('m_1'), await make('m_2')];
    await authenticate(one);
    expect(await authenticate(other)).toMatchObject({ merchant_id: 'm_2' });
    expect(await authenticate(one.slice(0, -1))).toBeNull();
    expect(await authenticate(one.slice(0, -6) + other.slice(-6))).toBeNull();
  });

  it('is not believed for longer where the clock was set back', async () => {
    const { clock, looked, make, authenticate } = await start();
    const key = await make('m_1');
    await authenticate(key);
    clock.advance(-HOUR_MS);
    await authenticate(key);
    expect(looked).toHaveLength(2);
  });
});

describe('a key that is not good', () => {
  it('is looked up each time, and good as soon as it is', async () => {
    const { clock, keys, looked, authenticate } = await start();
    const given = { merchantId: 'm_1', livemode: false, scopes: [], expiresAt: null, nowMs: clock.now() };
    const { key, stored } = newKey({ ids: createSeededIds(9) }, given);
    expect([await authenticate(key), await authenticate(key)]).toEqual([null, null]);
    await keys.put(stored);
    expect(await authenticate(key)).toMatchObject({ merchant_id: 'm_1' });
    expect(looked).toHaveLength(3);
  });
});
