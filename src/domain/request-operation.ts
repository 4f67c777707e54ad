import { advance, hasRoom } from './advance.ts';
import { newOperation, systemOperationId } from './new-operation.ts';
import { isSettled, type Operation, type OperationKind, type Payment } from './payment.ts';
import { type Refused, refuse } from './refusals.ts';

export interface OperationRequest {
  nowMs: number;
  actor: string;
  reason?: string | null | undefined;
  key_hash?: string | null | undefined;
  request_hash?: string | null | undefined;
}

export interface Requested {
  ok: true;
  payment: Payment;
  operation: Operation;
}

type Decision = Requested | Refused;

function add(
  payment: Payment,
  kind: OperationKind,
  id: string,
  amount: number,
  request: OperationRequest,
): Decision {
  if (!hasRoom(payment, 'merchant')) {
    return refuse(
      'too_many_operations',
      `This payment has ${payment.operations.length} operations, and no room for another. Ask nothing more of it.`,
    );
  }
  return addOperation(payment, kind, id, amount, request);
}

/** Adds an operation and dispatches it. For the system's own, which have room kept for them. */
export function addOperation(
  payment: Payment,
  kind: OperationKind,
  id: string,
  amount: number,
  { nowMs, actor, ...rest }: OperationRequest,
): Requested {
  const operation = newOperation({ id, kind, amount, nowMs, ...rest });
  const step = { kind, operation_id: id, actor, nowMs };
  return { ok: true, payment: advance(payment, [...payment.operations, operation], step, id), operation };
}

function inFlight(payment: Payment): boolean {
  return payment.operations.some((operation) => operation.kind !== 'refund' && !isSettled(operation));
}

const IN_PROGRESS = 'Another operation on this payment is not settled yet. Wait until it is, then ask again.';

/** Captures all (`amount` undefined) or part of an authorization; what is not captured is released. */
export function requestCapture(
  payment: Payment,
  amount: number | undefined,
  request: OperationRequest,
): Decision {
  if (payment.status === 'processing') return refuse('operation_in_progress', IN_PROGRESS);
  if (payment.status !== 'authorized') {
    return refuse(
      'payment_not_capturable',
      `This payment is ${payment.status}. Only an authorized payment can be captured.`,
    );
  }
  if (inFlight(payment)) return refuse('operation_in_progress', IN_PROGRESS);
  const asked = amount ?? payment.amount_capturable;
  if (asked > payment.amount_capturable) {
    return refuse(
      'capture_exceeds_authorized',
      `A capture of ${asked} was asked for, but ${payment.amount_capturable} is authorized. Capture that or less.`,
    );
  }
  return add(payment, 'capture', systemOperationId('capture', payment.version + 1), asked, request);
}

/** Voids an authorization, or abandons a challenge. */
export function requestCancel(payment: Payment, request: OperationRequest): Decision {
  if (payment.status === 'processing') return refuse('operation_in_progress', IN_PROGRESS);
  if (payment.status !== 'authorized' && payment.status !== 'requires_action') {
    return refuse(
      'payment_not_cancelable',
      `This payment is ${payment.status}. Only one that is authorized or requires action can be canceled${
        payment.status === 'completed' ? '; refund it instead' : ''
      }.`,
    );
  }
  // A challenge is itself unsettled; what must not be in flight beside it is another cancel.
  const last = payment.operations.at(-1) as Operation;
  if (payment.operations.length > 1 && !isSettled(last)) return refuse('operation_in_progress', IN_PROGRESS);
  const id = systemOperationId('cancel', payment.version + 1);
  return add(payment, 'cancel', id, payment.amount, request);
}

/** Refunds part, or with no amount all, of what can still be refunded. */
export function requestRefund(
  payment: Payment,
  refundId: string,
  amount: number | undefined,
  request: OperationRequest,
): Decision {
  if (payment.status === 'processing') return refuse('operation_in_progress', IN_PROGRESS);
  if (payment.status !== 'completed') {
    return refuse(
      'payment_not_refundable',
      `This payment is ${payment.status}. Only a completed payment can be refunded.`,
    );
  }
  // Invariant 7: what is unknown is asked about before anything else is done to the payment.
  if (payment.operations.some((operation) => operation.outcome === 'unknown')) {
    return refuse('operation_in_progress', IN_PROGRESS);
  }
  const refundable = payment.amount_refundable;
  if (refundable === 0) {
    return refuse(
      'payment_not_refundable',
      `All of the ${payment.amount_captured} captured is refunded or being refunded. Nothing is left to refund.`,
    );
  }
  const asked = amount ?? refundable;
  if (asked > refundable) {
    return refuse(
      'refund_exceeds_captured',
      `A refund of ${asked} was asked for, but ${refundable} is left to refund. Ask for that or less.`,
    );
  }
  return add(payment, 'refund', refundId, asked, request);
}
