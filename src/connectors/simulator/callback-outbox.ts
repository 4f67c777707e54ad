import type { Clock, Timers } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Logger } from '../../ports/logger.ts';
import { outcomeAt } from './answer-of.ts';
import type { CallbackSigner } from './callback-signature.ts';
import type { OutboxEvent, SimulatorStorage } from './simulator-storage.ts';

/** Posts one call-back; true if it was taken (2xx). May throw. */
export type DeliverCallback = (
  url: string,
  headers: Record<string, string>,
  body: string,
) => Promise<boolean>;

/** After this many attempts, over about four hours, the look-ups of the other side have to do. */
const MAX_DELIVERIES = 12;
const FIRST_PAUSE_MS = 5_000;
const MAX_PAUSE_MS = 3_600_000;
/** Call-backs sent side by side in one step. */
const DELIVERIES_PER_STEP = 50;
/** An answer that takes longer counts as none. */
const DELIVERY_TIMEOUT_MS = 10_000;
/** A customer is waiting to be sent back: not as long. */
const PROMPT_TIMEOUT_MS = 3_000;

export interface CallbackOutboxDeps {
  storage: SimulatorStorage;
  clock: Clock;
  ids: Ids;
  timers: Pick<Timers, 'sleep'>;
  signer: CallbackSigner;
  /** Where the other side listens. */
  baseUrl: () => string;
  deliver: DeliverCallback;
  logger: Logger;
  /** Aborted when the simulator closes. */
  closing: AbortSignal;
}

export interface CallbackOutbox {
  /** To be committed by the caller together with what it tells of. */
  add(key: string, dueAtMs: number): void;
  /** The same, for one that `sendPromptly` is about to try: due only if that comes to nothing. */
  addPrompt(key: string): OutboxEvent;
  /** Tries at once, for no longer than a customer would wait; what fails stays in the outbox. */
  sendPromptly(event: OutboxEvent): Promise<void>;
  /** One bounded step; answers how many were delivered. */
  deliverDue(): Promise<number>;
  /** Resolves when nothing is being sent. */
  idle(): Promise<void>;
}

export function createCallbackOutbox(deps: CallbackOutboxDeps): CallbackOutbox {
  const { storage, clock, ids, timers, signer, baseUrl, deliver, logger, closing } = deps;
  const sending = new Map<string, Promise<boolean>>();

  function add(key: string, dueAtMs: number): OutboxEvent {
    const event = { event_id: ids.next('evt'), key, attempts: 0, next_at_ms: dueAtMs };
    storage.putEvent(event);
    return event;
  }

  async function post(event: OutboxEvent): Promise<boolean> {
    const operation = storage.find(event.key);
    if (!operation)
      throw new Error(`Simulator: event ${event.event_id} is about an operation that is not stored`);
    const nowMs = clock.now();
    const { merchant_id, livemode, payment_id, operation_id } = operation.request;
    const type = `operation.${outcomeAt(operation, nowMs)}`;
    const data = { merchant_id, livemode, payment_id, operation_id, psp_reference: operation.reference };
    const body = JSON.stringify({ type, data });
    const headers = signer.sign(event.event_id, Math.floor(nowMs / 1000), body);
    try {
      return await deliver(`${baseUrl()}/callbacks/simulator`, headers, body);
    } catch (error) {
      logger.warn(
        { event_id: event.event_id, error: String(error) },
        'simulator: call-back was not delivered',
      );
      return false;
    }
  }

  /** False if it takes longer than `timeoutMs`, or the simulator closes. */
  async function within(timeoutMs: number, attempt: Promise<boolean>): Promise<boolean> {
    const done = new AbortController();
    const stop = () => done.abort();
    closing.addEventListener('abort', stop);
    if (closing.aborted) stop();
    const tooLate = timers.sleep(timeoutMs, done.signal).then(() => false);
    try {
      return await Promise.race([attempt, tooLate]);
    } finally {
      closing.removeEventListener('abort', stop);
      stop();
    }
  }

  async function attempt(event: OutboxEvent, timeoutMs: number): Promise<boolean> {
    const delivered = await within(timeoutMs, post(event));
    const attempts = event.attempts + 1;
    if (delivered) {
      storage.removeEvent(event.event_id);
    } else if (attempts >= MAX_DELIVERIES) {
      logger.warn({ event_id: event.event_id, attempts }, 'simulator: call-back given up');
      storage.removeEvent(event.event_id);
    } else {
      const pauseMs = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** event.attempts);
      storage.putEvent({ ...event, attempts, next_at_ms: clock.now() + pauseMs });
    }
    await storage.committed();
    return delivered;
  }

  /** An event that is being sent is not sent a second time beside it. */
  function send(event: OutboxEvent, timeoutMs: number): Promise<boolean> {
    const sent = attempt(event, timeoutMs).finally(() => sending.delete(event.event_id));
    sending.set(event.event_id, sent);
    return sent;
  }

  return {
    add: (key, dueAtMs) => void add(key, dueAtMs),
    addPrompt: (key) => add(key, clock.now() + FIRST_PAUSE_MS),
    async sendPromptly(event) {
      await send(event, PROMPT_TIMEOUT_MS);
    },
    async deliverDue() {
      const due = storage
        .dueEvents(clock.now(), DELIVERIES_PER_STEP)
        .filter((event) => !sending.has(event.event_id));
      const delivered = await Promise.all(due.map((event) => send(event, DELIVERY_TIMEOUT_MS)));
      return delivered.filter(Boolean).length;
    },
    async idle() {
      await Promise.allSettled(sending.values());
    },
  };
}
