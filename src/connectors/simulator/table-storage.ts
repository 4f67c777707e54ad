import type { Timers } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import { createGroupMemory, EMPTY_GROUP, type Group, nextDueMs } from './group-memory.ts';
import { decodeGroup, encodeGroup } from './group-text.ts';
import {
  type DueEvent,
  type SimulatorMemory,
  type SimulatorStorage,
  StorageFault,
} from './simulator-storage.ts';
import { type DueMark, type SimulatorTable, TableFault } from './simulator-table.ts';

/** Runs of one step: more than operations of one payment are ever asked for side by side. */
const MAX_RUNS = 20;
/** Of these, so many may end in a fault: each one can take seconds, and somebody waits. */
const MAX_FAULTS = 3;
/** Before a step runs again: doubled each time up to the cap, and jittered over the whole range. */
const FIRST_PAUSE_MS = 10;
const MAX_PAUSE_MS = 500;
/** Groups that one search for call-backs looks at, and how many side by side. */
const MAX_SEARCHED = 500;
const SEARCHED_AT_ONCE = 25;
/**
 * A mark whose group has nothing to send is taken away only after this: it is written before the group is, by
 * somebody who may still be at it.
 */
const MARK_GRACE_MS = 600_000;

export interface TableStorageDeps {
  table: SimulatorTable;
  timers: Pick<Timers, 'sleep'>;
  ids: Ids;
}

/**
 * The simulator's memory in a table that many processes share: all of one payment is one item, replaced by
 * compare-and-set on its version. Of two that decide at once one is refused, and decides again on what the other left.
 */
export function createTableStorage({ table, timers, ids }: TableStorageDeps): SimulatorStorage {
  async function within<T>(group: string, step: (memory: SimulatorMemory) => T): Promise<T> {
    /** What each write would have answered, by its stamp. */
    const sent = new Map<string, T>();
    let mayBeWritten = false;
    let faults = 0;
    let last: unknown;

    async function run(): Promise<{ result: T } | null> {
      const stored = await table.get(group);
      // A write that seemed to fail has come to pass.
      if (stored && sent.has(stored.stamp)) return { result: sent.get(stored.stamp) as T };
      const before = stored ? decodeGroup(stored.text) : EMPTY_GROUP;
      const memory = createGroupMemory(before);
      const result = step(memory);
      const after = memory.changed();
      if (!after) return { result };
      await announce(group, before, after);
      const stamp = ids.next('w');
      sent.set(stamp, result);
      const next = { version: (stored?.version ?? 0) + 1, stamp, text: encodeGroup(after) };
      try {
        return (await table.put(group, next)) ? { result } : null;
      } catch (error) {
        mayBeWritten ||= !(error instanceof TableFault) || error.mayBeWritten;
        throw error;
      }
    }

    for (let runs = 1; runs <= MAX_RUNS; runs += 1) {
      try {
        const done = await run();
        if (done) return done.result;
      } catch (error) {
        if (!(error instanceof TableFault)) throw error;
        last = error;
        faults += 1;
        if (!error.retryable || faults === MAX_FAULTS) break;
      }
      await timers.sleep(ids.random() * Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** runs));
    }
    const why = last instanceof TableFault ? last.message : `Others were faster ${MAX_RUNS} times.`;
    throw new StorageFault(`The simulator's memory of a payment was not written. ${why}`, mayBeWritten, {
      cause: last,
    });
  }

  /** Writes, before the group itself, how to find it: by the page that it opens, and by when it has to be told. */
  async function announce(group: string, before: Group, after: Group): Promise<void> {
    const known = new Set(before.operations.map(({ challenge }) => challenge));
    for (const { challenge } of after.operations) {
      if (challenge !== null && !known.has(challenge)) await table.putChallenge(challenge, group);
    }
    const dueAtMs = nextDueMs(after);
    if (dueAtMs !== null && dueAtMs !== nextDueMs(before)) await table.putMark({ group, dueAtMs });
  }

  /** What is due of a marked group; a mark that is not right any more is put right. */
  async function dueOf(mark: DueMark, nowMs: number): Promise<DueEvent[]> {
    const stored = await table.get(mark.group);
    const group = stored ? decodeGroup(stored.text) : EMPTY_GROUP;
    const due = group.events.filter(({ next_at_ms }) => next_at_ms <= nowMs);
    const next = nextDueMs(group);
    const isOld = nowMs - mark.dueAtMs >= MARK_GRACE_MS;
    if (due.length === 0 && (next !== null || isOld)) await table.replaceMark(mark, next);
    return due.map((event) => {
      const operation = group.operations.find(({ request }) => request.idempotency_key === event.key);
      if (!operation) throw new Error(`Simulator: event ${event.event_id} is about nothing that is stored`);
      return { event, operation };
    });
  }

  return {
    within,
    groupOfChallenge: table.getChallenge,
    async dueEvents(nowMs, limit) {
      const marks = (await table.marks())
        .filter(({ dueAtMs }) => dueAtMs <= nowMs)
        .sort((a, b) => a.dueAtMs - b.dueAtMs)
        .slice(0, MAX_SEARCHED);
      const found: DueEvent[] = [];
      for (let n = 0; n < marks.length && found.length < limit; n += SEARCHED_AT_ONCE) {
        const some = marks.slice(n, n + SEARCHED_AT_ONCE);
        found.push(...(await Promise.all(some.map((mark) => dueOf(mark, nowMs)))).flat());
      }
      return found.sort((a, b) => a.event.next_at_ms - b.event.next_at_ms).slice(0, limit);
    },
    async *operations() {
      for await (const texts of table.scan()) yield texts.flatMap((text) => decodeGroup(text).operations);
    },
    close() {},
  };
}
