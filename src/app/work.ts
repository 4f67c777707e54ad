import type { PspResult } from '../domain/answer.ts';
import { isOpen } from '../domain/derive.ts';
import { MAX_ATTEMPTS } from '../domain/limits.ts';
import {
  findOperation,
  firstOperation,
  isSettled,
  type Operation,
  type Payment,
  type PaymentRef,
} from '../domain/payment.ts';
import { type Recorder, recordResult } from '../domain/record-result.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { PaymentStore } from '../ports/payment-store.ts';
import type { Delivery, WorkItem, WorkQueue } from '../ports/work-queue.ts';
import { type Asked, type AskPsp, cancelLostRace } from './ask-psp.ts';
import { type Choice, changePayment } from './change-payment.ts';

/** Messages in one step of a driver that works in batches; a batch asks the PSP concurrently. */
export const WORK_BATCH = 64;

/**
 * Pause before the one look-up that does not wait for the sweep: most time-outs are settled by it, long before the
 * first of the growing pauses is over.
 */
const QUICK_LOOKUP_MS = 2_000;

/** Nothing younger is ever a dead letter: a queue puts aside what came back for minutes, the sweep what did for days. */
const LISTED_AFTER_MS = 5 * 60 * 1_000;

const NOTHING_TO_ASK = 'sent again, but only a person can settle it';
const NOT_SETTLED = 'sent again, and not settled by it';

export interface Worker {
  receive(limit: number): Promise<Delivery[]>;
  /** Sees to one message and acknowledges it. Rejects if it could not; the queue then delivers it again. */
  handle(delivery: Delivery): Promise<void>;
  /** One batch, all at once; how many messages were seen to. What failed is logged and comes again. */
  step(): Promise<number>;
}

export interface Settler {
  /**
   * Takes a result into the payment, and sees to what follows from it. Null if there is no such payment.
   * @param known the payment as it was when the PSP was asked
   */
  record(
    ref: PaymentRef,
    operation: Operation,
    result: PspResult,
    by: Omit<Recorder, 'nowMs'>,
    known?: Payment,
  ): Promise<Payment | null>;
}

interface Deps {
  store: PaymentStore;
  queue: WorkQueue;
  psp: AskPsp;
  clock: Clock;
  logger: Logger;
  /** Called for each success that came after a confirmed cancel: the alarm of invariant 7. */
  onLateSuccess: () => void;
}

export function createSettler({ store, queue, clock, logger, onLateSuccess }: Omit<Deps, 'psp'>): Settler {
  /** What has failed stays failed; that the PSP took the money all the same must at least not go unnoticed. */
  function reportContradiction(payment: Payment, { id }: Operation, result: PspResult): void {
    if (result.outcome !== 'succeeded' || findOperation(payment, id)?.outcome !== 'failed') return;
    logger.error(
      { payment_id: payment.payment_id, operation_id: id },
      'the PSP reports success of what stands as failed here: compare the two, and give the money back',
    );
  }

  /** Takes off the list of dead letters what nobody need see to any more. */
  async function takeOffList(after: Payment, before: Operation, now: Operation): Promise<void> {
    if (!isOpen(after, now) && mayBeListed(before, clock.now()))
      await queue.dropDeadLetters(workItem(after, now.id));
    // A cancel that succeeds ends the challenge with it, which may have become a dead letter meanwhile.
    const first = firstOperation(after);
    if (now.kind === 'cancel' && isSettled(now) && !isSettled(first) && !isOpen(after, first))
      if (mayBeListed(first, clock.now())) await queue.dropDeadLetters(workItem(after, first.id));
  }

  return {
    async record(ref, operation, result, by, known) {
      let late = false;
      let written = false;
      const after = await changePayment(
        store,
        ref,
        (payment): Choice<Payment> => {
          const recorded = recordResult(payment, operation.id, result, { ...by, nowMs: clock.now() });
          // Decided anew after a lost write: whoever was faster has raised the alarm.
          written = 'changed' in recorded;
          late = 'changed' in recorded && recorded.lateSuccess === true;
          if ('unchanged' in recorded) {
            reportContradiction(payment, operation, result);
            return { leave: payment };
          }
          return { write: recorded.changed, answer: recorded.changed };
        },
        known,
      );
      if (late) {
        // A reversal's alarm is raised by the relay, which a crash makes look again.
        if (after?.dispatch === null) onLateSuccess();
        logger.error(
          { payment_id: ref.payment_id, operation_id: operation.id },
          after?.dispatch === null
            ? 'the PSP confirmed a cancel of what it had completed: the payment stands as completed'
            : 'the PSP reported success after it had confirmed the cancel: the money is being reversed',
        );
      }
      const now = after && findOperation(after, operation.id);
      if (written && now?.kind === 'reversal' && now.outcome === 'failed') {
        const { payment_id } = ref;
        const { code } = now.failure ?? {};
        logger.error(
          { payment_id, operation_id: now.id, code },
          'a reversal failed: give the money back by hand',
        );
      }
      if (after && now) await takeOffList(after, operation, now);
      return after;
    },
  };
}

