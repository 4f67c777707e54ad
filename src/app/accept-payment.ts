import { createPayment } from '../domain/create-payment.ts';
import { derivedPaymentId, requestHash } from '../domain/hashes.ts';
import type { CaptureMethod, Partition, Payment } from '../domain/payment.ts';
import type { Clock } from '../ports/clock.ts';
import type { Connector } from '../ports/connector.ts';
import type { Ids } from '../ports/ids.ts';
import type { PaymentStore } from '../ports/payment-store.ts';

/** A validated request: the fields as sent, with nothing added. */
export type PaymentFields = {
  payment_id?: string | null | undefined;
  amount: number;
  currency?: string | null | undefined;
  capture_method?: CaptureMethod | null | undefined;
  payment_method?: string | null | undefined;
  description?: string | null | undefined;
  metadata?: Record<string, string> | null | undefined;
  return_url?: string | null | undefined;
};

export interface AcceptRequest {
  partition: Partition;
  fields: PaymentFields;
  idempotencyKey: string | undefined;
  actor: string;
}

export type Accepted =
  | { payment: Payment; replayed: boolean }
  | { refused: 'idempotency_mismatch'; payment_id: string }
  /** No connector serves this mode: the simulator refuses live keys. */
  | { refused: 'no_connector' }
  | { refused: 'payment_method_required' };

export type AcceptPayment = (request: AcceptRequest) => Promise<Accepted>;

/** What accepting asks of a connector. */
export type OfferedConnector = Pick<Connector, 'name' | 'accepts' | 'defaultPaymentMethod'>;

interface Deps {
  store: Pick<PaymentStore, 'create'>;
  connectors: readonly OfferedConnector[];
  clock: Clock;
  ids: Ids;
  defaultCurrency: string;
}

/**
 * Accepts a payment: one conditional write, and nothing else (design §2.2). The write is also the idempotency check
 * (invariant 3): an id that is taken by the same request replays, by another one is refused.
 */
export function createAcceptPayment({ store, connectors, clock, ids, defaultCurrency }: Deps): AcceptPayment {
  return async ({ partition, fields, idempotencyKey, actor }) => {
    const connector = connectors.find((candidate) => candidate.accepts(partition.livemode));
    if (!connector) return { refused: 'no_connector' };
    const payment_method = fields.payment_method ?? connector.defaultPaymentMethod;
    if (payment_method === null) return { refused: 'payment_method_required' };

    const named = fields.payment_id != null;
    const payment_id =
      fields.payment_id ??
      (idempotencyKey === undefined ? ids.next('pay') : derivedPaymentId(partition, idempotencyKey));
    const payment = createPayment({
      ...partition,
      payment_id,
      amount: fields.amount,
      currency: (fields.currency ?? defaultCurrency).toLowerCase(),
      capture_method: fields.capture_method ?? 'automatic',
      payment_method,
      description: fields.description ?? null,
      metadata: fields.metadata ?? {},
      return_url: fields.return_url ?? null,
      connector: connector.name,
      // With a payment_id, that is the key, and the header is part of the request.
      request_hash: requestHash(fields, named ? idempotencyKey : undefined),
      actor,
      nowMs: clock.now(),
    });
    const written = await store.create(payment);
    if (written.created) return { payment, replayed: false };
    if (written.existing.request_hash === payment.request_hash)
      return { payment: written.existing, replayed: true };
    return { refused: 'idempotency_mismatch', payment_id };
  };
}
