import { findOperation, isSettled, type Payment, type PaymentRef } from '../domain/payment.ts';
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
    let listed = true;
    const answer = await changePayment(store, ref, (payment): Choice<ResolveAnswer> => {
      const resolved = resolveOperation(payment, operationId, { ...given, nowMs: clock.now() });
      // Asked again after a crash in between: settled already, and perhaps still on the list.
      listed = resolved.ok || !needsAPerson(payment, operationId);
      return resolved.ok ? { write: resolved.payment, answer: resolved } : { leave: resolved };
    });
    if (!answer)
      return { ok: false, detail: `There is no payment ${ref.payment_id} of merchant ${ref.merchant_id}.` };
    const { merchant_id, livemode, payment_id } = ref;
    if (listed) {
      await queue.dropDeadLetters({
        merchant_id,
        livemode,
        payment_id,
        operation_id: operationId,
        attempt: 0,
      });
    }
    return answer;
  };
}

function needsAPerson(payment: Payment, operationId: string): boolean {
  const operation = findOperation(payment, operationId);
  return operation === undefined || !isSettled(operation) || operation.dead_lettered_at !== null;
}
