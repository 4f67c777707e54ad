import { pspIdempotencyKey } from '../domain/hashes.ts';
import { firstOperation, type Operation, type Payment } from '../domain/payment.ts';
import type { PspRequest } from '../ports/connector.ts';

/**
 * What a PSP is asked for an operation. Made of what never changes once the operation is stored, so that every
 * attempt sends one key with one body (invariant 1).
 */
export function pspRequest(payment: Payment, operation: Operation): PspRequest {
  const first = firstOperation(payment);
  const { merchant_id, livemode, payment_id } = payment;
  const key = pspIdempotencyKey(payment, operation.id);
  return {
    idempotency_key: key,
    kind: operation.kind,
    amount: operation.amount,
    currency: payment.currency,
    payment_method: payment.payment_method,
    return_url: payment.return_url,
    original_reference: operation === first ? null : first.psp_reference,
    original_key: operation === first ? key : pspIdempotencyKey(payment, first.id),
    merchant_id,
    livemode,
    payment_id,
    operation_id: operation.id,
  };
}
