import { advance, hasRoom, hasRoomForNote, replaceOperation } from './advance.ts';
import type { PspAnswer, PspResult } from './answer.ts';
import { AUTHORIZATION_TTL_MS, LOOKUP_PAUSES_MS, MAX_ATTEMPTS, PENDING_GRACE_MS } from './limits.ts';
import { systemOperationId } from './new-operation.ts';
import { type Failure, findOperation, firstOperation, isSettled, type Operation, type Payment, timestamp } from './payment.ts';
import { addOperation } from './request-operation.ts';

export interface Recorder {
  nowMs: number;
  actor: 'worker' | 'sweep' | 'psp';
  /** The result answers the question «what became of it», not the request to do it. */
  lookup?: boolean;
}

/** `unchanged`: what was learned is known already, or comes too late to matter. */
export type Recorded = { changed: Payment; lateSuccess?: true } | { unchanged: true };

const UNCHANGED: Recorded = { unchanged: true };

/**
 * Takes what a PSP said of one operation into the payment. Pure: after a lost compare-and-set the caller reads
 * again and decides again with the same result. What is settled stays settled (invariant 5); a success after a
 * confirmed cancel adds exactly one reversal (invariant 7).
 */
export function recordResult(payment: Payment, operationId: string, result: PspResult, by: Recorder): Recorded {
  const operation = findOperation(payment, operationId);
  if (!operation || isSettled(operation)) return UNCHANGED;
  if (payment.status === 'canceled' && operation === firstOperation(payment)) {
    return result.outcome === 'succeeded' ? reverse(payment, operation, result, by) : UNCHANGED;
  }
  switch (result.outcome) {
    case 'succeeded':
      return settle(payment, { ...operation, outcome: 'succeeded', psp_reference: result.psp_reference }, by, result);
    case 'failed':
      return settle(payment, failed(operation, result.failure, result.psp_reference), by);
    case 'rejected':
      return settle(payment, failed(operation, pspFailure('psp_rejected', result.message), null), by);
    case 'requires_action':
      if (operation.outcome === 'requires_action') return noNews(payment, operation, by);
      return write(payment, { ...waiting(operation, 'requires_action', result, by), next_action: result.next_action }, by);
    case 'pending':
      if (operation.psp_reference) return noNews(payment, operation, by);
      return write(payment, waiting(operation, 'pending', result, by), by);
    case 'unknown':
      if (operation.outcome === 'unknown' || operation.outcome === 'requires_action' || operation.psp_reference) {
        return noNews(payment, operation, by);
      }
      return write(payment, { ...scheduled(operation, 0, by), outcome: 'unknown', attempts: operation.attempts + 1 }, by);
    case 'not_executed':
      return notExecuted(payment, operation, result, by);
  }
}

function write(payment: Payment, changed: Operation, by: Recorder): Recorded {
  const step = { kind: changed.kind, operation_id: changed.id, actor: by.actor, nowMs: by.nowMs };
  return { changed: advance(payment, replaceOperation(payment, changed), step) };
}

function pspFailure(code: string, message: string): Failure {
  return { code, decline_code: null, advice: 'try_again_later', message };
}

function failed(operation: Operation, failure: Failure, pspReference: string | null): Operation {
  return { ...operation, outcome: 'failed', failure, psp_reference: pspReference ?? operation.psp_reference };
}

function settle(payment: Payment, operation: Operation, by: Recorder, answer?: PspAnswer): Recorded {
  const settled: Operation = {
    ...operation,
    attempts: by.lookup ? operation.attempts : operation.attempts + 1,
    next_action: null,
    next_step_at: null,
    dead_lettered_at: null,
    settled_at: timestamp(by.nowMs),
  };
  const step = { kind: settled.kind, operation_id: settled.id, actor: by.actor, nowMs: by.nowMs };
  const header =
    settled.kind === 'authorize' && answer?.outcome === 'succeeded'
      ? { authorization_expires_at: answer.authorization_expires_at ?? timestamp(by.nowMs + AUTHORIZATION_TTL_MS) }
      : {};
  return { changed: advance(payment, replaceOperation(payment, settled), step, null, header) };
}

/** The PSP knows of it: what is left is to learn how it ends. */
function waiting(
  operation: Operation,
  outcome: 'pending' | 'requires_action',
  answer: { psp_reference: string },
  by: Recorder,
): Operation {
  return {
    ...scheduled(operation, 0, by),
    outcome,
    psp_reference: answer.psp_reference,
    attempts: by.lookup ? operation.attempts : operation.attempts + 1,
  };
}

/** With the time of the sweep's next look-up: pauses grow, and the last one repeats. */
function scheduled(operation: Operation, lookups: number, by: Recorder): Operation {
  const pauseMs = LOOKUP_PAUSES_MS[Math.min(lookups, LOOKUP_PAUSES_MS.length - 1)] as number;
  return { ...operation, lookups, next_step_at: timestamp(by.nowMs + pauseMs), dead_lettered_at: null };
}

/** A look-up that taught nothing moves the next one further away. */
function noNews(payment: Payment, operation: Operation, by: Recorder): Recorded {
  if (!hasRoomForNote(payment)) return UNCHANGED;
  const changed = scheduled(operation, operation.lookups + 1, by);
  const step = { kind: 'lookup' as const, operation_id: operation.id, actor: by.actor, nowMs: by.nowMs };
  return { changed: advance(payment, replaceOperation(payment, changed), step) };
}

function notExecuted(
  payment: Payment,
  operation: Operation,
  result: Extract<PspResult, { outcome: 'not_executed' }>,
  by: Recorder,
): Recorded {
  // The queue's count stands in where the item had no room left to keep it.
  const attempts = Math.max(operation.attempts + 1, result.attempt);
  if (attempts >= MAX_ATTEMPTS) {
    return settle(payment, failed(operation, pspFailure('psp_unavailable', result.message), null), by);
  }
  if (!hasRoomForNote(payment)) return UNCHANGED;
  const changed: Operation = {
    ...operation,
    outcome: 'pending',
    attempts,
    next_step_at: timestamp(result.retryAtMs + PENDING_GRACE_MS),
  };
  const step = { kind: 'attempt' as const, operation_id: operation.id, actor: by.actor, nowMs: by.nowMs };
  return { changed: advance(payment, replaceOperation(payment, changed), step) };
}

/** Success after a confirmed cancel: the money goes back, once, and somebody is told. */
function reverse(payment: Payment, operation: Operation, answer: PspAnswer, by: Recorder): Recorded {
  if (!hasRoom(payment, 'system')) {
    throw new Error(`No room for a reversal in payment ${payment.payment_id}: SYSTEM_OPERATIONS is too small`);
  }
  const truth: Operation = {
    ...operation,
    outcome: 'succeeded',
    psp_reference: answer.psp_reference,
    next_action: null,
    next_step_at: null,
    settled_at: timestamp(by.nowMs),
  };
  const id = systemOperationId('reversal', payment.version + 1);
  const told = { ...payment, operations: replaceOperation(payment, truth) };
  const added = addOperation(told, 'reversal', id, operation.amount, { nowMs: by.nowMs, actor: by.actor });
  return { changed: added.payment, lateSuccess: true };
}
