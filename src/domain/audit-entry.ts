import { hash } from 'node:crypto';
import { canonicalJson } from './hashes.ts';
import {
  type Failure,
  findOperation,
  type HistoryEntry,
  isSettled,
  type Operation,
  type Payment,
} from './payment.ts';

/** What the audit log keeps of the change that made a version: enough for a reader to follow, and no personal data. */
export type ChangeEntry = Readonly<
  Pick<Payment, 'payment_id' | 'merchant_id' | 'livemode' | 'version'> &
    Pick<HistoryEntry, 'at' | 'kind' | 'status' | 'actor' | 'reason'> & {
      operation: ChangedOperation;
      /** Written from the payment's history, since the feed had lost the change: later records may come before it. */
      filled?: true;
    } & Partial<Creation>
>;

/** Without nulls; without `kind` where it is the change's, and without `amount` where it is the payment's. */
type ChangedOperation = Pick<Operation, 'id' | 'outcome'> &
  Partial<Pick<Operation, 'kind' | 'amount'>> & {
    psp_reference?: string;
    failure?: Partial<Failure>;
    reason?: string;
  };

/** Said once, by version 1. `capture_method` is not among them: the kind, charge or authorize, tells it. */
type Creation = Pick<Payment, 'amount' | 'currency' | 'payment_method' | 'connector' | 'request_hash'> & {
  /** SHA-256 of description and metadata, base64url, if there are any: they can be proved, and not read. */
  details_hash?: string;
};

/**
 * The record of the change that made this version of a payment. A function of the payment alone, so that the
 * same change read from the feed again gives the same bytes.
 */
export function auditEntry(payment: Payment): ChangeEntry {
  const change = payment.history.at(-1) as HistoryEntry;
  return entryOf(payment, change, findOperation(payment, change.operation_id) as Operation);
}

/**
 * The record of an earlier change, from what any later version of the payment tells of it. What was settled by then has
 * not changed since; what was not may have had a PSP's reference, which nobody knows any more: it is left out.
 * @param version from 1 to the payment's own
 */
export function entryFromHistory(payment: Payment, version: number): ChangeEntry {
  const change = payment.history[version - 1];
  if (!change) throw new RangeError(`Payment ${payment.payment_id} has no version ${version}.`);
  const now = findOperation(payment, change.operation_id) as Operation;
  const then = { ...now, outcome: change.outcome };
  const isKnown = version === payment.version || isSettled(then);
  const known = isKnown ? then : { ...then, psp_reference: null, failure: null };
  return { ...entryOf(payment, change, known), filled: true };
}

/** @param operation as it was after the change */
function entryOf(payment: Payment, change: HistoryEntry, operation: Operation): ChangeEntry {
  const { version } = change;
  return {
    payment_id: payment.payment_id,
    merchant_id: payment.merchant_id,
    livemode: payment.livemode,
    version,
    at: change.at,
    kind: change.kind,
    operation: changedOperation(operation, change),
    status: change.status,
    actor: change.actor,
    ...(change.reason === undefined ? {} : { reason: change.reason }),
    ...(version === 1 ? creation(payment) : {}),
  };
}

function changedOperation(operation: Operation, change: HistoryEntry): ChangedOperation {
  return {
    id: operation.id,
    ...(operation.kind === change.kind ? {} : { kind: operation.kind }),
    ...(change.version === 1 ? {} : { amount: operation.amount }),
    outcome: operation.outcome,
    ...(operation.psp_reference === null ? {} : { psp_reference: operation.psp_reference }),
    ...(operation.failure === null ? {} : { failure: withoutNulls(operation.failure) }),
    ...(operation.reason === null ? {} : { reason: operation.reason }),
  };
}

function withoutNulls(failure: Failure): Partial<Failure> {
  return Object.fromEntries(Object.entries(failure).filter(([, value]) => value !== null));
}

function creation(payment: Payment): Creation {
  const { amount, currency, payment_method, connector, request_hash, description, metadata } = payment;
  const said = { amount, currency, payment_method, connector, request_hash };
  if (description === null && Object.keys(metadata).length === 0) return said;
  return { ...said, details_hash: hash('sha256', canonicalJson({ description, metadata }), 'base64url') };
}
