import { hash } from 'node:crypto';
import type { OperationKind } from '../../domain/payment.ts';

const REFERENCE_PREFIXES: Readonly<Record<OperationKind, string>> = {
  charge: 'sim_ch_',
  authorize: 'sim_au_',
  capture: 'sim_cp_',
  cancel: 'sim_cn_',
  refund: 'sim_re_',
  reversal: 'sim_rv_',
};

/** Hexadecimal digits: 80 bits, so that no two of even a billion keys are expected to meet. */
const SLOT_LENGTH = 20;

/** The short form of an idempotency key, by which the simulator files an operation and makes its reference. */
export function slotOf(key: string): string {
  return hash('sha256', key, 'hex').slice(0, SLOT_LENGTH);
}

/** The simulator's own name for an operation. Its digits touch a letter or the underscore: no card number ever. */
export function referenceOf(kind: OperationKind, slot: string): string {
  return REFERENCE_PREFIXES[kind] + slot;
}

export function slotIn(reference: string): string {
  return reference.slice(reference.lastIndexOf('_') + 1);
}
