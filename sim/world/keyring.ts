import { newKey } from '../../src/app/api-keys.ts';
import { timestamp } from '../../src/domain/payment.ts';
import type { KeyStore } from '../../src/ports/key-store.ts';
import type { Random } from '../engine/random.ts';
import type { World } from './world.ts';

/** A key as its merchant has it. */
export interface HeldKey {
  keyId: string;
  merchant_id: string;
  /** With its secret. */
  text: string;
  expiresMs: number | null;
  revokedMs: number | null;
}

/** The keys of every merchant, by the truth: when each stopped being good. */
export interface Keyring {
  /** Mostly the newest good one; now and then an older one, rarely one that is no longer good. */
  choose(merchantId: string, random: Random): HeldKey;
  issue(keys: KeyStore, merchantId: string, expiresMs: number | null): Promise<HeldKey>;
  /** Revokes all but the newest. */
  revokeOld(keys: KeyStore, merchantId: string): Promise<void>;
  /** In true time, as a machine sees it whose clock is off by `skewMs`; null for a key that is good for ever. */
  goodUntilMs(keyId: string, skewMs: number): number | null;
}

/** How often a merchant uses a key that is not its newest. */
const OLDER = 0.25;

export function createKeyring(world: World): Keyring {
  const held = new Map<string, HeldKey[]>();
  const byId = new Map<string, HeldKey>();
  const ids = world.ids('keys');
  const nowMs = () => world.engine.nowMs();

  function of(merchantId: string): HeldKey[] {
    const keys = held.get(merchantId) ?? [];
    held.set(merchantId, keys);
    return keys;
  }

  return {
    choose(merchantId, random) {
      const keys = of(merchantId);
      if (random.chance(OLDER)) return random.pick(keys);
      return keys.at(-1) as HeldKey;
    },

    async issue(keys, merchantId, expiresMs) {
      const { key, stored } = newKey(
        { ids },
        {
          merchantId,
          livemode: false,
          scopes: ['payments:read', 'payments:write', 'refunds:write'],
          expiresAt: expiresMs === null ? null : timestamp(expiresMs),
          nowMs: nowMs(),
        },
      );
      await keys.put(stored);
      const { key_id: keyId } = stored;
      const issued: HeldKey = { keyId, merchant_id: merchantId, text: key, expiresMs, revokedMs: null };
      of(merchantId).push(issued);
      byId.set(keyId, issued);
      return issued;
    },

    async revokeOld(keys, merchantId) {
      for (const key of of(merchantId).slice(0, -1)) {
        if (key.revokedMs !== null) continue;
        await keys.revoke(key.keyId, timestamp(nowMs()));
        // From its answer on, at the latest, nobody may be let in with it.
        key.revokedMs = nowMs();
      }
    },

    goodUntilMs(keyId, skewMs) {
      const key = byId.get(keyId);
      if (!key) return Number.NEGATIVE_INFINITY;
      const expiresMs = key.expiresMs === null ? null : key.expiresMs - skewMs;
      if (key.revokedMs === null) return expiresMs;
      return expiresMs === null ? key.revokedMs : Math.min(key.revokedMs, expiresMs);
    },
  };
}
