import type { Clock } from '../ports/clock.ts';
import type { KeyStore } from '../ports/key-store.ts';
import { authenticate, type Principal, parseKey } from './api-keys.ts';

export type { Principal } from './api-keys.ts';

/** Whose key this is; null if it is nobody's, or no longer good. One answer for every reason. */
export type Authenticate = (key: string) => Promise<Principal | null>;

export function createAuthenticate({ keys, clock }: { keys: KeyStore; clock: Clock }): Authenticate {
  return async (key) => {
    const parsed = parseKey(key);
    if (!parsed) return null;
    return authenticate(parsed, await keys.get(parsed.keyId), clock.now());
  };
}
