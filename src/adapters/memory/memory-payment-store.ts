import { dueAtMs } from '../../domain/derive.ts';
import type { Operation, Partition, Payment, PaymentRef, PaymentStatus } from '../../domain/payment.ts';
import { fromRecord, toRecord } from '../../domain/payment-record.ts';
import type { ChangeFeed, ChangeSignal } from '../../ports/change-feed.ts';
import type { ListPlace, PaymentStore } from '../../ports/payment-store.ts';

/** A payment as its record tells it, and what its indexes need. */
interface Stored extends ListPlace {
  key: string;
  partition: string;
  /** Nobody outside has any part of it, nor it of theirs; so it must not be handed out but as a copy. */
  image: Payment;
  version: number;
  status: PaymentStatus;
  dueMs: number | null;
}

interface StoredChange {
  sequence: number;
  stored: Stored;
  dispatched: boolean;
}

/** What outlives the store's process in a simulation. */
export interface MemoryPaymentState {
  payments: Map<string, Stored>;
}

export function emptyPaymentState(): MemoryPaymentState {
  return { payments: new Map() };
}

function partitionKey({ merchant_id, livemode }: Partition): string {
  return JSON.stringify([livemode, merchant_id]);
}

export function paymentKey(ref: PaymentRef): string {
  return `${partitionKey(ref)}${JSON.stringify(ref.payment_id)}`;
}

function toStored(payment: Payment): Stored {
  return {
    key: paymentKey(payment),
    partition: partitionKey(payment),
    image: copyPayment(fromRecord(toRecord(payment))),
    version: payment.version,
    status: payment.status,
    created_at: payment.created_at,
    payment_id: payment.payment_id,
    dueMs: dueAtMs(payment),
  };
}

/** A payment for somebody outside, who may do with it what he likes. */
function toPayment({ image }: Stored): Payment {
  return copyPayment(image);
}

function copyPayment(image: Payment): Payment {
  return {
    ...image,
    failure: image.failure && { ...image.failure },
    metadata: { ...image.metadata },
    operations: image.operations.map(copyOperation),
    history: image.history.map((entry) => ({ ...entry })),
  };
}

function copyOperation(operation: Operation): Operation {
  const { failure, next_action } = operation;
  const copy = { ...operation };
  if (failure !== null) copy.failure = { ...failure };
  if (next_action !== null) copy.next_action = { ...next_action };
  return copy;
}

/** Below 0 if `a` comes first: newest first, of the same time the greater id first. */
function compareInList(a: ListPlace, b: ListPlace): number {
  if (a.created_at !== b.created_at) return a.created_at > b.created_at ? -1 : 1;
  if (a.payment_id === b.payment_id) return 0;
  return a.payment_id > b.payment_id ? -1 : 1;
}

type Due = Stored & { dueMs: number };

/** Fixed width, so that places sort as text: by time, then by key. */
function duePlace({ dueMs, key }: Due): string {
  return `${String(dueMs).padStart(16, '0')}${key}`;
}

/**
 * Payments and their changes in memory: for tests and the simulation. A write takes effect within the call, so
 * there is no moment between a payment and its change.
 */
export function createMemoryPaymentStore({
  consumers,
  state = emptyPaymentState(),
}: {
  consumers: readonly string[];
  state?: MemoryPaymentState;
}): PaymentStore & ChangeFeed & ChangeSignal {
  const { payments } = state;
  const committed = new Map(consumers.map((consumer) => [consumer, 0]));
  const listeners = new Set<(payment: Payment) => void>();
  let changes: StoredChange[] = [];
  let lastSequence = 0;

  function committedBy(consumer: string): number {
    const sequence = committed.get(consumer);
    if (sequence === undefined) {
      throw new Error(`The feed has no consumer "${consumer}". It has: ${consumers.join(', ')}.`);
    }
    return sequence;
  }

  function write(payment: Payment): void {
    const stored = toStored(payment);
    payments.set(stored.key, stored);
    lastSequence += 1;
    changes.push({ sequence: lastSequence, stored, dispatched: payment.dispatch !== null });
    for (const listener of [...listeners]) listener(toPayment(stored));
  }

  return {
    async create(payment) {
      const existing = payments.get(paymentKey(payment));
      if (existing) return { created: false, existing: toPayment(existing) };
      write(payment);
      return { created: true };
    },

    async get(ref) {
      const stored = payments.get(paymentKey(ref));
      return stored ? toPayment(stored) : null;
    },

    async update(next) {
      if (payments.get(paymentKey(next))?.version !== next.version - 1) return false;
      write(next);
      return true;
    },

    async list({ status, limit, after, created_after, created_before, ...partition }) {
      const wanted = partitionKey(partition);
      return [...payments.values()]
        .filter((stored) => stored.partition === wanted)
        .filter((stored) => status === undefined || stored.status === status)
        .filter((stored) => created_after === undefined || stored.created_at > created_after)
        .filter((stored) => created_before === undefined || stored.created_at < created_before)
        .filter((stored) => after === undefined || compareInList(after, stored) < 0)
        .sort(compareInList)
        .slice(0, limit)
        .map(toPayment);
    },

    async due(beforeMs, cursor, limit) {
      const rest = [...payments.values()]
        .filter((stored): stored is Due => stored.dueMs !== null && stored.dueMs <= beforeMs)
        .filter((stored) => cursor === null || duePlace(stored) > cursor)
        .sort((a, b) => (duePlace(a) < duePlace(b) ? -1 : 1));
      const page = rest.slice(0, limit);
      const last = page.at(-1);
      return { payments: page.map(toPayment), cursor: last && rest.length > limit ? duePlace(last) : null };
    },

    async read(consumer, limit, only) {
      const from = committedBy(consumer);
      const next = changes.filter(({ sequence, dispatched }) => sequence > from && (dispatched || !only));
      const page = next.slice(0, limit);
      // A page that is not all there is ends with its last change; any other reaches to the end of the feed.
      const last = next.length > page.length ? (page.at(-1)?.sequence ?? from) : lastSequence;
      return {
        changes: page.map((change) => ({
          position: String(change.sequence),
          payment: toPayment(change.stored),
        })),
        position: String(last),
      };
    },

    async commit(consumer, position) {
      committed.set(consumer, Math.max(committedBy(consumer), Number(position)));
      const done = Math.min(...committed.values());
      changes = changes.filter(({ sequence }) => sequence > done);
    },

    lag(consumer) {
      return lastSequence - committedBy(consumer);
    },

    onChange(listener) {
      // Wrapped, so that whoever subscribes one function twice can stop each on its own.
      const own = (payment: Payment) => listener(payment);
      listeners.add(own);
      return () => {
        listeners.delete(own);
      };
    },
  };
}
