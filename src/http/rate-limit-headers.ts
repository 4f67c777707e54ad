import type { RateVerdict } from '../app/rate-limit.ts';

/**
 * `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10), both Lists of Strings with parameters.
 * Policy: `q` requests in `w` seconds. Limit: `r` requests are left; in `t` seconds more are made available.
 * @returns undefined if nothing is limited
 */
export function rateLimitHeaders(verdict: RateVerdict): Record<string, string> | undefined {
  if (!verdict.limited) return undefined;
  return {
    'RateLimit-Policy': `"default";q=${verdict.limit};w=${verdict.windowSeconds}`,
    RateLimit: `"default";r=${verdict.remaining};t=${verdict.resetSeconds}`,
  };
}
