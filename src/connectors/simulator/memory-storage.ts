import type {
  OutboxEvent,
  SimulatedOperation,
  SimulatorStorage,
  StoredOperation,
} from './simulator-storage.ts';

/** For tests and the deterministic simulation: survives a simulator that is closed, but not the process. */
export function createMemoryStorage(): SimulatorStorage {
  const stored = new Map<string, StoredOperation>();
  const order: StoredOperation[] = [];
  const keysByReference = new Map<string, string>();
  const keysByChallenge = new Map<string, string>();
  const attempts = new Map<string, number>();
  const canceled = new Set<string>();
  const events = new Map<string, OutboxEvent>();

  function find(key: string | undefined): SimulatedOperation | undefined {
    return key === undefined ? undefined : stored.get(key)?.operation;
  }

  return {
    find,
    findByReference: (reference) => find(keysByReference.get(reference)),
    insert(operation) {
      const { idempotency_key: key } = operation.request;
      if (stored.has(key)) throw new Error(`Simulator: the key ${key} is stored already`);
      const entry = { seq: order.length + 1, operation };
      stored.set(key, entry);
      order.push(entry);
      keysByReference.set(operation.reference, key);
      if (operation.challenge !== null) keysByChallenge.set(operation.challenge, key);
    },
    update(operation) {
      const entry = stored.get(operation.request.idempotency_key);
      if (entry) entry.operation = operation;
    },
    page: (afterSeq, limit) => order.slice(afterSeq, afterSeq + limit).map((entry) => ({ ...entry })),
    countAttempt(key) {
      const count = (attempts.get(key) ?? 0) + 1;
      attempts.set(key, count);
      return count;
    },
    isCanceled: (key) => canceled.has(key),
    markCanceled: (key) => void canceled.add(key),
    findByChallenge: (token) => find(keysByChallenge.get(token)),
    putEvent: (event) => void events.set(event.event_id, event),
    removeEvent: (eventId) => void events.delete(eventId),
    dueEvents(nowMs, limit) {
      const due = [...events.values()].filter((event) => event.next_at_ms <= nowMs);
      return due.sort((a, b) => a.next_at_ms - b.next_at_ms).slice(0, limit);
    },
    committed: () => Promise.resolve(),
    close() {},
  };
}
