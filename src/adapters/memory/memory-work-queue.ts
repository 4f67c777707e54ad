import { timestamp } from '../../domain/payment.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DeadLetter, Delivery, WorkItem, WorkQueue } from '../../ports/work-queue.ts';

/**
 * Times a message is received before the queue itself puts it aside: its readers die of it. Retries are new
 * messages, so nothing sound comes near this.
 */
const MAX_RECEIVES = 10;

export interface QueuedMessage {
  id: number;
  item: WorkItem;
  /** Epoch ms from which on it may be received. */
  visibleMs: number;
  receiveCount: number;
}

/** What outlives the queue's readers in a simulation. */
export interface MemoryQueueState {
  messages: Map<number, QueuedMessage>;
  letters: Map<string, DeadLetter>;
}

export function emptyQueueState(): MemoryQueueState {
  return { messages: new Map(), letters: new Map() };
}

function operationKey({ livemode, merchant_id, payment_id, operation_id }: WorkItem): string {
  return JSON.stringify([livemode, merchant_id, payment_id, operation_id]);
}

function receiptOf({ id, receiveCount }: QueuedMessage): string {
  return `${id}.${receiveCount}`;
}

/** A queue with visibility timeout and dead letters in memory: for tests and the simulation. */
export function createMemoryWorkQueue({
  clock,
  visibilityTimeoutMs,
  state = emptyQueueState(),
}: {
  clock: Clock;
  visibilityTimeoutMs: number;
  state?: MemoryQueueState;
}): WorkQueue {
  const { messages, letters } = state;
  let lastId = 0;

  function sendOne(item: WorkItem, delayMs: number): void {
    lastId += 1;
    messages.set(lastId, {
      id: lastId,
      item: { ...item },
      visibleMs: clock.now() + delayMs,
      receiveCount: 0,
    });
  }

  function bury(item: WorkItem, reason: string): void {
    const key = operationKey(item);
    if (letters.has(key)) return;
    lastId += 1;
    letters.set(key, { id: String(lastId), item: { ...item }, reason, at: timestamp(clock.now()) });
  }

  /** What may be received now, the longest visible first. */
  function visible(): QueuedMessage[] {
    const nowMs = clock.now();
    return [...messages.values()]
      .filter(({ visibleMs }) => visibleMs <= nowMs)
      .sort((a, b) => a.visibleMs - b.visibleMs || a.id - b.id);
  }

  return {
    async send(items, delayMs = 0) {
      for (const item of items) sendOne(item, delayMs);
    },

    async receive(limit) {
      const deliveries: Delivery[] = [];
      for (const message of visible().slice(0, limit)) {
        message.receiveCount += 1;
        message.visibleMs = clock.now() + visibilityTimeoutMs;
        if (message.receiveCount > MAX_RECEIVES) {
          bury(message.item, `received ${MAX_RECEIVES} times without being settled`);
          messages.delete(message.id);
          continue;
        }
        const { item, receiveCount } = message;
        deliveries.push({ receipt: receiptOf(message), item: { ...item }, receiveCount });
      }
      return deliveries;
    },

    async ack(receipts) {
      for (const receipt of receipts) {
        const message = messages.get(Number(receipt.split('.')[0]));
        if (message && receiptOf(message) === receipt) messages.delete(message.id);
      }
    },

    async deadLetter(item, reason) {
      bury(item, reason);
    },

    async deadLetters(limit) {
      return structuredClone([...letters.values()].slice(0, limit));
    },

    async redrive(id) {
      for (const [key, letter] of letters) {
        if (letter.id !== id) continue;
        letters.delete(key);
        sendOne(letter.item, 0);
        return true;
      }
      return false;
    },

    async dropDeadLetters(item) {
      letters.delete(operationKey(item));
    },

    async depth() {
      const waiting = visible().length;
      const inFlight = [...messages.values()].filter(
        ({ receiveCount, visibleMs }) => receiveCount > 0 && visibleMs > clock.now(),
      ).length;
      return { waiting, inFlight, delayed: messages.size - waiting - inFlight };
    },

    async deadLetterCount() {
      return letters.size;
    },

    async oldestAgeMs() {
      const oldest = visible()[0];
      return oldest ? clock.now() - oldest.visibleMs : 0;
    },
  };
}
