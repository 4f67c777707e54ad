import type { Authenticate, Principal } from '../app/authenticate.ts';
import type { RemoteRateLimiter } from '../app/rate-limit.ts';
import { type Problem, problem } from './problems.ts';
import { rateLimitHeaders } from './rate-limit-headers.ts';
import type { RequestHead } from './request-head.ts';
import type { Route } from './route.ts';

export type Admitted =
  | { principal: Principal; headers: Record<string, string> | undefined }
  | { problem: Problem; principal?: Principal; headers?: Record<string, string> | undefined };

export type Gate = (route: Route, head: RequestHead) => Promise<Admitted>;

const CHALLENGE = { 'WWW-Authenticate': 'Bearer realm="tollgate"' };
const BEARER = /^Bearer +([^\s]+) *$/i;

/** Who asks, whether they may, and whether not too often: 401, 403, 429, in this order. */
export function createGate({
  authenticate,
  limiter,
}: {
  authenticate: Authenticate;
  limiter: RemoteRateLimiter;
}): Gate {
  async function ownerOf(authorization: string): Promise<Principal | null> {
    const key = BEARER.exec(authorization)?.[1];
    return key === undefined ? null : authenticate(key);
  }

  return async (route, head) => {
    const authorization = head.header('authorization');
    if (authorization === undefined || authorization === '') {
      const detail = 'Send "Authorization: Bearer <api key>". Keys are made with: tollgate keys create.';
      return { problem: problem('missing_key', detail, { headers: CHALLENGE }) };
    }
    if (head.repeated('authorization')) {
      return { problem: problem('duplicate_header', 'Authorization was sent more than once. Send it once.') };
    }
    const principal = head.principal ?? (await ownerOf(authorization));
    if (!principal) {
      const detail = 'This API key is unknown, revoked, expired or mistyped. Check it, or make another.';
      return { problem: problem('invalid_key', detail, { headers: CHALLENGE }) };
    }
    const taken = await limiter.take(`${principal.livemode}/${principal.merchant_id}`);
    const headers = taken.limited ? rateLimitHeaders(taken) : undefined;
    if (route.scope !== null && !principal.scopes.includes(route.scope)) {
      const detail = `This needs a key with the scope ${route.scope}; yours has ${principal.scopes.join(', ')}.`;
      return { problem: problem('insufficient_scope', detail), principal, headers };
    }
    if (!taken.allowed) {
      const seconds = taken.retryAfterSeconds;
      const detail = `Too many requests for this merchant. Try again in ${seconds} s, and slow down.`;
      const refused = problem('rate_limited', detail, { headers: { 'Retry-After': String(seconds) } });
      return { problem: refused, principal, headers };
    }
    return { principal, headers };
  };
}
