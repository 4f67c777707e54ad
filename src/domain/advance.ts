import { derive } from './derive.ts';
import {
  ENTRIES_TO_SETTLE,
  MAX_HISTORY,
  MAX_OPERATIONS,
  SYSTEM_ENTRIES,
  SYSTEM_OPERATIONS,
} from './limits.ts';
import {
  findOperation,
  type HistoryEntry,
  isSettled,
  type Operation,
  type Payment,
  timestamp,
} from './payment.ts';

export interface Step {
  kind: HistoryEntry['kind'];
  operation_id: string;
  actor: string;
  nowMs: number;
  reason?: string | undefined;
}

type Header = Partial<Pick<Payment, 'authorization_expires_at'>>;

/**
 * The next version of a payment: the only function that makes one (invariant 6: version grows by exactly one).
 * @param dispatch the operation that the relay shall send because of this write, or null
 */
export function advance(
  payment: Payment,
  operations: readonly Operation[],
  step: Step,
  dispatch: string | null = null,
  header: Header = {},
): Payment {
  const derived = derive({ operations });
  const version = payment.version + 1;
  const at = timestamp(step.nowMs);
  const operation = findOperation({ operations }, step.operation_id) as Operation;
  const entry: HistoryEntry = {
    version,
    at,
    kind: step.kind,
    operation_id: step.operation_id,
    outcome: operation.outcome,
    status: derived.status,
    actor: step.actor,
    ...(step.reason === undefined ? {} : { reason: step.reason }),
  };
  return {
    ...payment,
    ...header,
    ...derived,
    version,
    operations,
    history: [...payment.history, entry],
    dispatch,
    updated_at: at,
  };
}

export function replaceOperation(payment: Payment, changed: Operation): Operation[] {
  return payment.operations.map((operation) => (operation.id === changed.id ? changed : operation));
}

/** The most entries that an operation may still need; at most `ENTRIES_TO_SETTLE`. */
function entriesToSettle(operation: Operation): number {
  if (isSettled(operation)) return 0;
  const toLearnOfIt = operation.outcome === 'pending' && operation.psp_reference === null ? 1 : 0;
  const toDeadLetter = operation.dead_lettered_at === null ? 1 : 0;
  return toLearnOfIt + toDeadLetter + 1;
}

/** Entries there are, and those that what is unsettled may still need: settling is never refused for want of room. */
function entriesClaimed(payment: Payment): number {
  return payment.operations.reduce(
    (sum, operation) => sum + entriesToSettle(operation),
    payment.history.length,
  );
}

/**
 * Whether another operation fits: of a merchant, or the cancel of what has expired. Both leave room for a reversal,
 * which therefore is never asked whether it fits.
 */
export function hasRoom(payment: Payment, by: 'merchant' | 'expiry'): boolean {
  const needed = 1 + ENTRIES_TO_SETTLE;
  const [operationsKept, entriesKept] =
    by === 'merchant'
      ? [SYSTEM_OPERATIONS, SYSTEM_ENTRIES]
      : [SYSTEM_OPERATIONS - 1, SYSTEM_ENTRIES - needed];
  return (
    payment.operations.length < MAX_OPERATIONS - operationsKept &&
    entriesClaimed(payment) + needed + entriesKept <= MAX_HISTORY
  );
}

/** Whether this next version of a payment, which settles nothing, leaves room for all that must still be written. */
export function leavesRoom(next: Payment): boolean {
  return entriesClaimed(next) + SYSTEM_ENTRIES <= MAX_HISTORY;
}

/** Whether the last change of an operation is one that room was kept for when it was added. */
export function wasReserved(before: Operation, after: Operation): boolean {
  return entriesToSettle(after) < entriesToSettle(before);
}
