import { findOperation, type Operation, type Payment } from '../domain/payment.ts';
import { markDeadLetter, sweepPayment } from '../domain/sweep-payment.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { PaymentStore } from '../ports/payment-store.ts';
import type { WorkItem, WorkQueue } from '../ports/work-queue.ts';
import { type Choice, changePayment } from './change-payment.ts';

/** Payments in one step. */
const SWEEP_BATCH = 100;

/**
 * With more than this waiting in the queue, what is overdue is probably merely queued, and sending it again would
 * only make the queue longer.
 */
const BUSY_QUEUE = 1_000;

/** After this long it is sent again however long the queue is: a queue that is always busy must not hide a loss. */
const OVERDUE_MS = 60 * 60 * 1_000;

export interface Sweep {
  /** One bounded page of what is due; whether there is more of this pass. */
  step(): Promise<boolean>;
}

interface Deps {
  store: PaymentStore;
  queue: WorkQueue;
  clock: Clock;
  logger: Logger;
}

/** Searches for whatever is due and unsettled, in any status: heals what the feed or the queue lost (design §2.8). */
export function createSweep({ store, queue, clock, logger }: Deps): Sweep {
  let cursor: string | null = null;

  async function sweep(payment: Payment, nowMs: number, busy: boolean): Promise<WorkItem[]> {
    const { send, deadLetter, expire } = sweepPayment(payment, nowMs);
    for (const operation of deadLetter) await bury(payment, operation, nowMs);
    if (expire && !(await store.update(expire))) {
      // Somebody else moved it on; if it is still due, the next pass finds it.
      logger.debug({ payment_id: payment.payment_id }, 'the payment changed while it was swept');
    }
    return send
      .filter((operation) => !busy || overdue(operation, nowMs))
      .map((operation) => item(payment, operation));
  }

  async function bury(payment: Payment, operation: Operation, nowMs: number): Promise<void> {
    // The list first: a crash between the two repeats it, and the list keeps one entry for an operation.
    await queue.deadLetter(item(payment, operation), `${operation.outcome} since ${operation.requested_at}`);
    const isMarked = await changePayment(store, payment, (current): Choice<boolean> => {
      const marked = markDeadLetter(current, operation.id, nowMs);
      if (marked) return { write: marked, answer: true };
      return { leave: Boolean(findOperation(current, operation.id)?.dead_lettered_at) };
    });
    if (!isMarked) {
      // Settled while it was put on the list: nobody has to see to it any more.
      await queue.dropDeadLetters(item(payment, operation));
      return;
    }
    const { payment_id } = payment;
    logger.error(
      { payment_id, operation_id: operation.id },
      'unsettled for too long: a person must resolve it',
    );
  }

  /** One payment that cannot be swept must not keep the others from it; the next pass tries it again. */
  async function sweepSafely(payment: Payment, nowMs: number, busy: boolean): Promise<WorkItem[]> {
    try {
      return await sweep(payment, nowMs, busy);
    } catch (error) {
      logger.error(
        { payment_id: payment.payment_id, error: error instanceof Error ? error.message : String(error) },
        'a payment could not be swept; it is tried again',
      );
      return [];
    }
  }

  return {
    async step() {
      const nowMs = clock.now();
      const page = await store.due(nowMs, cursor, SWEEP_BATCH);
      if (page.payments.length > 0) {
        const busy = (await queue.depth()).waiting > BUSY_QUEUE;
        const items = await Promise.all(page.payments.map((payment) => sweepSafely(payment, nowMs, busy)));
        await queue.send(items.flat());
      }
      cursor = page.cursor;
      return cursor !== null;
    },
  };
}

function overdue(operation: Operation, nowMs: number): boolean {
  return nowMs - Date.parse(operation.next_step_at as string) > OVERDUE_MS;
}

function item({ merchant_id, livemode, payment_id }: Payment, operation: Operation): WorkItem {
  return { merchant_id, livemode, payment_id, operation_id: operation.id, attempt: operation.attempts };
}
