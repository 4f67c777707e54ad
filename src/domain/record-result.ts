import { advance, leavesRoom, replaceOperation, wasReserved } from './advance.ts';
import type { PspAnswer, PspResult } from './answer.ts';
import { isOpen } from './derive.ts';
import { redact } from './forbidden-text.ts';
import {
  AUTHORIZATION_TTL_MS,
  LOOKUP_PAUSES_MS,
  MAX_ATTEMPTS,
  MAX_FAILURE_MESSAGE_LENGTH,
  PENDING_GRACE_MS,
} from './limits.ts';
import {
  type Failure,
  findOperation,
  type HistoryEntry,
  isSettled,
  type Operation,
  type Payment,
  timestamp,
} from './payment.ts';
import { reverseLateSuccess } from './reverse-late-success.ts';

export interface Recorder {
  nowMs: number;
  actor: 'worker' | 'sweep' | 'psp';
  /** The result answers the question «what became of it», not the request to do it. */
  lookup?: boolean;
}

/**
 * `unchanged`: what was learned is known already, or comes too late to matter.
 * `lateSuccess`: the PSP has both confirmed the cancel and taken the money, and somebody is to be told.
 */
export type Recorded = { changed: Payment; lateSuccess?: true } | { unchanged: true };

const UNCHANGED: Recorded = { unchanged: true };

/**
 * Takes what a PSP said of one operation into the payment. Pure: after a lost compare-and-set the caller reads
 * again and decides again with the same result. What is settled stays settled (invariant 5); a success after a
 * confirmed cancel adds exactly one reversal (invariant 7).
 */
export function recordResult(
  payment: Payment,
  operationId: string,
  result: PspResult,
  by: Recorder,
): Recorded {
  const operation = findOperation(payment, operationId);
  if (!operation || isSettled(operation)) return UNCHANGED;
  if (!isOpen(payment, operation)) {
    if (result.outcome !== 'succeeded') return UNCHANGED;
    return { changed: reverseLateSuccess(payment, operation, result.psp_reference, by), lateSuccess: true };
  }
  switch (result.outcome) {
    case 'succeeded':
      return succeed(payment, operation, result, by);
    case 'failed':
      return settle(payment, failed(operation, result.failure, result.psp_reference), by);
    case 'requires_action':
      if (operation.outcome === 'requires_action') return noNews(payment, operation, by);
      return write(
        payment,
        { ...waiting(operation, 'requires_action', result, by), next_action: result.next_action },
        by,
      );
    case 'pending':
      if (operation.psp_reference !== null) return noNews(payment, operation, by);
      return write(payment, waiting(operation, 'pending', result, by), by);
    case 'unknown':
      return unanswered(payment, operation, by);
    case 'rejected':
      if (!provesNothingHappened(operation, by)) return unanswered(payment, operation, by);
      return settle(payment, failed(operation, pspFailure('psp_rejected', result.message), null), by);
    case 'not_executed':
      if (!provesNothingHappened(operation, by)) return unanswered(payment, operation, by);
      return notExecuted(payment, operation, result, by);
    case 'given_up':
      // Nor is what a PSP has accepted, or money that must go back: the sweep goes on, and then a person.
      if (operation.kind === 'reversal' || operation.psp_reference !== null)
        return noNews(payment, operation, by);
      return settle(payment, failed(operation, pspFailure('psp_unavailable', result.message), null), by);
  }
}

/** A look-up that failed says nothing of the operation; nor does a refusal of what the PSP had accepted before. */
function provesNothingHappened(operation: Operation, by: Recorder): boolean {
  return !by.lookup && operation.psp_reference === null;
}

function succeed(
  payment: Payment,
  operation: Operation,
  answer: Extract<PspAnswer, { outcome: 'succeeded' }>,
  by: Recorder,
): Recorded {
  const { psp_reference, authorization_expires_at = timestamp(by.nowMs + AUTHORIZATION_TTL_MS) } = answer;
  const header = operation.kind === 'authorize' ? { authorization_expires_at } : {};
  const settled = settle(payment, { ...operation, outcome: 'succeeded', psp_reference }, by, header);
  const takenAllTheSame = operation.kind === 'cancel' && payment.status === 'completed';
  return takenAllTheSame ? { ...settled, lateSuccess: true } : settled;
}

