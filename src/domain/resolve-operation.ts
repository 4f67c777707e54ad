import { advance, replaceOperation } from './advance.ts';
import { AUTHORIZATION_TTL_MS } from './limits.ts';
import { findOperation, isSettled, type Operation, type Payment, timestamp } from './payment.ts';

export interface Resolution {
  as: 'succeeded' | 'failed';
  /** Why the operator is sure; it stands in the history and in the audit log. */
  reason: string;
  nowMs: number;
}

export type Resolved = { ok: true; payment: Payment } | { ok: false; detail: string };

/** A person settles what no PSP would: only an operation that is unsettled, and only once. */
export function resolveOperation(payment: Payment, operationId: string, given: Resolution): Resolved {
  const operation = findOperation(payment, operationId);
  if (!operation) {
    const ids = payment.operations.map(({ id }) => id).join(', ');
    return { ok: false, detail: `Payment ${payment.payment_id} has no operation "${operationId}". It has: ${ids}.` };
  }
  if (isSettled(operation)) {
    return { ok: false, detail: `Operation ${operationId} has ${operation.outcome} already; there is nothing to resolve.` };
  }
  const at = timestamp(given.nowMs);
  const failure =
    given.as === 'failed'
      ? { code: 'resolved_as_failed', decline_code: null, advice: null, message: 'Settled as failed by the operator.' }
      : null;
  const settled: Operation = {
    ...operation,
    outcome: given.as,
    failure,
    next_action: null,
    next_step_at: null,
    dead_lettered_at: null,
    settled_at: at,
  };
  const header =
    operation.kind === 'authorize' && given.as === 'succeeded'
      ? { authorization_expires_at: timestamp(given.nowMs + AUTHORIZATION_TTL_MS) }
      : {};
  const step = {
    kind: 'resolve' as const,
    operation_id: operationId,
    actor: 'operator',
    nowMs: given.nowMs,
    reason: given.reason,
  };
  return { ok: true, payment: advance(payment, replaceOperation(payment, settled), step, null, header) };
}
