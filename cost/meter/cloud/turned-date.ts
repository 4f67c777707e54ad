/**
 * Has `Date` stand still, in this whole process, until it is turned: for wiring that knows only the system's clock.
 * Timers run on. What is written at the same place of the same run then carries the same time, every time.
 */
export interface TurnedDate {
  /** Epoch ms. */
  set(nowMs: number): void;
  /** The system's `Date` again. */
  restore(): void;
}

export function turnDate(startMs: number): TurnedDate {
  const System = globalThis.Date;
  let nowMs = startMs;

  /** Called without `new`, `Date` is text; nothing here or in the SDK does that. */
  class Turned extends System {
    constructor(...given: readonly never[]) {
      if (given.length === 0) super(nowMs);
      else super(...(given as unknown as [number]));
    }

    static override now(): number {
      return nowMs;
    }
  }

  globalThis.Date = Turned as unknown as DateConstructor;
  return {
    set(to) {
      nowMs = to;
    },
    restore() {
      globalThis.Date = System;
    },
  };
}
