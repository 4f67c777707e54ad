import type { Usage } from '../bill/usage.ts';
import type { Mix } from '../mix/mix.ts';
import { KEPT_PAYMENT, type Kept } from './design.ts';
import { requestPath } from './request-path.ts';
import { standing } from './standing.ts';
import { logStorage, stored, writes } from './stored.ts';

/** `memory_size=512`, `Architecture.ARM_64`. */
const SHAPE = { memoryMb: 512, gbSecondPrice: 'lambda.gbs.arm' } as const;
const NAT_GATEWAYS = 1;
const LOGS_KEPT_DAYS = 7;

/**
 * The reference design as written, "Payment Processing Infrastructure - Cost Optimized with Advanced Security": its
 * call path and its resources as data. Whatever is doubtful is counted in its favour (`IN_ITS_FAVOUR`).
 * @param paymentsPerMonth payments created in a month
 * @param kept what is stored of a payment; by default a whole one, and not the four attributes of its code
 */
export function usagesAsWritten(
  paymentsPerMonth: number,
  mix: Mix,
  kept: Kept = KEPT_PAYMENT,
): readonly Usage[] {
  const path = requestPath(paymentsPerMonth, mix, SHAPE);
  return [
    ...path,
    writes(paymentsPerMonth),
    ...stored(paymentsPerMonth, mix, kept),
    logStorage(path, mix, LOGS_KEPT_DAYS),
    ...standing(NAT_GATEWAYS),
  ];
}

/** What the reference would pay for, or does not do, and is not charged with here. */
export const IN_ITS_FAVOUR: readonly string[] = [
  'It asks no PSP: no call leaves, no function waits for an answer (Tollgate pays for both), and there is nothing to refund.',
  'Its reads are charged no database read; as written, they fail.',
  "A whole payment is counted as 700 bytes of attributes; as attributes, Tollgate's own item was metered at 825.",
  'A replayed request counts as a read; as written, it is a second payment, with all that one costs.',
  'Log groups are kept 7 days as its README says; the execution log of its API, which is most of it, has no retention set.',
  'No authorizer, keys, backups, traces, flow logs, firewall logs or Config rules: it promises some of them, and has none.',
  'Cold starts, KMS requests of its queues, alerts sent, and detailed metrics of its instances are left out.',
  'Its queue is read in batches of two messages at the least, whatever the rate.',
];
