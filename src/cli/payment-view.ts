import { formatMoney } from '../domain/money.ts';
import { isSettled, type Operation, type Payment } from '../domain/payment.ts';
import { presentHistory, presentPayment } from '../http/present.ts';
import { pairs, table } from './table.ts';

/** What an operator sees of a payment: what its merchant sees, and all that was asked of the PSP for it. */
export function paymentJson(payment: Payment) {
  return {
    merchant_id: payment.merchant_id,
    ...presentPayment(payment),
    operations: payment.operations.map(
      ({ key_hash: _key, request_hash: _request, ...operation }) => operation,
    ),
    history: payment.history.map(presentHistory),
  };
}

export function paymentText(payment: Payment): string {
  return [header(payment), operationsTable(payment, payment.operations), historyTable(payment)].join('\n\n');
}

function header(payment: Payment): string {
  const shown = presentPayment(payment);
  const money = (amountMinor: number) => formatMoney(amountMinor, payment.currency);
  const unlessZero = (amountMinor: number) => (amountMinor === 0 ? null : money(amountMinor));
  return pairs([
    ['payment', payment.payment_id],
    ['merchant', `${payment.merchant_id} (${payment.livemode ? 'live' : 'test'})`],
    ['status', payment.status],
    ['amount', money(payment.amount)],
    ['capturable', unlessZero(payment.amount_capturable)],
    ['captured', unlessZero(payment.amount_captured)],
    ['refunded', unlessZero(payment.amount_refunded)],
    ['refundable', unlessZero(payment.amount_refundable)],
    [
      'method',
      `${payment.payment_method}, captured ${payment.capture_method === 'manual' ? 'by request' : 'at once'}`,
    ],
    ['failure', payment.failure && failureText(payment.failure)],
    ['next action', shown.next_action && `${shown.next_action.url} (until ${shown.next_action.expires_at})`],
    ['canceled', payment.cancellation_reason],
    ['description', payment.description],
    ['metadata', metadataText(payment.metadata)],
    ['psp', `${payment.connector}${shown.psp_reference ? ` ${shown.psp_reference}` : ''}`],
    ['hold ends', payment.status === 'authorized' ? payment.authorization_expires_at : null],
    ['created', payment.created_at],
    ['updated', `${payment.updated_at} (version ${payment.version})`],
  ]);
}

function failureText({ code, decline_code, message }: NonNullable<Payment['failure']>): string {
  return `${code}${decline_code ? `/${decline_code}` : ''}: ${message}`;
}

function metadataText(metadata: Payment['metadata']): string | null {
  const entries = Object.entries(metadata);
  return entries.length === 0 ? null : entries.map(([name, value]) => `${name}=${value}`).join(', ');
}

export function operationsTable(payment: Payment, operations: readonly Operation[]): string {
  return table(operations, [
    { title: 'OPERATION', of: (operation) => operation.id },
    { title: 'KIND', of: (operation) => operation.kind },
    { title: 'AMOUNT', of: (operation) => formatMoney(operation.amount, payment.currency), right: true },
    { title: 'OUTCOME', of: (operation) => outcomeText(operation) },
    { title: 'ATTEMPTS', of: (operation) => String(operation.attempts), right: true },
    { title: 'REQUESTED', of: (operation) => operation.requested_at },
    { title: 'SETTLED', of: (operation) => operation.settled_at ?? '-' },
  ]);
}

function outcomeText(operation: Operation): string {
  const dead = operation.dead_lettered_at === null ? '' : ' (dead letter)';
  const why = isSettled(operation) && operation.failure ? ` (${operation.failure.code})` : '';
  return `${operation.outcome}${why}${dead}`;
}

function historyTable(payment: Payment): string {
  return table(payment.history, [
    { title: 'VERSION', of: (entry) => String(entry.version), right: true },
    { title: 'AT', of: (entry) => entry.at },
    { title: 'WHAT', of: (entry) => entry.kind },
    { title: 'OPERATION', of: (entry) => entry.operation_id },
    { title: 'OUTCOME', of: (entry) => entry.outcome },
    { title: 'STATUS', of: (entry) => entry.status },
    { title: 'BY', of: (entry) => entry.actor },
    { title: 'REASON', of: (entry) => entry.reason ?? '' },
  ]);
}
