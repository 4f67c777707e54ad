import { describe, expect, it } from 'vitest';
import { createFakeClock, type FakeClock } from '../adapters/memory/fake-clock.ts';
import { createRateLimiter, type RateLimiter, type RateLimitOptions } from './rate-limit.ts';

function start(options: Partial<RateLimitOptions> = {}): { limiter: RateLimiter; clock: FakeClock } {
  const clock = createFakeClock();
  return { clock, limiter: createRateLimiter({ clock, perSecond: 10, burst: 20, ...options }) };
}

/** How many requests in a row are let through, up to `tries`. */
function allowedOf(limiter: RateLimiter, key: string, tries = 100): number {
  let allowed = 0;
  for (let n = 0; n < tries; n += 1) if (limiter.take(key).allowed) allowed += 1;
  return allowed;
}

describe('rate limiter', () => {
  it('lets a burst through and then the rate', () => {
    const { limiter, clock } = start();
    expect(allowedOf(limiter, 'a')).toBe(20);
    clock.advance(1_000);
    expect(allowedOf(limiter, 'a')).toBe(10);
    clock.advance(100);
    expect(allowedOf(limiter, 'a')).toBe(1);
    clock.advance(99);
    expect(allowedOf(limiter, 'a')).toBe(0);
    clock.advance(1);
    expect(allowedOf(limiter, 'a')).toBe(1);
  });

  it('never gives more than the burst, however long the rest', () => {
    const { limiter, clock } = start();
    for (const restMs of [2_000, 10_000, 365 * 86_400_000]) {
      allowedOf(limiter, 'a');
      clock.advance(restMs);
      expect(allowedOf(limiter, 'a')).toBe(20);
    }
  });

  it('counts each partition by itself', () => {
    const { limiter } = start();
    expect(allowedOf(limiter, 'a')).toBe(20);
    expect(allowedOf(limiter, 'b')).toBe(20);
    expect(limiter.take('a').allowed).toBe(false);
  });

  it('tells what is left, and when there will be more', () => {
    const { limiter, clock } = start({ perSecond: 1, burst: 2 });
    const fixed = { limited: true, limit: 2, windowSeconds: 2 };
    expect(limiter.take('a')).toEqual({
      ...fixed,
      allowed: true,
      remaining: 1,
      resetSeconds: 1,
      retryAfterSeconds: 0,
    });
    expect(limiter.take('a')).toEqual({
      ...fixed,
      allowed: true,
      remaining: 0,
      resetSeconds: 1,
      retryAfterSeconds: 0,
    });
    expect(limiter.take('a')).toEqual({
      ...fixed,
      allowed: false,
      remaining: 0,
      resetSeconds: 1,
      retryAfterSeconds: 1,
    });
    clock.advance(1_500);
    expect(limiter.take('a')).toMatchObject({ allowed: true, remaining: 0, resetSeconds: 1 });
  });

  it('keeps its promise: after the time it names there is room', () => {
    for (const perSecond of [1, 3, 7, 1_000]) {
      const { limiter, clock } = start({ perSecond, burst: 5 });
      for (let round = 0; round < 50; round += 1) {
        const verdict = limiter.take('a');
        if (verdict.limited && !verdict.allowed) {
          expect(verdict.retryAfterSeconds).toBeGreaterThan(0);
          clock.advance(verdict.retryAfterSeconds * 1_000);
          expect(limiter.take('a').allowed).toBe(true);
        }
      }
    }
  });

  it('does not count a refused request', () => {
    const { limiter, clock } = start({ perSecond: 1, burst: 1 });
    limiter.take('a');
    expect(allowedOf(limiter, 'a', 1_000)).toBe(0);
    clock.advance(1_000);
    expect(limiter.take('a').allowed).toBe(true);
  });

  it('is off at 0 per second', () => {
    const { limiter } = start({ perSecond: 0, burst: 0 });
    expect(limiter.take('a')).toEqual({ limited: false, allowed: true });
    expect(allowedOf(limiter, 'a', 10_000)).toBe(10_000);
  });

  it('refuses a limit that would let nothing through', () => {
    for (const options of [{ burst: 0 }, { perSecond: -1 }, { perSecond: Number.NaN }, { burst: Number.NaN }])
      expect(() => start(options)).toThrow(RangeError);
  });

  it('neither fills nor stops when the clock is set back', () => {
    const { limiter, clock } = start();
    expect(allowedOf(limiter, 'a')).toBe(20);
    clock.advance(-3_600_000);
    expect(allowedOf(limiter, 'a')).toBe(0);
    clock.advance(1_000);
    expect(allowedOf(limiter, 'a')).toBe(10);
  });

  it('forgets full buckets and no other', () => {
    const { limiter, clock } = start({ maxTracked: 3 });
    for (const key of ['a', 'b', 'c']) expect(allowedOf(limiter, key)).toBe(20);
    // Two filling times later all three are full: their places are free.
    clock.advance(4_000);
    for (const key of ['d', 'e', 'f']) expect(allowedOf(limiter, key)).toBe(20);
    for (const key of ['d', 'e', 'f']) expect(allowedOf(limiter, key)).toBe(0);
  });

  it('remembers a bucket across generations for as long as it is not full', () => {
    const { limiter, clock } = start();
    let allowed = 0;
    // Ten minutes of asking as fast as can be: the rate, and one burst, whenever the generations turn.
    for (let ms = 0; ms < 600_000; ms += 50) {
      allowed += allowedOf(limiter, 'a', 3);
      clock.advance(50);
    }
    expect(allowed).toBe(20 + 6_000 - 1);
  });

  it('remembers a bucket that was used once, until it is full', () => {
    for (let offsetMs = 0; offsetMs < 4_000; offsetMs += 130) {
      const { limiter, clock } = start();
      limiter.take('other');
      clock.advance(offsetMs);
      expect(allowedOf(limiter, 'a')).toBe(20);
      clock.advance(700);
      limiter.take('other');
      clock.advance(1_200);
      expect(allowedOf(limiter, 'a')).toBe(19);
    }
  });

  it('lets no flood of partitions reset a bucket; newcomers share one', () => {
    const { limiter, clock } = start({ maxTracked: 10 });
    expect(allowedOf(limiter, 'victim')).toBe(20);
    let shared = 0;
    for (let n = 0; n < 1_000; n += 1) if (limiter.take(`flood${n}`).allowed) shared += 1;
    expect(shared).toBe(9 + 20);
    expect(allowedOf(limiter, 'victim')).toBe(0);
    expect(allowedOf(limiter, 'flood0')).toBe(19);
    clock.advance(100);
    expect(allowedOf(limiter, 'late')).toBe(1);
    expect(allowedOf(limiter, 'later')).toBe(0);
    clock.advance(10_000);
    expect(allowedOf(limiter, 'late')).toBe(20);
  });

  it('counts the buckets of both generations, and those that moved on once', () => {
    const { limiter, clock } = start({ maxTracked: 4 });
    for (const key of ['a', 'b', 'c']) limiter.take(key);
    clock.advance(2_000);
    for (const key of ['a', 'b']) limiter.take(key);
    expect(allowedOf(limiter, 'd')).toBe(20);
    // The place of `c` is not free before the generations turn again: these two share.
    expect(allowedOf(limiter, 'e')).toBe(20);
    expect(allowedOf(limiter, 'f')).toBe(0);
  });

  it('names the time in which the bucket fills, in whole seconds', () => {
    expect(start({ burst: 25 }).limiter.take('a')).toMatchObject({ windowSeconds: 3 });
    expect(start({ burst: 1 }).limiter.take('a')).toMatchObject({ windowSeconds: 1 });
  });

  it('has room for as many partitions as it says, also when the generations turn', () => {
    const { limiter, clock } = start({ maxTracked: 4 });
    for (let round = 0; round < 20; round += 1) {
      for (const key of ['a', 'b', 'c', 'd'])
        expect(limiter.take(key)).toMatchObject({ allowed: true, remaining: 19 });
      clock.advance(1_300);
    }
  });
});
