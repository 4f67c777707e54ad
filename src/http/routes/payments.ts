import type { z } from 'zod';
import type { AcceptPayment } from '../../app/accept-payment.ts';
import type { AwaitOutcome } from '../../app/await-outcome.ts';
import type { ListPayments } from '../../app/list-payments.ts';
import { firstOperation, type Payment, type PaymentRef, type PaymentStatus } from '../../domain/payment.ts';
import { historyList, paymentAnswer, paymentList } from '../answer-schemas.ts';
import { presentHistory, presentPayment } from '../present.ts';
import { problem } from '../problems.ts';
import { type Answer, type Route, route } from '../route.ts';
import { createPaymentBody, listQuery, noQuery } from '../schemas.ts';
import { idempotencyMismatch, paymentNotFound, REPLAYED, refFrom, waited } from './operation-answers.ts';

const DEFAULT_LIMIT = 10;

interface Deps {
  accept: AcceptPayment;
  get: (ref: PaymentRef) => Promise<Payment | null>;
  list: ListPayments;
  outcome: Pick<AwaitOutcome, 'wait'>;
}

/** What is finer than the milliseconds of payments: cut off, which is right for a bound after which to look. */
const FINER = /\.\d{3}\d*[1-9]/;

function utc(time: string | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}

/** The same for a bound before which to look: the millisecond that it lies in is before it. */
function utcRoundedUp(time: string | undefined): string | undefined {
  if (time === undefined || !FINER.test(time)) return utc(time);
  return new Date(Date.parse(time) + 1).toISOString();
}

export function paymentRoutes({ accept, get, list, outcome }: Deps): Route[] {
  return [
    route<z.infer<typeof noQuery>, z.infer<typeof createPaymentBody>>({
      method: 'post',
      path: '/payments',
      operationId: 'createPayment',
      summary: 'Accept a payment',
      description:
        'Stores the payment durably and answers; the charge (or authorization) follows at once. `payment_id`, or else ' +
        'the Idempotency-Key, makes it safe to repeat for as long as the payment exists: the same request gives the ' +
        'payment as it is now, another request is refused. Start numeric ids with a letter, or they may be taken ' +
        'for card numbers.',
      scope: 'payments:write',
      query: noQuery,
      body: createPaymentBody,
      sheds: true,
      operates: true,
      answers: {
        201: {
          description: 'The payment, accepted (or as it is now, if it was accepted before)',
          schema: paymentAnswer,
          headers: { Location: 'Where the payment is' },
        },
      },
      problems: ['card_number_detected', 'idempotency_mismatch', 'overloaded', 'insufficient_scope'],
      async handle(request) {
        const { principal, body, idempotencyKey } = request;
        const partition = { merchant_id: principal.merchant_id, livemode: principal.livemode };
        const accepted = await accept({ partition, fields: body, idempotencyKey, actor: principal.key_id });
        if ('refused' in accepted) {
          switch (accepted.refused) {
            case 'idempotency_mismatch':
              return idempotencyMismatch(accepted.payment_id);
            case 'no_connector':
              return { problem: problem('insufficient_scope', noConnector(principal.livemode)) };
            case 'payment_method_required': {
              const errors = [
                { pointer: '/payment_method', detail: 'is required: this connector has no default' },
              ];
              const detail = 'This connector has no default payment method. Send payment_method.';
              return { problem: problem('invalid_request', detail, { errors }) };
            }
          }
        }
        const { payment, replayed } = accepted;
        const headers: Record<string, string> = { Location: `/payments/${payment.payment_id}` };
        if (replayed) Object.assign(headers, REPLAYED);
        const shown = await waited(outcome, request, payment, firstOperation(payment).id, headers, payment);
        return { status: 201, json: presentPayment(shown ?? payment), headers };
      },
    }),

    route<z.infer<typeof listQuery>, undefined>({
      method: 'get',
      path: '/payments',
      operationId: 'listPayments',
      summary: 'List payments, newest first',
      scope: 'payments:read',
      query: listQuery,
      answers: { 200: { description: 'A page of payments', schema: paymentList } },
      problems: [],
      async handle({ principal, query }) {
        const listed = await list({
          partition: { merchant_id: principal.merchant_id, livemode: principal.livemode },
          status: query.status as PaymentStatus | undefined,
          limit: query.limit === undefined ? DEFAULT_LIMIT : Number(query.limit),
          cursor: query.cursor,
          created_after: utc(query.created_after),
          created_before: utcRoundedUp(query.created_before),
        });
        if ('refused' in listed) {
          const detail = 'is not a cursor of this list with this filter; start again without it';
          const errors = [{ pointer: '?cursor', detail }];
          return { problem: problem('invalid_request', `?cursor: ${detail}.`, { errors }) };
        }
        const { payments, next_cursor } = listed;
        const json = { data: payments.map(presentPayment), has_more: next_cursor !== null, next_cursor };
        return { status: 200, json };
      },
    }),

    route({
      method: 'get',
      path: '/payments/{payment_id}',
      operationId: 'getPayment',
      summary: 'One payment',
      scope: 'payments:read',
      query: noQuery,
      answers: { 200: { description: 'The payment', schema: paymentAnswer } },
      problems: ['not_found'],
      async handle(request): Promise<Answer> {
        const ref = refFrom(request);
        const payment = await get(ref);
        return payment ? { status: 200, json: presentPayment(payment) } : paymentNotFound(ref.payment_id);
      },
    }),

    route({
      method: 'get',
      path: '/payments/{payment_id}/history',
      operationId: 'getPaymentHistory',
      summary: 'What happened to a payment, in version order',
      scope: 'payments:read',
      query: noQuery,
      answers: { 200: { description: 'One entry for each version', schema: historyList } },
      problems: ['not_found'],
      async handle(request): Promise<Answer> {
        const ref = refFrom(request);
        const payment = await get(ref);
        if (!payment) return paymentNotFound(ref.payment_id);
        return { status: 200, json: { data: payment.history.map(presentHistory) } };
      },
    }),
  ];
}

function noConnector(livemode: boolean): string {
  return livemode
    ? 'This is a live key, and no connector here takes live payments (the simulator never does). Use a test key.'
    : 'No connector here takes test payments. Configure one.';
}
