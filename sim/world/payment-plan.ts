import { AUTHORIZATION_TTL_MS, CHALLENGE_TTL_MS } from '../../src/domain/limits.ts';
import type { Random } from '../engine/random.ts';

/** What a merchant's program means to do with one payment. */
export interface PaymentPlan {
  number: number;
  /** Which merchant. */
  merchant: number;
  startMs: number;
  payment_id: string | null;
  key: string | null;
  fields: Readonly<Record<string, unknown>>;
  waitSeconds: number;
  /** Sent at the same moment again. */
  twins: number;
  acts: readonly Act[];
}

export interface Act {
  afterMs: number;
  what: 'get' | 'history' | 'list' | 'capture' | 'cancel' | 'refund' | 'refunds' | 'replay' | 'mismatch';
  /** Part of the amount: 1 all of it, more than 1 too much; null does not say. */
  share: number | null;
  key: string | null;
  refund_id: string | null;
  /** Sent side by side, each with a key and id of its own. */
  rivals: number;
  /** Sent side by side, all the same. */
  twins: number;
  waitSeconds: number;
  /** Goes on however hopeless it is. */
  isStubborn: boolean;
}

const SECOND_MS = 1_000;
const HOUR_MS = 3_600 * SECOND_MS;
/** Pauses between what is done with a payment: most are short, some reach over the bounds of the rules. */
const PAUSES_MS = [
  ...[50, SECOND_MS, 5 * SECOND_MS, 5 * SECOND_MS, 30 * SECOND_MS, 300 * SECOND_MS],
  ...[HOUR_MS, 5 * HOUR_MS, CHALLENGE_TTL_MS + HOUR_MS, AUTHORIZATION_TTL_MS + HOUR_MS],
];
/** Of the pauses above, those that a hurried life knows. */
const HURRIED = 6;

/** Tokens, the ones that make trouble more often than merchants meet them. */
const CHALLENGED = 'pm_card_authenticationRequired';
const TOKENS = [
  ...['pm_card_visa', 'pm_card_visa', 'pm_card_visa', 'pm_card_visa', 'pm_card_chargeDeclined'],
  ...[CHALLENGED, CHALLENGED, CHALLENGED, 'pm_card_pendingRefund', 'pm_card_pendingRefund'],
  ...[
    'pm_card_refundFail',
    'pm_sim_captureFail',
    'pm_sim_cancelFail',
    'pm_sim_timeout',
    'pm_sim_timeout_lost',
  ],
  ...['pm_sim_unavailable_1', 'pm_sim_unavailable_3', 'pm_sim_unavailable_20', 'no-such-token'],
];
const CURRENCIES = ['eur', 'usd', 'jpy'];
const AMOUNTS = [100, 100, 1, 999, 12_345];

export function planPayment(random: Random, number: number, merchants: number, spanMs: number): PaymentPlan {
  const isHurried = random.chance(0.6);
  const merchant = random.int(merchants);
  const name = MERCHANTS[merchant] as string;
  const style = random.int(4);
  const isManual = random.chance(0.45);
  const token = random.pick(TOKENS);
  const isNamed = style !== 1 && style !== 3;
  return {
    number,
    merchant,
    startMs: random.int(spanMs),
    // One id is used by every merchant, and more than once.
    payment_id: isNamed ? (random.chance(0.1) ? 'shared-order' : `${name}-order-${number}`) : null,
    key: style === 1 || style === 2 ? `${name}-key-${number}` : null,
    fields: {
      amount: random.pick(AMOUNTS),
      currency: random.pick(CURRENCIES),
      payment_method: token,
      // What must be found in no log, audit record, message or error.
      description: `canary_${name}-${number}`,
      metadata: { order: `canary_${name}-${number}` },
      ...(isManual ? { capture_method: 'manual' } : {}),
    },
    waitSeconds: random.chance(0.1) ? 1 + random.int(4) : 0,
    twins: random.chance(0.15) ? 2 : 1,
    acts: planActs(random, name, number, { isManual, isHurried, isChallenged: token === CHALLENGED }),
  };
}

export const MERCHANTS = ['acme', 'bolt', 'cora'];

function planActs(
  random: Random,
  name: string,
  number: number,
  { isManual, isHurried, isChallenged }: Record<'isManual' | 'isHurried' | 'isChallenged', boolean>,
): Act[] {
  const kinds: Act['what'][] = [];
  if (isManual && random.chance(0.75)) kinds.push(random.chance(0.65) ? 'capture' : 'cancel');
  if (random.chance(isChallenged ? 0.5 : 0.1)) kinds.unshift('cancel');
  const mayRefund = !isManual || kinds.includes('capture');
  const refunds = random.chance(mayRefund ? 0.6 : 0.1) ? 1 + random.int(2) : 0;
  for (let n = 0; n < refunds; n += 1) kinds.push('refund');
  const looks = random.int(2);
  for (let n = 0; n < looks; n += 1) {
    const look = random.pick(['get', 'list', 'get', 'history', 'refunds', 'replay', 'mismatch'] as const);
    kinds.splice(random.int(kinds.length + 1), 0, look);
  }
  return kinds.map((what, index) => planAct(random, what, `${name}-${number}-${index}`, isHurried));
}

function planAct(random: Random, what: Act['what'], label: string, isHurried: boolean): Act {
  const pauses = isHurried ? HURRIED : PAUSES_MS.length;
  const isRefund = what === 'refund';
  return {
    afterMs: random.int(PAUSES_MS[random.int(pauses)] as number),
    what,
    share: random.chance(0.4) ? null : random.pick([0.6, 0.6, 0.3, 1, 1.01]),
    key: random.chance(0.6) ? `key-${label}` : null,
    refund_id: isRefund && random.chance(0.4) ? `re-${label}` : null,
    rivals: random.chance(isRefund ? 0.3 : 0.1) ? 2 : 1,
    twins: random.chance(0.15) ? 2 : 1,
    waitSeconds: random.chance(0.08) ? 1 + random.int(4) : 0,
    isStubborn: random.chance(0.2),
  };
}
