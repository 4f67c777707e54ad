import type { Operation, PaymentStatus } from '../../src/domain/payment.ts';
import { InvariantBroken } from '../observe/observation.ts';

/**
 * Design.md §5 as a machine that reads one change after the other. The product derives a status from all operations at
 * once: two ways to the same answer, written apart, so that they do not share a mistake.
 */
type Step = (operation: Operation) => PaymentStatus | 'illegal';

const FIRST: Readonly<Record<string, PaymentStatus>> = {
  'charge succeeded': 'completed',
  'authorize succeeded': 'authorized',
  'charge failed': 'failed',
  'authorize failed': 'failed',
  'charge requires_action': 'requires_action',
  'authorize requires_action': 'requires_action',
  'charge pending': 'processing',
  'authorize pending': 'processing',
  'charge unknown': 'processing',
  'authorize unknown': 'processing',
};

function isFirst({ kind }: Operation): boolean {
  return kind === 'charge' || kind === 'authorize';
}

function expired({ kind, outcome, failure }: Operation): boolean {
  return (
    (kind === 'capture' || kind === 'cancel') &&
    outcome === 'failed' &&
    failure?.code === 'authorization_expired'
  );
}

const STEPS: Readonly<Record<PaymentStatus, Step>> = {
  processing: (operation) =>
    isFirst(operation) ? (FIRST[`${operation.kind} ${operation.outcome}`] ?? 'illegal') : 'illegal',
  requires_action(operation) {
    if (isFirst(operation)) {
      const next = FIRST[`${operation.kind} ${operation.outcome}`] ?? 'illegal';
      return next === 'processing' ? 'illegal' : next;
    }
    if (operation.kind !== 'cancel') return 'illegal';
    return operation.outcome === 'succeeded' || expired(operation) ? 'canceled' : 'requires_action';
  },
  authorized(operation) {
    // Only a mark on the authorize itself, which has succeeded: its hold could not be voided.
    if (isFirst(operation)) return operation.outcome === 'succeeded' ? 'authorized' : 'illegal';
    if (operation.kind !== 'capture' && operation.kind !== 'cancel') return 'illegal';
    if (expired(operation)) return 'canceled';
    if (operation.outcome !== 'succeeded') return 'authorized';
    return operation.kind === 'capture' ? 'completed' : 'canceled';
  },
  completed: ({ kind }) => (kind === 'refund' || kind === 'cancel' ? 'completed' : 'illegal'),
  failed: ({ kind }) => (kind === 'cancel' ? 'failed' : 'illegal'),
  canceled(operation) {
    if (isFirst(operation)) return operation.outcome === 'failed' ? 'illegal' : 'canceled';
    return operation.kind === 'reversal' || operation.kind === 'cancel' ? 'canceled' : 'illegal';
  },
};

/** The status after the operations of one change, in the order of the list. */
export function statusAfter(before: PaymentStatus, changed: readonly Operation[]): PaymentStatus {
  let status = before;
  for (const operation of changed) {
    const next = STEPS[status](operation);
    if (next === 'illegal') {
      throw new InvariantBroken(
        5,
        `a payment that is ${status} took a change of ${operation.id} (${operation.kind}) to ${operation.outcome}`,
      );
    }
    status = next;
  }
  return status;
}

/** From which outcome an operation may go to which. What is settled goes nowhere. */
const OUTCOMES: Readonly<Record<string, readonly string[]>> = {
  pending: ['pending', 'succeeded', 'failed', 'requires_action', 'unknown'],
  unknown: ['unknown', 'pending', 'succeeded', 'failed', 'requires_action'],
  requires_action: ['requires_action', 'succeeded', 'failed'],
  succeeded: ['succeeded'],
  failed: ['failed'],
};

export function mayBecome(before: string, after: string): boolean {
  return OUTCOMES[before]?.includes(after) ?? false;
}

/** In which status which operation may be added, by whom ever. */
const ADDED: Readonly<Record<string, readonly PaymentStatus[]>> = {
  capture: ['authorized'],
  cancel: ['authorized', 'requires_action'],
  refund: ['completed'],
  reversal: ['canceled'],
};

export function mayBeAdded(kind: string, status: PaymentStatus): boolean {
  return ADDED[kind]?.includes(status) ?? false;
}
