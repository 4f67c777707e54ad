import type { Operation, Payment } from '../../src/domain/payment.ts';
import { demand } from './demand.ts';

function sum(operations: readonly Operation[], wanted: (operation: Operation) => boolean): number {
  return operations.reduce((total, operation) => (wanted(operation) ? total + operation.amount : total), 0);
}

/** Invariant 4, from the operations alone and then against what the header says. Minor units. */
export function checkMoney(name: string, payment: Payment): void {
  const { operations, amount } = payment;
  for (const operation of operations) {
    demand(
      4,
      Number.isSafeInteger(operation.amount) && operation.amount > 0,
      () => `${name} ${operation.id} is about ${operation.amount}, which is no amount of minor units`,
    );
  }
  const first = operations[0];
  const authorized = first?.outcome === 'succeeded' ? first.amount : 0;
  const isCanceled = payment.status === 'canceled';
  const taken = sum(
    operations,
    ({ kind, outcome }) => (kind === 'charge' || kind === 'capture') && outcome === 'succeeded',
  );
  const captured = isCanceled ? 0 : taken;
  const claimed = sum(operations, ({ kind, outcome }) => kind === 'refund' && outcome !== 'failed');
  const refunded = sum(operations, ({ kind, outcome }) => kind === 'refund' && outcome === 'succeeded');
  demand(
    4,
    claimed <= captured && captured <= authorized && authorized <= amount,
    () =>
      `${name}: refunds ${claimed} ≤ captured ${captured} ≤ authorized ${authorized} ≤ amount ${amount} is broken`,
  );
  for (const { id, kind, amount: asked } of operations) {
    demand(
      4,
      kind !== 'capture' || asked <= authorized,
      () => `${name} ${id}: ${asked} of ${authorized} authorized`,
    );
  }
  const capturable = payment.status === 'authorized' ? authorized : 0;
  const expected = [captured, refunded, captured - claimed, capturable];
  const said = [
    payment.amount_captured,
    payment.amount_refunded,
    payment.amount_refundable,
    payment.amount_capturable,
  ];
  demand(
    4,
    said.every((minor, place) => minor === expected[place]),
    () =>
      `${name}: captured, refunded, refundable, capturable are ${said.join(', ')} in the header and ` +
      `${expected.join(', ')} by the operations`,
  );
}
