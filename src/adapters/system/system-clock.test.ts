import { afterEach, describe, expect, it, vi } from 'vitest';
import { createSystemClock } from './system-clock.ts';

afterEach(() => {
  vi.useRealTimers();
});

describe('system clock', () => {
  it('tells epoch milliseconds', () => {
    vi.useFakeTimers({ now: 1_767_225_600_000 });
    expect(createSystemClock().now()).toBe(1_767_225_600_000);
  });
});