/**
 * Whether the dead letters may hold the operation. Its own mark does not tell: the queue puts messages aside without
 * one, and whatever is learned of an operation takes it off.
 */
function mayBeListed(operation: Operation, nowMs: number): boolean {
  return operation.dead_lettered_at !== null || nowMs - Date.parse(operation.requested_at) >= LISTED_AFTER_MS;
}

function workItem(
  { merchant_id, livemode, payment_id }: PaymentRef,
  operation_id: string,
  attempt = 0,
): WorkItem {
  return { merchant_id, livemode, payment_id, operation_id, attempt };
}

/** Takes work from the queue, asks the connector, records the outcome. */
export function createWorker(deps: Deps): Worker {
  const { store, queue, psp, clock, logger } = deps;
  const settler = createSettler(deps);

  async function see({ item, receiveCount }: Delivery): Promise<void> {
    const payment = await store.get(item);
    const operation = payment && findOperation(payment, item.operation_id);
    if (!payment || !operation) {
      logger.warn(
        { payment_id: item.payment_id, operation_id: item.operation_id },
        'work for an operation that is not there',
      );
      return;
    }
    if (isSettled(operation)) {
      // A hold that could not be voided: there is nothing to ask, and it must not vanish from the list.
      if (operation.dead_lettered_at) await queue.deadLetter(item, NOTHING_TO_ASK);
      // Its first reader may have died when it had settled it, and before it took it off the list.
      else if (receiveCount > 1 && mayBeListed(operation, clock.now())) await queue.dropDeadLetters(item);
      return;
    }
    const attempt = Math.max(operation.attempts, item.attempt) + 1;
    const { result, lookup } = await psp.ask(payment, operation, attempt, receiveCount > 1);
    if (result.outcome === 'given_up' && item.attempt < operation.attempts) {
      // Another message has asked since this one was sent, and its reader may be asking still.
      await queue.send([{ ...item, attempt: operation.attempts }], psp.patienceMs);
      return;
    }
    let known = payment;
    if (cancelLostRace(payment, operation, result)) known = await settleFirst(payment);
    const after = await settler.record(item, operation, result, { actor: 'worker', lookup }, known);
    if (after) await followUp(item, operation, { result, lookup }, attempt, after);
  }

  /** What a refused cancel was refused for is recorded before the refusal itself. */
  async function settleFirst(payment: Payment): Promise<Payment> {
    const first = firstOperation(payment);
    const result = await psp.lookUp(payment, first);
    const after = await settler.record(payment, first, result, { actor: 'worker', lookup: true }, payment);
    return after ?? payment;
  }

  /** Retries are new messages, so that a message received twice always means that its first reader died. */
  async function followUp(
    item: WorkItem,
    before: Operation,
    { result, lookup }: Asked,
    attempt: number,
    after: Payment,
  ) {
    const operation = findOperation(after, before.id);
    if (!operation || isSettled(operation)) return;
    // Still marked, so the sweep lets it be: what was redriven goes back to the list.
    if (operation.dead_lettered_at && isOpen(after, operation)) await queue.deadLetter(item, NOT_SETTLED);
    if (result.outcome === 'not_executed') {
      // A reversal that has been asked for so often is the sweep's.
      if (operation.kind === 'reversal' && attempt >= MAX_ATTEMPTS) return;
      await queue.send([{ ...item, attempt }], Math.max(0, result.retryAtMs - clock.now()));
    } else if (
      result.outcome !== 'given_up' &&
      before.outcome === 'pending' &&
      !before.psp_reference &&
      operation.outcome !== 'requires_action'
    ) {
      // Of the last attempt there is no other look-up before it is given up.
      const pauseMs = attempt < MAX_ATTEMPTS ? QUICK_LOOKUP_MS : psp.patienceMs;
      // A look-up that failed was no attempt: it must not take one from those that there are.
      await queue.send([workItem(item, before.id, lookup ? attempt - 1 : attempt)], pauseMs);
    }
  }

  async function handle(delivery: Delivery): Promise<void> {
    await see(delivery);
    await queue.ack([delivery.receipt]);
  }

  return {
    receive: (limit) => queue.receive(limit),
    handle,
    async step() {
      const deliveries = await queue.receive(WORK_BATCH);
      const outcomes = await Promise.allSettled(deliveries.map(handle));
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected')
          logger.warn({ error: String(outcome.reason) }, 'work will be tried again');
      }
      return deliveries.length;
    },
  };
}
