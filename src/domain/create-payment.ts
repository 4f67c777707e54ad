import { derive } from './derive.ts';
import { newOperation, systemOperationId } from './new-operation.ts';
import { type CaptureMethod, type Payment, type PaymentRef, timestamp } from './payment.ts';

export interface CreateInput extends PaymentRef {
  amount: number;
  currency: string;
  capture_method: CaptureMethod;
  payment_method: string;
  description: string | null;
  metadata: Record<string, string>;
  return_url: string | null;
  connector: string;
  request_hash: string;
  actor: string;
  nowMs: number;
}

/** A new payment at version 1, with its charge (or authorize, for manual capture) pending and dispatched. */
export function createPayment(given: CreateInput): Payment {
  const { actor, nowMs } = given;
  const kind = given.capture_method === 'manual' ? 'authorize' : 'charge';
  const operation = newOperation({ id: systemOperationId(kind, 1), kind, amount: given.amount, nowMs });
  const at = timestamp(nowMs);
  const derived = derive({ operations: [operation] });
  // Field by field: taking some out of an object and spreading the rest costs more than all else here.
  return {
    payment_id: given.payment_id,
    merchant_id: given.merchant_id,
    livemode: given.livemode,
    version: 1,
    amount: given.amount,
    currency: given.currency,
    capture_method: given.capture_method,
    payment_method: given.payment_method,
    description: given.description,
    metadata: given.metadata,
    return_url: given.return_url,
    connector: given.connector,
    ...derived,
    operations: [operation],
    history: [
      {
        version: 1,
        at,
        kind,
        operation_id: operation.id,
        outcome: 'pending',
        status: derived.status,
        actor,
      },
    ],
    dispatch: operation.id,
    created_at: at,
    updated_at: at,
    authorization_expires_at: null,
    request_hash: given.request_hash,
  };
}
