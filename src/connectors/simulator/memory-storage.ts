import type {
  OutboxEvent,
  SimulatedOperation,
  SimulatorMemory,
  SimulatorStorage,
} from './simulator-storage.ts';

/** For tests and the deterministic simulation: survives a simulator that is closed, but not the process. */
export function createMemoryStorage(): SimulatorStorage {
  const operations = new Map<string, SimulatedOperation>();
  const keysByReference = new Map<string, string>();
  const groupsByChallenge = new Map<string, string>();
  const attempts = new Map<string, number>();
  const canceled = new Set<string>();
  const events = new Map<string, OutboxEvent>();

  function find(key: string | undefined): SimulatedOperation | undefined {
    return key === undefined ? undefined : operations.get(key);
  }

  const memory: SimulatorMemory = {
    find,
    findByReference: (reference) => find(keysByReference.get(reference)),
    insert(operation) {
      const { idempotency_key: key } = operation.request;
      if (operations.has(key)) throw new Error(`Simulator: the key ${key} is stored already`);
      operations.set(key, operation);
      keysByReference.set(operation.reference, key);
      if (operation.challenge !== null) groupsByChallenge.set(operation.challenge, key);
    },
    update(operation) {
      const { idempotency_key: key } = operation.request;
      if (operations.has(key)) operations.set(key, operation);
    },
    countAttempt(key) {
      const count = (attempts.get(key) ?? 0) + 1;
      attempts.set(key, count);
      return count;
    },
    isCanceled: (key) => canceled.has(key),
    markCanceled: (key) => void canceled.add(key),
    addEvent: (event) => void events.set(event.event_id, event),
    replaceEvent(event) {
      if (events.has(event.event_id)) events.set(event.event_id, event);
    },
    removeEvent: (eventId) => void events.delete(eventId),
  };

  return {
    within: async (_group, step) => step(memory),
    groupOfChallenge: async (token) => groupsByChallenge.get(token),
    async dueEvents(nowMs, limit) {
      return [...events.values()]
        .filter((event) => event.next_at_ms <= nowMs)
        .sort((a, b) => a.next_at_ms - b.next_at_ms)
        .slice(0, limit)
        .map((event) => ({ event, operation: operations.get(event.key) as SimulatedOperation }));
    },
    async *operations() {
      yield [...operations.values()];
    },
    close() {},
  };
}
