import { newKey, parseKey } from '../../src/app/api-keys.ts';
import { timestamp } from '../../src/domain/payment.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Ids } from '../../src/ports/ids.ts';
import type { KeyStore } from '../../src/ports/key-store.ts';

const HOUR_MS = 3_600_000;

/** Keys that are not good, one for each reason there can be; all but the mistyped one have a right checksum. */
export async function guessableKeys({ keys, ids, clock }: { keys: KeyStore; ids: Ids; clock: Clock }) {
  const nowMs = clock.now();
  const given = { merchantId: 'acme', livemode: false, scopes: ['payments:read'] as const, nowMs };
  const make = (expiresAt: string | null = null) => newKey({ ids }, { ...given, expiresAt });

  const [unknown, revoked, expired, good] = [make(), make(), make(timestamp(nowMs - HOUR_MS)), make()];
  for (const { stored } of [revoked, expired, good]) await keys.put(stored);
  await keys.revoke(revoked.stored.key_id, timestamp(nowMs));

  /** A key with the id of the good one, and a right checksum. */
  function withIdOfGood(secret: string, livemode: boolean): string {
    const left = [good.stored.key_id, secret.slice(0, secret.length / 2), secret.slice(secret.length / 2)];
    const scripted: Ids = { next: (prefix) => `${prefix}_${left.shift()}`, random: () => 0 };
    return newKey({ ids: scripted }, { ...given, livemode, expiresAt: null }).key;
  }

  const secret = parseKey(good.key)?.secret ?? '';
  return {
    unknown: unknown.key,
    revoked: revoked.key,
    expired: expired.key,
    wrongSecret: withIdOfGood('a'.repeat(secret.length), false),
    nearlyRightSecret: withIdOfGood(secret.slice(0, -1) + (secret.endsWith('0') ? '1' : '0'), false),
    otherMode: withIdOfGood(secret, true),
    mistyped: `${good.key.slice(0, -1)}${good.key.endsWith('0') ? '1' : '0'}`,
  };
}
