import { createEventHeap, type PlannedEvent } from './event-heap.ts';
import type { Trace } from './trace.ts';

/** The time that there is, and everything that will happen in it. */
export interface Engine {
  /** True time, in epoch ms; machines have clocks of their own. */
  nowMs(): number;
  /** How many events have happened: the number of the present one. */
  readonly events: number;
  /**
   * Plans an event.
   * @param run answers what the trace shall tell beyond `machine` and `what`
   * @returns how to call it off
   */
  plan(afterMs: number, machine: string, what: string, run: () => string | undefined): () => void;
  /** Tells in the present event's line of the trace what belongs to it. */
  note(what: string, detail: string | undefined): void;
  /**
   * Time stands still until this has settled: for adapters that do real work. Those in memory settle between two
   * events by themselves, so they need not.
   */
  hold(work: Promise<unknown>): void;
  /** Nothing more happens: the first reason counts. */
  stop(reason: Error): void;
  /** Lets everything happen until nothing is planned, `limit` events have happened in all, or it was stopped. */
  run(limit: number): Promise<Error | null>;
}

export function createEngine(startMs: number, trace: Trace): Engine {
  const heap = createEventHeap();
  let nowMs = startMs;
  let sequence = 0;
  let events = 0;
  let held = 0;
  let stopped: Error | null = null;
  let line = '';

  function happen(event: PlannedEvent): void {
    if (event.run === null) return;
    nowMs = event.atMs;
    events += 1;
    const { run } = event;
    event.run = null;
    line = `#${events} t=${nowMs - startMs} ${event.machine} ${event.what}`;
    const detail = run();
    if (detail) line += ` ${detail}`;
  }

  return {
    nowMs: () => nowMs,
    get events() {
      return events;
    },

    plan(afterMs, machine, what, run) {
      sequence += 1;
      const event: PlannedEvent = { atMs: nowMs + Math.max(0, afterMs), sequence, run, machine, what };
      heap.push(event);
      return () => {
        event.run = null;
      };
    },

    note(what, detail) {
      line += detail ? ` | ${what} ${detail}` : ` | ${what}`;
    },

    hold(work) {
      held += 1;
      const done = () => {
        held -= 1;
      };
      work.then(done, done);
    },

    stop(reason) {
      stopped ??= reason;
    },

    async run(limit) {
      for (;;) {
        const event = heap.pop();
        if (event === undefined) return stopped;
        if (event.run === null) continue;
        happen(event);
        await settled();
        while (held > 0) await realTurn();
        trace.line(line);
        if (stopped) return stopped;
        if (events >= limit) return null;
      }
    },
  };
}

/** Resolves once every promise that can settle by itself has: Node empties the microtasks before the next tick. */
function settled(): Promise<void> {
  return new Promise((resolve) => process.nextTick(resolve));
}

/** One turn of the real event loop, in which real work may end. */
function realTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
