import { derive } from './derive.ts';
import { ENTRIES_TO_SETTLE, MAX_HISTORY, MAX_OPERATIONS, SYSTEM_OPERATIONS } from './limits.ts';
import { findOperation, type HistoryEntry, isSettled, type Operation, type Payment, timestamp } from './payment.ts';

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

/** Entries that what is unsettled may still need, so that settling is never refused for want of room. */
function reservedEntries(payment: Payment): number {
  const unsettled = payment.operations.filter((operation) => !isSettled(operation)).length;
  return (unsettled + SYSTEM_OPERATIONS) * ENTRIES_TO_SETTLE + SYSTEM_OPERATIONS;
}

/** Whether another operation of a merchant fits (`by: 'merchant'`), or one of the system's own. */
export function hasRoom(payment: Payment, by: 'merchant' | 'system'): boolean {
  if (by === 'system') return payment.operations.length < MAX_OPERATIONS && payment.history.length < MAX_HISTORY;
  return (
    payment.operations.length < MAX_OPERATIONS - SYSTEM_OPERATIONS &&
    payment.history.length + reservedEntries(payment) + 1 + ENTRIES_TO_SETTLE <= MAX_HISTORY
  );
}

/** Whether an entry that only keeps count (an attempt, a look-up without news) may still be written. */
export function hasRoomForNote(payment: Payment): boolean {
  return payment.history.length + reservedEntries(payment) < MAX_HISTORY;
}
