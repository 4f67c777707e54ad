import { replaceOperation } from './advance.ts';
import { systemOperationId } from './new-operation.ts';
import { type Operation, type Payment, timestamp } from './payment.ts';
import { addOperation } from './request-operation.ts';

/**
 * Success after a confirmed cancel: the money goes back. Exactly once (invariant 7), since it settles the operation
 * whose success it is. Room for it is always left, see `hasRoom`.
 */
export function reverseLateSuccess(
  payment: Payment,
  operation: Operation,
  pspReference: string | null,
  by: { nowMs: number; actor: string; reason?: string },
): Payment {
  const truth: Operation = {
    ...operation,
    outcome: 'succeeded',
    psp_reference: pspReference,
    next_action: null,
    next_step_at: null,
    dead_lettered_at: null,
    settled_at: timestamp(by.nowMs),
  };
  const told = { ...payment, operations: replaceOperation(payment, truth) };
  const id = systemOperationId('reversal', payment.version + 1);
  return addOperation(told, 'reversal', id, operation.amount, by).payment;
}
