import { PENDING_GRACE_MS } from './limits.ts';
import { type Operation, type OperationKind, timestamp } from './payment.ts';

export interface NewOperation {
  id: string;
  kind: OperationKind;
  amount: number;
  nowMs: number;
  reason?: string | null | undefined;
  key_hash?: string | null | undefined;
  request_hash?: string | null | undefined;
}

/** An operation as it is when it is asked for: pending, and not yet known to any PSP. */
export function newOperation(given: NewOperation): Operation {
  return {
    id: given.id,
    kind: given.kind,
    amount: given.amount,
    reason: given.reason ?? null,
    outcome: 'pending',
    psp_reference: null,
    failure: null,
    next_action: null,
    attempts: 0,
    lookups: 0,
    next_step_at: timestamp(given.nowMs + PENDING_GRACE_MS),
    dead_lettered_at: null,
    key_hash: given.key_hash ?? null,
    request_hash: given.request_hash ?? null,
    requested_at: timestamp(given.nowMs),
    settled_at: null,
  };
}

/**
 * The id of an operation that the system names: its kind and the version that adds it, joined by a dot.
 * Client ids cannot contain a dot, so the two never meet; deciding again after a lost write gives a fresh one.
 */
export function systemOperationId(kind: OperationKind, version: number): string {
  return `${kind}.${version}`;
}
