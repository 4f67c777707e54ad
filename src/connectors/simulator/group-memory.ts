import type { OutboxEvent, SimulatedOperation, SimulatorMemory } from './simulator-storage.ts';

/** All that is remembered of one payment, where it is one item. */
export interface Group {
  /** In the order of execution. */
  readonly operations: readonly SimulatedOperation[];
  readonly attempts: readonly { readonly key: string; readonly count: number }[];
  /** Keys that were canceled before they were ever used. */
  readonly canceled: readonly string[];
  readonly events: readonly OutboxEvent[];
}

export const EMPTY_GROUP: Group = { operations: [], attempts: [], canceled: [], events: [] };

/** The memory over a group, and what became of it. */
export interface GroupMemory extends SimulatorMemory {
  /** The group with all that the step wrote; null if it wrote nothing. */
  changed(): Group | null;
}

/** The group itself stays as it is, so that a step whose writes are refused has never been. */
export function createGroupMemory(group: Group): GroupMemory {
  let current = group;

  function change(part: Partial<Group>): void {
    current = { ...current, ...part };
  }

  function find(key: string): SimulatedOperation | undefined {
    return current.operations.find(({ request }) => request.idempotency_key === key);
  }

  return {
    find,
    findByReference: (reference) => current.operations.find((operation) => operation.reference === reference),
    insert(operation) {
      const { idempotency_key: key } = operation.request;
      if (find(key)) throw new Error(`Simulator: the key ${key} is stored already`);
      change({ operations: [...current.operations, operation] });
    },
    update(operation) {
      const { reference } = operation;
      change({
        operations: current.operations.map((one) => (one.reference === reference ? operation : one)),
      });
    },
    countAttempt(key) {
      const count = 1 + (current.attempts.find((one) => one.key === key)?.count ?? 0);
      change({ attempts: [...current.attempts.filter((one) => one.key !== key), { key, count }] });
      return count;
    },
    isCanceled: (key) => current.canceled.includes(key),
    markCanceled(key) {
      if (!current.canceled.includes(key)) change({ canceled: [...current.canceled, key] });
    },
    addEvent: (event) => change({ events: [...current.events, event] }),
    replaceEvent(event) {
      if (!current.events.some(({ event_id }) => event_id === event.event_id)) return;
      change({ events: current.events.map((one) => (one.event_id === event.event_id ? event : one)) });
    },
    removeEvent(eventId) {
      if (!current.events.some(({ event_id }) => event_id === eventId)) return;
      change({ events: current.events.filter(({ event_id }) => event_id !== eventId) });
    },
    changed: () => (current === group ? null : current),
  };
}

/** When the first of its call-backs is due; null if there is none. */
export function nextDueMs({ events }: Group): number | null {
  return events.length === 0 ? null : Math.min(...events.map(({ next_at_ms }) => next_at_ms));
}
