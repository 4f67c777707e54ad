import { describe, expect, it } from 'vitest';
import { createFakeClock } from './fake-clock.ts';

describe('fake clock', () => {
  it('stands still until it is moved, forwards or back', () => {
    const clock = createFakeClock(1_000);
    expect([clock.now(), clock.now()]).toEqual([1_000, 1_000]);
    clock.advance(5);
    expect(clock.now()).toBe(1_005);
    clock.set(3);
    expect(clock.now()).toBe(3);
    expect(createFakeClock().now()).toBe(Date.UTC(2026, 0, 1));
  });

  it('tells its listeners of each move until they stop', () => {
    const clock = createFakeClock(0);
    const seen: number[] = [];
    const stop = clock.onMove(() => seen.push(clock.now()));
    clock.advance(1);
    clock.set(9);
    stop();
    clock.advance(1);
    expect(seen).toEqual([1, 9]);
  });
});
