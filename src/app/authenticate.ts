import type { Clock } from '../ports/clock.ts';
import type { KeyStore } from '../ports/key-store.ts';
import { authenticate, type Principal, parseKey } from './api-keys.ts';

export type { Principal } from './api-keys.ts';

/** Whose key this is; null if it is nobody's, or no longer good. One answer for every reason. */
export type Authenticate = (key: string) => Promise<Principal | null>;

/** How long a key that was found good is believed: revoking one counts well within the second that is promised. */
const REMEMBER_MS = 250;
/** Keys remembered at once; of more than that many in so short a time the others are looked up each time. */
const REMEMBER_MOST = 10_000;

/**
 * Looking a key up and hashing it is work that every request would repeat, so a good one is remembered for a moment.
 * Keys that are not good never are: whatever is wrong with them, they are looked up, hashed and compared each time.
 */
export function createAuthenticate({
  keys,
  clock,
  rememberMs = REMEMBER_MS,
}: {
  keys: Pick<KeyStore, 'get'>;
  clock: Clock;
  /** @default 250: a revoked key is good for as long as this at most */
  rememberMs?: number;
}): Authenticate {
  const good = new Map<string, Principal>();
  let since = clock.now();

  function remembered(key: string): Principal | undefined {
    const ageMs = clock.now() - since;
    if (ageMs >= 0 && ageMs < rememberMs) return good.get(key);
    good.clear();
    since = clock.now();
    return undefined;
  }

  return async (key) => {
    const known = remembered(key);
    if (known) return known;
    const parsed = parseKey(key);
    if (!parsed) return null;
    const principal = authenticate(parsed, await keys.get(parsed.keyId), clock.now());
    if (principal && good.size < REMEMBER_MOST) good.set(key, principal);
    return principal;
  };
}
