import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../adapters/memory/fake-clock.ts';
import { createRateLimiter } from '../app/rate-limit.ts';
import { rateLimitHeaders } from './rate-limit-headers.ts';

describe('rateLimitHeaders', () => {
  it('tells the policy and what is left of it', () => {
    const limiter = createRateLimiter({ clock: createFakeClock(), perSecond: 1_000, burst: 2_000 });
    expect(rateLimitHeaders(limiter.take('m'))).toEqual({
      'RateLimit-Policy': '"default";q=2000;w=2',
      RateLimit: '"default";r=1999;t=1',
    });
  });

  it('gives whole numbers for every rate', () => {
    for (const perSecond of [1, 3, 7, 999]) {
      const clock = createFakeClock();
      const limiter = createRateLimiter({ clock, perSecond, burst: 10 });
      for (let n = 0; n < 30; n += 1) {
        const headers = rateLimitHeaders(limiter.take('m'));
        expect(headers?.['RateLimit-Policy']).toMatch(/^"default";q=10;w=[1-9]\d*$/);
        expect(headers?.RateLimit).toMatch(/^"default";r=\d+;t=[1-9]\d*$/);
        clock.advance(37);
      }
    }
  });

  it('tells nothing when nothing is limited', () => {
    expect(rateLimitHeaders({ limited: false, allowed: true })).toBeUndefined();
  });
});
