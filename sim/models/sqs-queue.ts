/** A message as SQS keeps it. */
export interface StoredMessage {
  id: string;
  body: string;
  sentMs: number;
  /** From when on it may be received. */
  visibleMs: number;
  received: number;
  /** Of its last delivery; receipts of earlier ones delete nothing. */
  receipt: string | null;
}

/** What a standard queue may do, which is not what one would like it to. */
export interface QueueBehaviour {
  /** Which of so many visible messages is given next: there is no order. */
  pick(visible: number): number;
  /** Of so many that could be given, how many are: an answer is a sample of the servers. */
  found(could: number): number;
  /** Whether a message stays visible though it is being given: a copy of it. */
  givesTwice(): boolean;
  /** Whether a delete is forgotten, as by a server that was not there. */
  forgetsDelete(): boolean;
}

export const ORDERLY: QueueBehaviour = {
  pick: () => 0,
  found: (could) => could,
  givesTwice: () => false,
  forgetsDelete: () => false,
};

export interface QueueOptions {
  nowMs: () => number;
  visibilityTimeoutMs: number;
  /** Where a message goes instead of being received once more than this. */
  redrive?: { queue: SqsQueue; maxReceives: number };
  /** A message is deleted when it is older than this, whoever waits for it. @default four days */
  keepsMs?: number;
  behaviour?: QueueBehaviour;
  /** Told of each message that is given to somebody, that is deleted, and that goes to the dead-letter queue. */
  onGiven?: (message: StoredMessage) => void;
  onDeleted?: (message: StoredMessage) => void;
  onBuried?: (message: StoredMessage) => void;
}

const FOUR_DAYS_MS = 4 * 24 * 3_600_000;

/** A standard queue: at least once, in no order, each message hidden for a while when it is given to somebody. */
export function createSqsQueue(options: QueueOptions) {
  const {
    nowMs,
    visibilityTimeoutMs,
    redrive,
    keepsMs = FOUR_DAYS_MS,
    behaviour = ORDERLY,
    onGiven,
    onDeleted,
    onBuried,
  } = options;
  const messages = new Map<string, StoredMessage>();
  let lastId = 0;

  function forgetOld(): void {
    for (const [id, { sentMs }] of messages) if (nowMs() - sentMs > keepsMs) messages.delete(id);
  }

  function add(message: Omit<StoredMessage, 'id' | 'received' | 'receipt'>): void {
    lastId += 1;
    const id = `m-${lastId}`;
    messages.set(id, { ...message, id, received: 0, receipt: null });
  }

  function bury(message: StoredMessage): void {
    messages.delete(message.id);
    // Its age goes with it, as that of a standard queue's messages does.
    redrive?.queue.take({ body: message.body, sentMs: message.sentMs, visibleMs: nowMs() });
    onBuried?.(message);
  }

  function give(message: StoredMessage): StoredMessage {
    message.received += 1;
    const receipt = `${message.id}#${message.received}`;
    message.receipt = receipt;
    if (!behaviour.givesTwice()) message.visibleMs = nowMs() + visibilityTimeoutMs;
    onGiven?.(message);
    return { ...message };
  }

  return {
    take: add,

    send(body: string, delayMs: number): void {
      add({ body, sentMs: nowMs(), visibleMs: nowMs() + delayMs });
    },

    receive(limit: number): StoredMessage[] {
      forgetOld();
      const visible = [...messages.values()]
        .filter(({ visibleMs }) => visibleMs <= nowMs())
        .sort((a, b) => a.visibleMs - b.visibleMs);
      const given: StoredMessage[] = [];
      for (let wanted = behaviour.found(Math.min(limit, visible.length)); wanted > 0; wanted -= 1) {
        const [message] = visible.splice(behaviour.pick(visible.length), 1);
        if (!message) break;
        if (redrive && message.received >= redrive.maxReceives) bury(message);
        else given.push(give(message));
      }
      return given;
    },

    /** A receipt that is no longer good deletes nothing, and SQS does not say so. */
    remove(receipt: string): void {
      const message = messages.get(receipt.split('#')[0] ?? '');
      if (message?.receipt !== receipt || behaviour.forgetsDelete()) return;
      messages.delete(message.id);
      onDeleted?.(message);
    },

    depth() {
      forgetOld();
      const depth = { waiting: 0, delayed: 0, inFlight: 0 };
      for (const { visibleMs, received } of messages.values()) {
        if (visibleMs <= nowMs()) depth.waiting += 1;
        else if (received > 0) depth.inFlight += 1;
        else depth.delayed += 1;
      }
      return depth;
    },

    /** When the next message can be received; null if there is none. */
    nextVisibleMs(): number | null {
      let nextMs: number | null = null;
      for (const { visibleMs } of messages.values())
        if (nextMs === null || visibleMs < nextMs) nextMs = visibleMs;
      return nextMs;
    },

    /** Every message, for whoever stands outside. */
    all: (): readonly StoredMessage[] => [...messages.values()],
  };
}

export type SqsQueue = ReturnType<typeof createSqsQueue>;
