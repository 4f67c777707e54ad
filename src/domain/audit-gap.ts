import { type Payment, type PaymentRef, timestamp } from './payment.ts';

/**
 * Says in the audit log that a change happened of which nothing is known but its place: neither the feed nor the
 * payment tells of it any more.
 */
export type GapEntry = Readonly<
  PaymentRef & Pick<Payment, 'version'> & { at: string; kind: typeof GAP; reason: string }
>;

/** The kind of such a record. No change has it, so that a gap never passes for a change. */
export const GAP = 'gap';

/** @param nowMs when the gap was found, since nobody knows when the change was made */
export function gapEntry(ref: PaymentRef, version: number, nowMs: number, reason: string): GapEntry {
  const { payment_id, merchant_id, livemode } = ref;
  return { payment_id, merchant_id, livemode, version, at: timestamp(nowMs), kind: GAP, reason };
}
