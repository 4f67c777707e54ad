import { hash } from 'node:crypto';
import { GAP } from '../domain/audit-gap.ts';
import { MAX_HISTORY } from '../domain/limits.ts';
import type { PaymentRef } from '../domain/payment.ts';
import { createBitsByHash } from './bits-by-hash.ts';

/** Which versions of which payments an audit log holds: a bit for each, as there may be a hundred million payments. */
export interface LoggedVersions {
  /** A record of the log. What is about no version of a payment is let be. */
  add(record: LoggedRecord): void;
  /** What there is of a payment. Asked for once, it counts as left no more. */
  take(ref: PaymentRef): Versions;
  /** Payments that nobody has asked for; and whether one of them may lack a version. */
  left(): { payments: number; mayLack: boolean };
  isLeft(ref: PaymentRef): boolean;
}

export interface Versions {
  /** Whether the change stands in the log. */
  has(version: number): boolean;
  /** Whether the log says that nothing is known of the change. */
  isGap(version: number): boolean;
  /** The greatest version with a record of its change; 0 without any. */
  last: number;
}

/** The part of a record that tells what it is about. */
export type LoggedRecord = Partial<PaymentRef> & { version?: unknown; kind?: unknown };

/** Bit n is version n, for payments with few of them, which is nearly all. */
const MAX_BIT_VERSION = 29;
/** The log knows the payment, and nobody has asked for it yet. */
const LEFT = 1;
/** There are versions beyond those that have a bit. */
const HAS_MORE = 1 << 30;

export function createLoggedVersions(): LoggedVersions {
  const bitsByHash = createBitsByHash();
  const more = new Map<string, Set<number>>();
  const gaps = new Map<string, Set<number>>();

  return {
    add({ payment_id, merchant_id, livemode, version, kind }) {
      if (payment_id === undefined || merchant_id === undefined || livemode === undefined) return;
      if (!isVersion(version)) return;
      const key = keyOf({ payment_id, merchant_id, livemode });
      if (kind === GAP) return note(gaps, key, version);
      const isFew = version <= MAX_BIT_VERSION;
      if (!isFew) note(more, key, version);
      const place = hashOf(key);
      bitsByHash.set(place, bitsByHash.get(place) | LEFT | (isFew ? 1 << version : HAS_MORE));
    },

    take(ref) {
      const key = keyOf(ref);
      const place = hashOf(key);
      const bits = bitsByHash.get(place);
      if (bits !== 0) bitsByHash.set(place, bits & ~LEFT);
      const further = bits & HAS_MORE ? more.get(key) : undefined;
      return {
        has: (version) =>
          version <= MAX_BIT_VERSION ? (bits & (1 << version)) !== 0 : (further?.has(version) ?? false),
        isGap: (version) => gaps.get(key)?.has(version) ?? false,
        last: further ? Math.max(...further) : lastBit(bits),
      };
    },

    left() {
      let payments = 0;
      let mayLack = false;
      for (const bits of bitsByHash.values()) {
        if (!(bits & LEFT)) continue;
        payments += 1;
        // Bits without a hole below them are one less than a power of two.
        mayLack ||= (bits & HAS_MORE) !== 0 || (bits & (bits + 1)) !== 0;
      }
      return { payments, mayLack };
    },

    isLeft: (ref) => (bitsByHash.get(hashOf(keyOf(ref))) & LEFT) !== 0,
  };
}

/** The log is the outside: a number that no payment reaches would take memory without end. */
function isVersion(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= MAX_HISTORY;
}

function note(into: Map<string, Set<number>>, key: string, version: number): void {
  const there = into.get(key);
  if (there) there.add(version);
  else into.set(key, new Set([version]));
}

function lastBit(bits: number): number {
  return bits === 0 ? 0 : 31 - Math.clz32(bits & ~HAS_MORE & ~LEFT);
}

/** `#` occurs in neither a merchant's id nor a payment's. */
function keyOf({ payment_id, merchant_id, livemode }: PaymentRef): string {
  return `${livemode ? 'live' : 'test'}#${merchant_id}#${payment_id}`;
}

function hashOf(key: string): Uint8Array {
  return hash('sha256', key, 'buffer');
}
