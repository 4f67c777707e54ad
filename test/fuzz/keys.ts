import { createSeededIds } from '../../src/adapters/memory/seeded-ids.ts';
import { newKey } from '../../src/app/api-keys.ts';
import type { KeyStore, Scope } from '../../src/ports/key-store.ts';
import { KEY_NAMES, type KeyName, type Keys, MERCHANTS } from './plan.ts';

const ALL: readonly Scope[] = ['payments:read', 'payments:write', 'refunds:write'];
/** Of those that may not do everything. */
const SCOPES: Readonly<Partial<Record<KeyName, readonly Scope[]>>> = {
  reader: ['payments:read'],
  refunder: ['refunds:write'],
};
const LONG_AGO = '2020-01-01T00:00:00.000Z';

/** The same keys for the same seed, so that the bytes of requests are the same too. */
export async function makeKeys(seed: number, store: Pick<KeyStore, 'put'>, nowMs: number): Promise<Keys> {
  const ids = createSeededIds(seed);
  const made: Partial<Record<KeyName, string>> = {};
  for (const name of KEY_NAMES) {
    const { key, stored } = newKey(
      { ids },
      {
        merchantId: name === 'b' ? MERCHANTS.b : MERCHANTS.a,
        livemode: name === 'live',
        scopes: SCOPES[name] ?? ALL,
        expiresAt: name === 'expired' ? LONG_AGO : null,
        nowMs,
      },
    );
    made[name] = key;
    if (name === 'unknown') continue;
    await store.put(name === 'revoked' ? { ...stored, revoked_at: LONG_AGO } : stored);
  }
  return made as Keys;
}
