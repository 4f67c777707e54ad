import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UnavailableError } from './faults.ts';
import type { KeyStore, StoredKey } from './key-store.ts';

/** What an adapter opens for each test of the contract: a store with no keys in it. */
export interface KeyStoreHarness {
  store: KeyStore;
  close(): Promise<void>;
}

const storedKey = (given: Partial<StoredKey> = {}): StoredKey => ({
  key_id: 'k1',
  merchant_id: 'm_1',
  livemode: false,
  scopes: ['payments:read', 'payments:write'],
  secret_hash: 'ab'.repeat(32),
  created_at: '2026-03-02T09:30:00.000Z',
  expires_at: null,
  revoked_at: null,
  ...given,
});

const WAIT = { timeout: 5_000, interval: 20 };
const byId = (keys: readonly StoredKey[]) => keys.toSorted((a, b) => (a.key_id < b.key_id ? -1 : 1));

/**
 * The suite of the key store, which every adapter runs. A list may lag, and its order is not promised.
 * @param open opens a store with no keys in it; called for each test
 */
export function describeKeyStore(name: string, open: () => Promise<KeyStoreHarness>): void {
  describe(name, () => {
    let harness: KeyStoreHarness;
    let store: KeyStore;
    beforeEach(async () => {
      harness = await open();
      store = harness.store;
    });
    afterEach(() => harness.close());

    const expectList = (merchantId: string | undefined, expected: readonly StoredKey[]) =>
      expect.poll(async () => byId(await store.list(merchantId)), WAIT).toEqual(expected);

    it('knows no key that was not put', async () => {
      await store.put(storedKey());
      for (const id of ['k2', 'K1', 'k', 'k11', '', '%', "k1' OR '1'='1"])
        expect(await store.get(id)).toBeNull();
    });

    it.each<[string, Partial<StoredKey>]>([
      ['with some scopes', {}],
      ['with all scopes', { scopes: ['payments:read', 'payments:write', 'refunds:write', 'admin'] }],
      ['with no scopes', { scopes: [] }],
      ['for live payments', { livemode: true }],
      ['that expires', { expires_at: '2027-03-02T09:30:00.000Z' }],
      ['that is revoked already', { revoked_at: '2026-03-03T00:00:00.000Z', merchant_id: 'M-2_x' }],
    ])('gives back a key %s', async (_, given) => {
      const key = storedKey(given);
      await store.put(key);
      expect(await store.get(key.key_id)).toEqual(key);
    });

    it('refuses an id that is taken, and keeps what was there', async () => {
      await store.put(storedKey());
      const rival = storedKey({ merchant_id: 'm_2', secret_hash: 'cd'.repeat(32), scopes: ['admin'] });
      await expect(store.put(rival)).rejects.toThrow(UnavailableError);
      expect(await store.get('k1')).toEqual(storedKey());
    });

    it('takes exactly one of many keys with one id at once', async () => {
      const rivals = Array.from({ length: 10 }, (_, n) => storedKey({ merchant_id: `m_${n}` }));
      const results = await Promise.allSettled(rivals.map((rival) => store.put(rival)));
      const winners = rivals.filter((_, n) => results[n]?.status === 'fulfilled');
      expect(winners).toHaveLength(1);
      expect(await store.get('k1')).toEqual(winners[0]);
    });

    it('revokes a key and no other', async () => {
      await store.put(storedKey());
      await store.put(storedKey({ key_id: 'k2' }));
      expect(await store.revoke('k1', '2026-03-05T00:00:00.000Z')).toBe(true);
      expect(await store.get('k1')).toEqual(storedKey({ revoked_at: '2026-03-05T00:00:00.000Z' }));
      expect(await store.get('k2')).toEqual(storedKey({ key_id: 'k2' }));
    });

    it('keeps the first time of two revocations', async () => {
      await store.put(storedKey());
      await store.revoke('k1', '2026-03-05T00:00:00.000Z');
      expect(await store.revoke('k1', '2026-03-06T00:00:00.000Z')).toBe(true);
      expect((await store.get('k1'))?.revoked_at).toBe('2026-03-05T00:00:00.000Z');
    });

    it('says so when there is no key to revoke, and makes none', async () => {
      expect(await store.revoke('k1', '2026-03-05T00:00:00.000Z')).toBe(false);
      expect(await store.get('k1')).toBeNull();
      await expectList(undefined, []);
    });

    it('lists all keys, or those of one merchant, revoked ones too', async () => {
      const keys = [
        storedKey({ key_id: 'a' }),
        storedKey({ key_id: 'b', livemode: true }),
        storedKey({ key_id: 'c', merchant_id: 'm_2' }),
        storedKey({ key_id: 'd', revoked_at: '2026-03-05T00:00:00.000Z' }),
        storedKey({ key_id: 'e', merchant_id: 'm_11' }),
      ];
      await expectList(undefined, []);
      for (const key of keys.toReversed()) await store.put(key);
      await expectList(undefined, keys);
      await expectList(
        'm_1',
        keys.filter(({ merchant_id }) => merchant_id === 'm_1'),
      );
      await expectList(
        'm_2',
        keys.filter(({ merchant_id }) => merchant_id === 'm_2'),
      );
      for (const nobody of ['m_3', 'M_1', 'm_', '']) await expectList(nobody, []);
    });

    it('changing what was given or answered changes nothing in the store', async () => {
      const given = storedKey();
      await store.put(given);
      const answered = (await store.get('k1')) as StoredKey;
      const [listed] = (await store.list()) as [StoredKey];
      for (const key of [given, answered, listed]) {
        key.merchant_id = 'm_spoiled';
        (key.scopes as StoredKey['scopes'][number][]).push('admin');
      }
      expect(await store.get('k1')).toEqual(storedKey());
      await expectList('m_1', [storedKey()]);
    });
  });
}
