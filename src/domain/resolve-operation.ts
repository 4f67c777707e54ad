import { advance, replaceOperation } from './advance.ts';
import { isOpen } from './derive.ts';
import { AUTHORIZATION_TTL_MS } from './limits.ts';
import { newOperation, systemOperationId } from './new-operation.ts';
import { findOperation, isSettled, type Operation, type Payment, timestamp } from './payment.ts';
import { reverseLateSuccess } from './reverse-late-success.ts';

export interface Resolution {
  as: 'succeeded' | 'failed';
  /** Why the operator is sure; it stands in the history and in the audit log. */
  reason: string;
  nowMs: number;
}

export type Resolved = { ok: true; payment: Payment } | { ok: false; detail: string };

/**
 * A person settles what no PSP would: only an operation that is unsettled, and only once. A hold that has expired and
 * could not be voided stands as a dead letter of its authorize: `failed` says that the PSP holds nothing any more.
 */
export function resolveOperation(payment: Payment, operationId: string, given: Resolution): Resolved {
  const operation = findOperation(payment, operationId);
  if (!operation) {
    const ids = payment.operations.map(({ id }) => id).join(', ');
    return {
      ok: false,
      detail: `Payment ${payment.payment_id} has no operation "${operationId}". It has: ${ids}.`,
    };
  }
  if (isSettled(operation)) {
    if (operation.dead_lettered_at && given.as === 'failed')
      return { ok: true, payment: release(payment, operation, given) };
    return {
      ok: false,
      detail: `Operation ${operationId} has ${operation.outcome} already; there is nothing to resolve.`,
    };
  }
  if (!isOpen(payment, operation)) {
    if (given.as === 'succeeded') {
      const by = { nowMs: given.nowMs, actor: 'operator', reason: given.reason };
      return { ok: true, payment: reverseLateSuccess(payment, operation, operation.psp_reference, by) };
    }
    return {
      ok: false,
      detail: `Payment ${payment.payment_id} is canceled, and operation ${operationId} with it.`,
    };
  }
  return { ok: true, payment: settle(payment, operation, given) };
}

function settle(payment: Payment, operation: Operation, { as, nowMs, reason }: Resolution): Payment {
  const failure =
    as === 'failed'
      ? {
          code: 'resolved_as_failed',
          decline_code: null,
          advice: null,
          message: 'Settled as failed by the operator.',
        }
      : null;
  const settled: Operation = {
    ...operation,
    outcome: as,
    failure,
    next_action: null,
    next_step_at: null,
    dead_lettered_at: null,
    settled_at: timestamp(nowMs),
  };
  const header =
    operation.kind === 'authorize' && as === 'succeeded'
      ? { authorization_expires_at: timestamp(nowMs + AUTHORIZATION_TTL_MS) }
      : {};
  const step = { kind: 'resolve' as const, operation_id: operation.id, actor: 'operator', nowMs, reason };
  return advance(payment, replaceOperation(payment, settled), step, null, header);
}

/** The cancel that no PSP confirmed, by the operator's word: it is settled, and nobody is asked for it. */
function release(payment: Payment, authorize: Operation, { nowMs, reason }: Resolution): Payment {
  const id = systemOperationId('cancel', payment.version + 1);
  const cancel: Operation = {
    ...newOperation({ id, kind: 'cancel', amount: payment.amount, nowMs, reason: 'authorization_expired' }),
    outcome: 'succeeded',
    next_step_at: null,
    settled_at: timestamp(nowMs),
  };
  const step = { kind: 'resolve' as const, operation_id: id, actor: 'operator', nowMs, reason };
  const operations = [...replaceOperation(payment, { ...authorize, dead_lettered_at: null }), cancel];
  return advance(payment, operations, step);
}
