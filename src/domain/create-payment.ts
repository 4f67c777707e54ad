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
export function createPayment({ actor, nowMs, ...given }: CreateInput): Payment {
  const kind = given.capture_method === 'manual' ? 'authorize' : 'charge';
  const operation = newOperation({ id: systemOperationId(kind, 1), kind, amount: given.amount, nowMs });
  const at = timestamp(nowMs);
  const derived = derive({ operations: [operation] });
  return {
    ...given,
    ...derived,
    version: 1,
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
  };
}
