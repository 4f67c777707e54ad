import { firstOperation, type HistoryEntry, type Operation, type Payment } from '../domain/payment.ts';

/** What merchants see of a payment: api.md. The order of the fields is part of what they are used to. */
export function presentPayment(payment: Payment) {
  const first = firstOperation(payment);
  return {
    payment_id: payment.payment_id,
    livemode: payment.livemode,
    status: payment.status,
    amount: payment.amount,
    currency: payment.currency,
    capture_method: payment.capture_method,
    payment_method: payment.payment_method,
    amount_capturable: payment.amount_capturable,
    amount_captured: payment.amount_captured,
    amount_refunded: payment.amount_refunded,
    amount_refundable: payment.amount_refundable,
    failure: payment.failure,
    next_action: payment.status === 'requires_action' ? first.next_action : null,
    cancellation_reason: payment.cancellation_reason,
    description: payment.description,
    metadata: payment.metadata,
    connector: payment.connector,
    psp_reference: first.psp_reference,
    authorization_expires_at: payment.authorization_expires_at,
    version: payment.version,
    created_at: payment.created_at,
    updated_at: payment.updated_at,
  };
}

/** An `unknown` refund shows as pending: to the merchant it is not settled yet. */
export function presentRefund(payment: Payment, operation: Operation) {
  const { outcome } = operation;
  const entries = payment.history.filter((entry) => entry.operation_id === operation.id);
  return {
    refund_id: operation.id,
    payment_id: payment.payment_id,
    amount: operation.amount,
    currency: payment.currency,
    reason: operation.reason,
    status: outcome === 'succeeded' || outcome === 'failed' ? outcome : 'pending',
    failure: operation.failure,
    created_at: operation.requested_at,
    updated_at: entries.at(-1)?.at ?? operation.requested_at,
  };
}

export function presentHistory(entry: HistoryEntry) {
  const { version, at, kind, operation_id, outcome, status, actor, reason } = entry;
  return {
    version,
    at,
    kind,
    operation_id,
    outcome,
    status,
    actor,
    ...(reason === undefined ? {} : { reason }),
  };
}
