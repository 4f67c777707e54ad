import { advance, hasRoom, replaceOperation } from './advance.ts';
import { expiryStepAtMs, isOpen } from './derive.ts';
import { UNSETTLED_LIMIT_MS } from './limits.ts';
import { systemOperationId } from './new-operation.ts';
import { findOperation, firstOperation, type Operation, type Payment, timestamp } from './payment.ts';
import { addOperation } from './request-operation.ts';

/** What is to be done about a payment that is due. Several operations of one payment may be. */
export interface SweepDecision {
  /** Asked for, and perhaps lost on the way: send them to the worker again, which looks before it asks. */
  send: Operation[];
  /** Unsettled for too long: a person settles them. */
  deadLetter: Operation[];
  /** The payment's hold or challenge ran out: the next version, with the cancel that releases it. */
  expire: Payment | null;
}

/** Pure: what the sweep finds due at `nowMs` (epoch ms). */
export function sweepPayment(payment: Payment, nowMs: number): SweepDecision {
  const decision: SweepDecision = { send: [], deadLetter: [], expire: null };
  for (const operation of payment.operations) {
    if (!isOpen(payment, operation) || operation.next_step_at === null) continue;
    if (Date.parse(operation.next_step_at) > nowMs) continue;
    const ageMs = nowMs - Date.parse(operation.requested_at);
    (ageMs > UNSETTLED_LIMIT_MS && !endsByExpiry(payment, operation)
      ? decision.deadLetter
      : decision.send
    ).push(operation);
  }
  const expiryMs = expiryStepAtMs(payment);
  if (expiryMs !== null && expiryMs <= nowMs) expire(payment, nowMs, decision);
  return decision;
}

/** A challenge ends with the cancel of its expiry, unless that is a dead letter. Nothing else has such an end. */
function endsByExpiry(payment: Payment, operation: Operation): boolean {
  const last = payment.operations.at(-1) as Operation;
  return (
    payment.status === 'requires_action' && operation === firstOperation(payment) && !last.dead_lettered_at
  );
}

function expire(payment: Payment, nowMs: number, decision: SweepDecision): void {
  if (!hasRoom(payment, 'expiry')) {
    decision.deadLetter.push(firstOperation(payment));
    return;
  }
  const reason = payment.status === 'authorized' ? 'authorization_expired' : 'challenge_expired';
  const id = systemOperationId('cancel', payment.version + 1);
  decision.expire = addOperation(payment, 'cancel', id, payment.amount, {
    nowMs,
    actor: 'sweep',
    reason,
  }).payment;
}

/**
 * The next version, in which the operation is marked as a dead letter and the sweep lets it be; null if it is marked,
 * or settled. (An authorize that has succeeded is marked once its hold has expired and cannot be voided.)
 */
export function markDeadLetter(payment: Payment, operationId: string, nowMs: number): Payment | null {
  const operation = findOperation(payment, operationId);
  if (!operation || operation.dead_lettered_at) return null;
  if (!isOpen(payment, operation) && !sweepPayment(payment, nowMs).deadLetter.includes(operation))
    return null;
  const changed = { ...operation, next_step_at: null, dead_lettered_at: timestamp(nowMs) };
  const step = { kind: 'dead_letter' as const, operation_id: operationId, actor: 'sweep', nowMs };
  return advance(payment, replaceOperation(payment, changed), step);
}
