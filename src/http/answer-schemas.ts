import * as z from 'zod';
import { PAYMENT_STATUSES } from '../domain/payment.ts';
import { PROBLEMS } from './problems.ts';

/** What answers look like, for openapi.json; the test-suite checks every answer it gets against them. */

const time = z.iso.datetime().meta({ example: '2026-01-31T12:00:00.000Z' });
const minor = z.int().min(0);

const failure = z
  .strictObject({
    code: z.string(),
    decline_code: z.string().nullable(),
    advice: z
      .string()
      .nullable()
      .meta({ description: 'try_again_later, confirm_card_data or do_not_try_again' }),
    message: z.string(),
  })
  .meta({ id: 'Failure' });

const nextAction = z
  .strictObject({ type: z.literal('redirect_to_url'), url: z.string(), expires_at: time })
  .meta({ id: 'NextAction' });

export const paymentAnswer = z
  .strictObject({
    payment_id: z.string(),
    livemode: z.boolean(),
    status: z.enum(PAYMENT_STATUSES as [string, ...string[]]),
    amount: minor,
    currency: z.string(),
    capture_method: z.enum(['automatic', 'manual']),
    payment_method: z.string(),
    amount_capturable: minor,
    amount_captured: minor,
    amount_refunded: minor,
    amount_refundable: minor,
    failure: failure.nullable(),
    next_action: nextAction.nullable(),
    cancellation_reason: z.string().nullable(),
    description: z.string().nullable(),
    metadata: z.record(z.string(), z.string()),
    connector: z.string(),
    psp_reference: z.string().nullable(),
    authorization_expires_at: time.nullable(),
    version: z.int().min(1),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'Payment' });

export const paymentList = z
  .strictObject({ data: z.array(paymentAnswer), has_more: z.boolean(), next_cursor: z.string().nullable() })
  .meta({ id: 'PaymentList' });

export const refundAnswer = z
  .strictObject({
    refund_id: z.string(),
    payment_id: z.string(),
    amount: minor,
    currency: z.string(),
    reason: z.string().nullable(),
    status: z.enum(['pending', 'succeeded', 'failed']),
    failure: failure.nullable(),
    created_at: time,
    updated_at: time,
  })
  .meta({ id: 'Refund' });

export const refundList = z.strictObject({ data: z.array(refundAnswer) }).meta({ id: 'RefundList' });

const historyEntry = z
  .strictObject({
    version: z.int().min(1),
    at: time,
    kind: z.string(),
    operation_id: z.string().optional(),
    outcome: z.enum(['pending', 'succeeded', 'failed', 'requires_action', 'unknown']).optional(),
    status: z.enum(PAYMENT_STATUSES as [string, ...string[]]),
    actor: z.string().meta({ description: 'A key id, worker, sweep, psp or operator.' }),
    reason: z.string().optional(),
  })
  .meta({ id: 'HistoryEntry' });

export const historyList = z.strictObject({ data: z.array(historyEntry) }).meta({ id: 'History' });

export const problemAnswer = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.enum(Object.keys(PROBLEMS) as [string, ...string[]]),
    request_id: z.string(),
    errors: z.array(z.strictObject({ pointer: z.string(), detail: z.string() })).optional(),
    payment_id: z.string().optional(),
  })
  .meta({ id: 'Problem' });

export const healthAnswer = z.strictObject({ status: z.literal('ok') }).meta({ id: 'Health' });

export const readyAnswer = z
  .strictObject({
    ready: z.boolean(),
    checks: z.record(z.string(), z.strictObject({ ok: z.boolean(), detail: z.string().optional() })),
  })
  .meta({ id: 'Readiness' });

export const received = z.strictObject({ received: z.literal(true) }).meta({ id: 'Received' });
