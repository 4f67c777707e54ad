import { findOperation, isSettled } from '../domain/payment.ts';
import type { PaymentStore } from '../ports/payment-store.ts';
import type { DeadLetter, WorkQueue } from '../ports/work-queue.ts';

export type Redriven =
  | 'sent'
  | 'gone'
  /** A hold that has expired and could not be voided: the worker skips what is settled, so nothing would come of it. */
  | 'needs_resolve';

interface Deps {
  store: PaymentStore;
  queue: WorkQueue;
}

/** Sends a dead letter to the queue again, unless that would only lose sight of it. */
export function createRedrive({ store, queue }: Deps): (letter: DeadLetter) => Promise<Redriven> {
  return async ({ id, item }) => {
    const payment = await store.get(item);
    const operation = payment && findOperation(payment, item.operation_id);
    if (operation && isSettled(operation) && operation.dead_lettered_at !== null) return 'needs_resolve';
    return (await queue.redrive(id)) ? 'sent' : 'gone';
  };
}
