import { isOpen } from '../domain/derive.ts';
import {
  findOperation,
  firstOperation,
  isSettled,
  type Payment,
  type PaymentRef,
} from '../domain/payment.ts';
import { type Resolution, resolveOperation } from '../domain/resolve-operation.ts';
import type { Clock } from '../ports/clock.ts';
import type { PaymentStore } from '../ports/payment-store.ts';
import type { WorkQueue } from '../ports/work-queue.ts';
import { type Choice, changePayment } from './change-payment.ts';

export type ResolveAnswer = { ok: true; payment: Payment } | { ok: false; detail: string };
export type Resolve = (
  ref: PaymentRef,
  operationId: string,
  given: Omit<Resolution, 'nowMs'>,
) => Promise<ResolveAnswer>;

/** A person settles an operation that no PSP settled (design §2.6): one audited write, and no dead letter is left. */
export function createResolve({
  store,
  queue,
  clock,
}: {
  store: PaymentStore;
  queue: WorkQueue;
  clock: Clock;
}): Resolve {
  return async (ref, operationId, given) => {
    const listed = new Set<string>();
    const answer = await changePayment(store, ref, (payment): Choice<ResolveAnswer> => {
      const resolved = resolveOperation(payment, operationId, { ...given, nowMs: clock.now() });
      // Asked again after a crash in between: settled already, and perhaps still on the list.
      const now = resolved.ok ? resolved.payment : payment;
      listed.clear();
      for (const id of [operationId, firstOperation(now).id]) if (!needsAPerson(now, id)) listed.add(id);
      return resolved.ok ? { write: resolved.payment, answer: resolved } : { leave: resolved };
    });
    if (!answer)
      return { ok: false, detail: `There is no payment ${ref.payment_id} of merchant ${ref.merchant_id}.` };
    const { merchant_id, livemode, payment_id } = ref;
    for (const operation_id of listed) {
      await queue.dropDeadLetters({ merchant_id, livemode, payment_id, operation_id, attempt: 0 });
    }
    return answer;
  };
}

/** Neither what is settled nor what a confirmed cancel has ended; but a hold that could not be voided. */
function needsAPerson(payment: Payment, operationId: string): boolean {
  const operation = findOperation(payment, operationId);
  if (operation === undefined || isOpen(payment, operation)) return true;
  return isSettled(operation) && operation.dead_lettered_at !== null;
}
