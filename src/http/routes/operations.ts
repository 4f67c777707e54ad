import type { z } from 'zod';
import type { AwaitOutcome } from '../../app/await-outcome.ts';
import type { OperationAnswer, RequestOperation } from '../../app/request-operation.ts';
import { findOperation, type Operation, type Payment, type PaymentRef } from '../../domain/payment.ts';
import { paymentAnswer, refundAnswer, refundList } from '../answer-schemas.ts';
import { presentPayment, presentRefund } from '../present.ts';
import { problem } from '../problems.ts';
import { type Answer, type Route, type RouteRequest, route } from '../route.ts';
import { cancelBody, captureBody, noQuery, refundBody } from '../schemas.ts';
import { paymentNotFound, REPLAYED, refFrom, refusalOf, waited } from './operation-answers.ts';

interface Deps {
  operations: RequestOperation;
  get: (ref: PaymentRef) => Promise<Payment | null>;
  outcome: Pick<AwaitOutcome, 'wait'>;
}

type NoQuery = z.infer<typeof noQuery>;

const COMMON = ['not_found', 'idempotency_mismatch', 'operation_in_progress', 'too_many_operations'] as const;

export function operationRoutes({ operations, get, outcome }: Deps): Route[] {
  /** 202 with what was asked for, shown by `present`, after waiting if that was asked too. */
  async function answered(
    request: RouteRequest,
    asked: OperationAnswer,
    present: (payment: Payment, operation: Operation) => unknown,
  ): Promise<Answer> {
    const ref = refFrom(request);
    const refusal = refusalOf(asked, ref.payment_id);
    if (refusal) return refusal;
    const { payment, operation, replayed } = asked as Exclude<OperationAnswer, { refused: string }>;
    const headers: Record<string, string> = replayed ? { ...REPLAYED } : {};
    const shown = (await waited(outcome, request, ref, operation.id, headers, payment)) ?? payment;
    return { status: 202, json: present(shown, findOperation(shown, operation.id) ?? operation), headers };
  }

  return [
    route<NoQuery, z.infer<typeof captureBody>>({
      method: 'post',
      path: '/payments/{payment_id}/capture',
      operationId: 'capturePayment',
      summary: 'Capture an authorized payment',
      description: 'All of it, or with `amount` part; capturing less than the whole releases the rest.',
      scope: 'payments:write',
      query: noQuery,
      body: captureBody,
      operates: true,
      answers: { 202: { description: 'The payment, with the capture asked for', schema: paymentAnswer } },
      problems: [...COMMON, 'payment_not_capturable', 'capture_exceeds_authorized'],
      async handle(request) {
        const { body: fields, idempotencyKey, principal } = request;
        const ref = refFrom(request);
        const asked = await operations.capture({ ref, fields, idempotencyKey, actor: principal.key_id });
        return answered(request, asked, presentPayment);
      },
    }),

    route<NoQuery, z.infer<typeof cancelBody>>({
      method: 'post',
      path: '/payments/{payment_id}/cancel',
      operationId: 'cancelPayment',
      summary: 'Void an authorization, or abandon a challenge',
      scope: 'payments:write',
      query: noQuery,
      body: cancelBody,
      operates: true,
      answers: { 202: { description: 'The payment, with the cancel asked for', schema: paymentAnswer } },
      problems: [...COMMON, 'payment_not_cancelable'],
      async handle(request) {
        const { body: fields, idempotencyKey, principal } = request;
        const ref = refFrom(request);
        const asked = await operations.cancel({ ref, fields, idempotencyKey, actor: principal.key_id });
        return answered(request, asked, presentPayment);
      },
    }),

    route<NoQuery, z.infer<typeof refundBody>>({
      method: 'post',
      path: '/payments/{payment_id}/refunds',
      operationId: 'createRefund',
      summary: 'Refund part, or all that can be refunded',
      scope: 'refunds:write',
      query: noQuery,
      body: refundBody,
      operates: true,
      answers: { 202: { description: 'The refund', schema: refundAnswer } },
      problems: [...COMMON, 'payment_not_refundable', 'refund_exceeds_captured'],
      async handle(request) {
        const { body: fields, idempotencyKey, principal } = request;
        const ref = refFrom(request);
        const asked = await operations.refund({ ref, fields, idempotencyKey, actor: principal.key_id });
        return answered(request, asked, presentRefund);
      },
    }),

    route({
      method: 'get',
      path: '/payments/{payment_id}/refunds',
      operationId: 'listRefunds',
      summary: 'The refunds of a payment, oldest first',
      scope: 'payments:read',
      query: noQuery,
      answers: { 200: { description: 'All its refunds', schema: refundList } },
      problems: ['not_found'],
      async handle(request): Promise<Answer> {
        const ref = refFrom(request);
        const payment = await get(ref);
        if (!payment) return paymentNotFound(ref.payment_id);
        const refunds = payment.operations.filter(({ kind }) => kind === 'refund');
        return { status: 200, json: { data: refunds.map((operation) => presentRefund(payment, operation)) } };
      },
    }),

    route({
      method: 'get',
      path: '/payments/{payment_id}/refunds/{refund_id}',
      operationId: 'getRefund',
      summary: 'One refund',
      scope: 'payments:read',
      query: noQuery,
      answers: { 200: { description: 'The refund', schema: refundAnswer } },
      problems: ['not_found'],
      async handle(request): Promise<Answer> {
        const ref = refFrom(request);
        const refundId = request.params.refund_id as string;
        const payment = await get(ref);
        if (!payment) return paymentNotFound(ref.payment_id);
        const refund = payment.operations.find(({ id, kind }) => kind === 'refund' && id === refundId);
        if (!refund) {
          const detail = `Payment "${ref.payment_id}" has no refund "${refundId}".`;
          return { problem: problem('not_found', detail) };
        }
        return { status: 200, json: presentRefund(payment, refund) };
      },
    }),
  ];
}
