import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../adapters/memory/fake-clock.ts';
import { createMemoryKeyStore } from '../adapters/memory/memory-key-store.ts';
import { createSeededIds } from '../adapters/memory/seeded-ids.ts';
import { timestamp } from '../domain/payment.ts';
import { newKey } from './api-keys.ts';
import { createAuthenticate } from './authenticate.ts';

const HOUR_MS = 3_600_000;

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

  it('refuses a key from the moment it expires, or is revoked', async () => {
    const { clock, keys, make, authenticate } = await start();
    const [expiring, revoked] = [await make('m_1'), await make('m_1')];
    const principal = await authenticate(revoked);
    await keys.revoke(principal?.key_id as string, timestamp(clock.now()));
    expect(await authenticate(revoked)).toBeNull();
    clock.advance(HOUR_MS - 1);
    expect(await authenticate(expiring)).not.toBeNull();
    clock.advance(1);
    expect(await authenticate(expiring)).toBeNull();
  });
});
