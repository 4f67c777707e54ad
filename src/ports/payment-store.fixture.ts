import type { PspResult } from '../domain/answer.ts';
import { type CreateInput, createPayment } from '../domain/create-payment.ts';
import {
  firstOperation,
  type Operation,
  type Payment,
  type PaymentStatus,
  timestamp,
} from '../domain/payment.ts';
import { recordResult } from '../domain/record-result.ts';
import { requestCancel, requestCapture, requestRefund } from '../domain/request-operation.ts';
import type { ChangeFeed, ChangeSignal } from './change-feed.ts';
import type { PaymentStore } from './payment-store.ts';

/** What an adapter opens for each test of the contract: a store with nothing in it. */
export interface PaymentStoreHarness {
  store: PaymentStore;
  feed: ChangeFeed;
  signal: ChangeSignal;
  /** At least two readers that the feed knows. */
  consumers: readonly string[];
  close(): Promise<void>;
}

/** When the payments of the contracts begin, in epoch ms. */
export const START_MS = Date.parse('2026-03-02T09:30:00.000Z');

const SECOND_MS = 1_000;

type Given = Partial<CreateInput>;

export function newPayment(given: Given = {}): Payment {
  return createPayment({
    payment_id: 'p1',
    merchant_id: 'm_1',
    livemode: false,
    amount: 1000,
    currency: 'usd',
    capture_method: 'automatic',
    payment_method: 'pm_card_visa',
    description: null,
    metadata: {},
    return_url: null,
    connector: 'simulator',
    request_hash: '1:hash',
    actor: 'key_1',
    nowMs: START_MS,
    ...given,
  });
}

export const SUCCEEDED: PspResult = { outcome: 'succeeded', psp_reference: 'psp_1' };
export const UNKNOWN: PspResult = { outcome: 'unknown' };
const PENDING: PspResult = { outcome: 'pending', psp_reference: 'psp_1' };
const DECLINED: PspResult = {
  outcome: 'failed',
  psp_reference: 'psp_1',
  failure: {
    code: 'card_declined',
    decline_code: 'generic_decline',
    advice: 'try_again_later',
    message: 'Declined.',
  },
};
const CHALLENGED: PspResult = {
  outcome: 'requires_action',
  psp_reference: 'psp_1',
  next_action: {
    type: 'redirect_to_url',
    url: 'https://psp.example/challenge',
    expires_at: timestamp(START_MS + 24 * 3600 * SECOND_MS),
  },
};

function later(payment: Payment): number {
  return Date.parse(payment.updated_at) + SECOND_MS;
}

/** The next version, a second later: the PSP's result for an operation, by default the last one asked for. */
export function answered(payment: Payment, result: PspResult, operation?: Operation): Payment {
  const { id } = operation ?? (payment.operations.at(-1) as Operation);
  const recorded = recordResult(payment, id, result, { nowMs: later(payment), actor: 'worker' });
  if ('unchanged' in recorded) throw new Error(`fixture: "${result.outcome}" changes nothing about ${id}`);
  return recorded.changed;
}

function asked(decision: ReturnType<typeof requestCancel>): Payment {
  if (!decision.ok) throw new Error(`fixture: refused with ${decision.code}`);
  return decision.payment;
}

export function refundAsked(payment: Payment, refundId: string, amount?: number): Payment {
  return asked(requestRefund(payment, refundId, amount, { nowMs: later(payment), actor: 'key_1' }));
}

function captureAsked(payment: Payment): Payment {
  return asked(requestCapture(payment, undefined, { nowMs: later(payment), actor: 'key_1' }));
}

function cancelAsked(payment: Payment): Payment {
  return asked(requestCancel(payment, { nowMs: later(payment), actor: 'key_1' }));
}

/** Every version of a payment, from the first one through the steps. */
export function versions(first: Payment, ...steps: readonly ((payment: Payment) => Payment)[]): Payment[] {
  const all = [first];
  for (const step of steps) all.push(step(all.at(-1) as Payment));
  return all;
}

const to = (result: PspResult) => (payment: Payment) => answered(payment, result);
const toFirst = (result: PspResult) => (payment: Payment) =>
  answered(payment, result, firstOperation(payment));
const manual = (given: Given) => newPayment({ ...given, capture_method: 'manual' });

type Life = (given?: Given) => Payment[];

/** How a payment comes to each status. */
export const LIVES: Readonly<Record<PaymentStatus, Life>> = {
  processing: (given = {}) => [newPayment(given)],
  requires_action: (given = {}) => versions(newPayment(given), to(CHALLENGED)),
  authorized: (given = {}) => versions(manual(given), to(SUCCEEDED)),
  completed: (given = {}) => versions(newPayment(given), to(SUCCEEDED)),
  failed: (given = {}) => versions(newPayment(given), to(DECLINED)),
  canceled: (given = {}) => versions(manual(given), to(SUCCEEDED), cancelAsked, to(SUCCEEDED)),
};

export interface UnsettledLife {
  status: PaymentStatus;
  /** Up to where something is unsettled. */
  lived: Life;
  /** From there to where nothing is. */
  settled: (payment: Payment) => Payment[];
}

const bySuccess = (payment: Payment) => versions(payment, to(SUCCEEDED)).slice(1);
const byCancel = (payment: Payment) => versions(payment, cancelAsked, to(SUCCEEDED)).slice(1);

/** Every way in which a payment can be left unsettled: the sweep must find each of them. */
export const UNSETTLED: Readonly<Record<string, UnsettledLife>> = {
  'a charge that was asked for': { status: 'processing', lived: LIVES.processing, settled: bySuccess },
  'a charge that nobody answered': {
    status: 'processing',
    lived: (given = {}) => versions(newPayment(given), to(UNKNOWN)),
    settled: bySuccess,
  },
  'a charge that the PSP has not decided': {
    status: 'processing',
    lived: (given = {}) => versions(newPayment(given), to(PENDING)),
    settled: bySuccess,
  },
  'a challenge': { status: 'requires_action', lived: LIVES.requires_action, settled: byCancel },
  'an authorization that will expire': { status: 'authorized', lived: LIVES.authorized, settled: byCancel },
  'a capture that was asked for': {
    status: 'authorized',
    lived: (given = {}) => versions(manual(given), to(SUCCEEDED), captureAsked),
    settled: bySuccess,
  },
  'a refund that was asked for': {
    status: 'completed',
    lived: (given = {}) =>
      versions(newPayment(given), to(SUCCEEDED), (payment) => refundAsked(payment, 'r1')),
    settled: bySuccess,
  },
  'a reversal': {
    status: 'canceled',
    lived: (given = {}) =>
      versions(newPayment(given), to(CHALLENGED), cancelAsked, to(SUCCEEDED), toFirst(SUCCEEDED)),
    settled: bySuccess,
  },
};

/** Stores every version of a payment, one after the other. */
export async function save(store: PaymentStore, lived: readonly Payment[]): Promise<Payment> {
  for (const payment of lived) {
    const written =
      payment.version === 1 ? (await store.create(payment)).created : await store.update(payment);
    if (!written)
      throw new Error(`fixture: version ${payment.version} of ${payment.payment_id} was not written`);
  }
  return lived.at(-1) as Payment;
}

/** Names one version of one payment. */
export function versionName(payment: Payment): string {
  const mode = payment.livemode ? 'live' : 'test';
  return `${mode}/${payment.merchant_id}/${payment.payment_id}@${payment.version}`;
}
