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

/** All of them are as long. */
const PREFIX_LENGTH = REFERENCE_PREFIXES.charge.length;

/**
 * Letters and digits of base64url: 84 bits, so that no two of even a billion keys are expected to meet. Hexadecimal
 * would have as many digits in a row as a card number in one of a hundred references.
 */
const SLOT_LENGTH = 14;

/** The short form of an idempotency key, by which the simulator files an operation and makes its reference. */
export function slotOf(key: string): string {
  return hash('sha256', key, 'base64url').slice(0, SLOT_LENGTH);
}

/** The simulator's own name for an operation. */
export function referenceOf(kind: OperationKind, slot: string): string {
  return REFERENCE_PREFIXES[kind] + slot;
}

export function slotIn(reference: string): string {
  return reference.slice(PREFIX_LENGTH);
}
