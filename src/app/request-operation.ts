import { derivedRefundId, keyHash, requestHash } from '../domain/hashes.ts';
import type { Operation, Payment, PaymentRef } from '../domain/payment.ts';
import type { RefusalCode, Refused } from '../domain/refusals.ts';
import { type Requested, requestCancel, requestCapture, requestRefund } from '../domain/request-operation.ts';
import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { PaymentStore } from '../ports/payment-store.ts';
import { type Choice, changePayment } from './change-payment.ts';
import { createInTurn } from './in-turn.ts';

export interface OperationAsked<Fields> {
  ref: PaymentRef;
  fields: Fields;
  idempotencyKey: string | undefined;
  actor: string;
}

export type OperationAnswer =
  | { payment: Payment; operation: Operation; replayed: boolean }
  | { refused: 'not_found' }
  | { refused: 'idempotency_mismatch' }
  | { refused: RefusalCode; detail: string };

export type CaptureFields = {
  amount?: number | null | undefined;
};
export type CancelFields = {
  reason?: string | null | undefined;
};
export type RefundFields = {
  amount?: number | null | undefined;
  reason?: string | null | undefined;
  refund_id?: string | null | undefined;
};

export interface RequestOperation {
  capture(asked: OperationAsked<CaptureFields>): Promise<OperationAnswer>;
  cancel(asked: OperationAsked<CancelFields>): Promise<OperationAnswer>;
  refund(asked: OperationAsked<RefundFields>): Promise<OperationAnswer>;
}

interface Deps {
  store: Pick<PaymentStore, 'get' | 'update'>;
  clock: Clock;
  ids: Ids;
}

type Route = 'capture' | 'cancel' | 'refunds';

/** Captures, cancels and refunds: replay first, then the state of the payment, then one compare-and-set. */
export function createRequestOperation({ store, clock, ids }: Deps): RequestOperation {
  const inTurn = createInTurn();

  async function ask(
    route: Route,
    { ref, fields, idempotencyKey, actor }: OperationAsked<RefundFields>,
    operationId: string | undefined,
    decide: (payment: Payment, request: Parameters<typeof requestCancel>[1]) => Requested | Refused,
  ): Promise<OperationAnswer> {
    const key_hash = idempotencyKey === undefined ? null : keyHash(ref, route, idempotencyKey);
    const named = fields.refund_id != null;
    const request_hash = requestHash(fields, named ? idempotencyKey : undefined);
    const seen = (operation: Operation) =>
      (key_hash !== null && operation.key_hash === key_hash) || operation.id === operationId;

    const decideNow = (payment: Payment): Choice<OperationAnswer> => {
      const earlier = payment.operations.find(seen);
      if (earlier) {
        const same = earlier.request_hash === request_hash;
        return {
          leave: same ? { payment, operation: earlier, replayed: true } : { refused: 'idempotency_mismatch' },
        };
      }
      const decision = decide(payment, { nowMs: clock.now(), actor, key_hash, request_hash });
      if (!decision.ok) return { leave: { refused: decision.code, detail: decision.detail } };
      const { payment: write, operation } = decision;
      return { write, answer: { payment: write, operation, replayed: false } };
    };
    const { livemode, merchant_id, payment_id } = ref;
    const key = JSON.stringify([livemode, merchant_id, payment_id]);
    const answer = await inTurn(key, () => changePayment(store, ref, decideNow));
    return answer ?? { refused: 'not_found' };
  }

  return {
    capture: (asked) =>
      ask('capture', asked, undefined, (payment, request) =>
        requestCapture(payment, asked.fields.amount ?? undefined, request),
      ),
    cancel: (asked) =>
      ask('cancel', asked, undefined, (payment, request) =>
        requestCancel(payment, { ...request, reason: asked.fields.reason }),
      ),
    refund(asked) {
      const { ref, fields, idempotencyKey } = asked;
      const id =
        fields.refund_id ??
        (idempotencyKey === undefined ? ids.next('re') : derivedRefundId(ref, idempotencyKey));
      return ask('refunds', asked, id, (payment, request) =>
        requestRefund(payment, id, fields.amount ?? undefined, { ...request, reason: fields.reason }),
      );
    },
  };
}