function settle(payment: Payment, operation: Operation, by: Recorder, header = {}): { changed: Payment } {
  const settled: Operation = {
    ...operation,
    attempts: attemptsBy(operation, by),
    next_action: null,
    next_step_at: null,
    dead_lettered_at: null,
    settled_at: timestamp(by.nowMs),
  };
  return { changed: next(payment, settled, settled.kind, by, header) };
}

function next(
  payment: Payment,
  changed: Operation,
  kind: HistoryEntry['kind'],
  by: Recorder,
  header = {},
): Payment {
  const step = { kind, operation_id: changed.id, actor: by.actor, nowMs: by.nowMs };
  return advance(payment, replaceOperation(payment, changed), step, null, header);
}

/** Writes what settles nothing, unless that would take the room that settling needs. */
function write(
  payment: Payment,
  changed: Operation,
  by: Recorder,
  kind: HistoryEntry['kind'] = changed.kind,
): Recorded {
  const written = next(payment, changed, kind, by);
  const before = findOperation(payment, changed.id) as Operation;
  return wasReserved(before, changed) || leavesRoom(written) ? { changed: written } : UNCHANGED;
}

function attemptsBy(operation: Operation, by: Recorder): number {
  return by.lookup ? operation.attempts : operation.attempts + 1;
}

function pspFailure(code: string, message: string): Failure {
  return { code, decline_code: null, advice: 'try_again_later', message };
}

function failed(operation: Operation, failure: Failure, pspReference: string | null): Operation {
  // A PSP may repeat what it was sent, or know the card: what it says is kept, shown and audited.
  const message = redact(failure.message.slice(0, MAX_FAILURE_MESSAGE_LENGTH).toWellFormed());
  return {
    ...operation,
    outcome: 'failed',
    failure: { ...failure, message },
    psp_reference: pspReference ?? operation.psp_reference,
  };
}

/** The PSP knows of it: what is left is to learn how it ends. */
function waiting(
  operation: Operation,
  outcome: 'pending' | 'requires_action',
  { psp_reference }: { psp_reference: string },
  by: Recorder,
): Operation {
  return { ...scheduled(operation, 0, by), outcome, psp_reference };
}

/** With the time of the sweep's next look-up: pauses grow, and the last one repeats. */
function scheduled(operation: Operation, lookups: number, by: Recorder): Operation {
  const pauseMs = LOOKUP_PAUSES_MS[Math.min(lookups, LOOKUP_PAUSES_MS.length - 1)] as number;
  const next_step_at = timestamp(by.nowMs + pauseMs);
  return { ...operation, attempts: attemptsBy(operation, by), lookups, next_step_at, dead_lettered_at: null };
}

/** Nobody knows what became of it, or no more than before. */
function unanswered(payment: Payment, operation: Operation, by: Recorder): Recorded {
  if (operation.outcome === 'unknown' || operation.psp_reference !== null)
    return noNews(payment, operation, by);
  return write(payment, { ...scheduled(operation, 0, by), outcome: 'unknown' }, by);
}

/** What taught nothing moves the next look-up further away. */
function noNews(payment: Payment, operation: Operation, by: Recorder): Recorded {
  return write(
    payment,
    scheduled(operation, operation.lookups + 1, by),
    by,
    by.lookup ? 'lookup' : 'attempt',
  );
}

function notExecuted(
  payment: Payment,
  operation: Operation,
  result: Extract<PspResult, { outcome: 'not_executed' }>,
  by: Recorder,
): Recorded {
  // The queue's count stands in where the item had no room left to keep it.
  const attempts = Math.max(attemptsBy(operation, by), result.attempt);
  const asked: Operation = { ...operation, outcome: 'pending', attempts, dead_lettered_at: null };
  // A reversal beyond the quick attempts is the sweep's, with its growing pauses.
  const changed =
    operation.kind === 'reversal' && attempts >= MAX_ATTEMPTS
      ? { ...scheduled(asked, attempts - MAX_ATTEMPTS, by), attempts }
      : { ...asked, next_step_at: timestamp(result.retryAtMs + PENDING_GRACE_MS) };
  return write(payment, changed, by, 'attempt');
}
