import type { Clock, Timers } from '../../ports/clock.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Logger } from '../../ports/logger.ts';
import { outcomeAt } from './answer-of.ts';
import type { CallbackSigner } from './callback-signature.ts';
import {
  type DueEvent,
  groupOf,
  type OutboxEvent,
  type SimulatedOperation,
  type SimulatorMemory,
  type SimulatorStorage,
} from './simulator-storage.ts';

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
  storage: Pick<SimulatorStorage, 'within' | 'dueEvents'>;
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
  /** In the step that does what it tells of, so that both are remembered or neither. */
  add(memory: SimulatorMemory, operation: SimulatedOperation, dueAtMs: number): void;
  /** The same, for one that `sendPromptly` is about to try: due only if that comes to nothing. */
  addPrompt(memory: SimulatorMemory, operation: SimulatedOperation): DueEvent;
  /** Tries at once, for no longer than a customer would wait. Never throws: what fails stays in the outbox. */
  sendPromptly(due: DueEvent): Promise<void>;
  /** One bounded step; answers how many were delivered. */
  deliverDue(): Promise<number>;
  /** Resolves when nothing is being sent. */
  idle(): Promise<void>;
}

export function createCallbackOutbox(deps: CallbackOutboxDeps): CallbackOutbox {
  const { storage, clock, ids, timers, signer, baseUrl, deliver, logger, closing } = deps;
  const sending = new Map<string, Promise<boolean>>();

  function add(memory: SimulatorMemory, operation: SimulatedOperation, dueAtMs: number): DueEvent {
    const key = operation.request.idempotency_key;
    const event: OutboxEvent = { event_id: ids.next('evt'), key, attempts: 0, next_at_ms: dueAtMs };
    memory.addEvent(event);
    return { event, operation };
  }

  async function post({ event, operation }: DueEvent): Promise<boolean> {
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

  /** What is kept of an event after an attempt: what another process has delivered meanwhile does not come back. */
  function settle(event: OutboxEvent, delivered: boolean): (memory: SimulatorMemory) => void {
    const attempts = event.attempts + 1;
    if (delivered) return (memory) => memory.removeEvent(event.event_id);
    if (attempts >= MAX_DELIVERIES) {
      logger.warn({ event_id: event.event_id, attempts }, 'simulator: call-back given up');
      return (memory) => memory.removeEvent(event.event_id);
    }
    const pauseMs = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** event.attempts);
    const next = { ...event, attempts, next_at_ms: clock.now() + pauseMs };
    return (memory) => memory.replaceEvent(next);
  }

  async function attempt(due: DueEvent, timeoutMs: number): Promise<boolean> {
    const { event, operation } = due;
    const delivered = await within(timeoutMs, post(due));
    await storage.within(groupOf(operation.request), settle(event, delivered));
    return delivered;
  }

  /**
   * An event that is being sent is not sent a second time beside it by this process. Another one may: whoever takes
   * call-backs knows them by their id.
   */
  function send(due: DueEvent, timeoutMs: number): Promise<boolean> {
    const { event_id } = due.event;
    const sent = attempt(due, timeoutMs).finally(() => sending.delete(event_id));
    sending.set(event_id, sent);
    return sent;
  }

  return {
    add: (memory, operation, dueAtMs) => void add(memory, operation, dueAtMs),
    addPrompt: (memory, operation) => add(memory, operation, clock.now() + FIRST_PAUSE_MS),
    async sendPromptly(due) {
      try {
        await send(due, PROMPT_TIMEOUT_MS);
      } catch (error) {
        logger.warn(
          { event_id: due.event.event_id, error: String(error) },
          'simulator: the outbox was not told of a call-back, which may be sent again',
        );
      }
    },
    async deliverDue() {
      const found = await storage.dueEvents(clock.now(), DELIVERIES_PER_STEP);
      const due = found.filter(({ event }) => !sending.has(event.event_id));
      const delivered = await Promise.all(due.map((one) => send(one, DELIVERY_TIMEOUT_MS)));
      return delivered.filter(Boolean).length;
    },
    async idle() {
      await Promise.allSettled(sending.values());
    },
  };
}
