import { UnavailableError } from '../../ports/faults.ts';
import type { KeyStore, StoredKey } from '../../ports/key-store.ts';

function copy(key: StoredKey): StoredKey {
  return { ...key, scopes: [...key.scopes] };
}

/** API keys in memory: for tests and the simulation. What goes in or out is copied, so that nothing aliases it. */
export function createMemoryKeyStore(): KeyStore {
  const keys = new Map<string, StoredKey>();

  return {
    async get(keyId) {
      const key = keys.get(keyId);
      return key ? copy(key) : null;
    },

    async put(key) {
      if (keys.has(key.key_id)) throw new UnavailableError(`There is a key ${key.key_id} already.`);
      keys.set(key.key_id, copy(key));
    },

    async revoke(keyId, at) {
      const key = keys.get(keyId);
      if (!key) return false;
      key.revoked_at ??= at;
      return true;
    },

    async list(merchantId) {
      const wanted = [...keys.values()].filter(
        (key) => merchantId === undefined || key.merchant_id === merchantId,
      );
      return wanted.map(copy);
    },
  };
}
