import { MAX_ATTEMPTS, MAX_REVERSAL_ATTEMPTS } from '../../src/domain/limits.ts';
import type { Operation, Payment, PaymentRef } from '../../src/domain/payment.ts';

/** All that the observations have told of one payment: the checker's own memory, which no store can lose. */
export interface Track {
  readonly name: string;
  readonly merchant: string;
  /** Every version that was durable once; version n at n - 1. */
  readonly versions: Payment[];
  readonly operations: Map<string, OperationTrack>;
  /** The newest version that a client was shown with a 2xx answer. */
  shown: number;
  /** When `canceled` was written; null while it is not. */
  canceledMs: number | null;
  /** Idempotency keys (as hashes, in the item) that have added an operation. */
  readonly keyHashes: Set<string>;
}

/** What the PSP was asked and has said of one operation. */
export interface OperationTrack {
  /** What it has answered, to anybody, delivered or not. */
  readonly heard: Set<string>;
  /** When it last said `succeeded`. */
  lastSuccessMs: number;
  lastLookupMs: number;
  /** A look-up that found nothing came after the last request to execute. */
  notFoundSince: boolean;
  /** When the cap on attempts was reached; null while it is not. */
  cappedSinceMs: number | null;
  /** When `unknown` was written; null while it is not unknown. */
  unknownSinceMs: number | null;
  /** A person's word has settled it: no PSP has to confirm that. */
  byHand: boolean;
  sent: boolean;
}

export function nameOf({ livemode, merchant_id, payment_id }: PaymentRef): string {
  return `${livemode ? 'live' : 'test'}/${merchant_id}/${payment_id}`;
}

export function lastOf(track: Track): Payment | null {
  return track.versions[track.versions.length - 1] ?? null;
}

export function operationOf(payment: Payment | null, id: string): Operation | undefined {
  return payment?.operations.find((operation) => operation.id === id);
}

export function maxAttempts({ kind }: Pick<Operation, 'kind'>): number {
  return kind === 'reversal' ? MAX_REVERSAL_ATTEMPTS : MAX_ATTEMPTS;
}

/** The tracks of a life, by payment. */
export interface Tracks {
  get(ref: PaymentRef): Track;
  known(ref: PaymentRef): Track | undefined;
  operation(track: Track, id: string): OperationTrack;
  all(): Iterable<Track>;
}

export function createTracks(): Tracks {
  const tracks = new Map<string, Track>();

  return {
    known: (ref) => tracks.get(nameOf(ref)),
    get(ref) {
      const name = nameOf(ref);
      const known = tracks.get(name);
      if (known) return known;
      const fresh: Track = {
        name,
        merchant: ref.merchant_id,
        versions: [],
        operations: new Map(),
        shown: 0,
        canceledMs: null,
        keyHashes: new Set(),
      };
      tracks.set(name, fresh);
      return fresh;
    },
    operation(track, id) {
      const known = track.operations.get(id);
      if (known) return known;
      const fresh: OperationTrack = {
        heard: new Set(),
        lastSuccessMs: Number.NEGATIVE_INFINITY,
        lastLookupMs: Number.NEGATIVE_INFINITY,
        notFoundSince: false,
        cappedSinceMs: null,
        unknownSinceMs: null,
        byHand: false,
        sent: false,
      };
      track.operations.set(id, fresh);
      return fresh;
    },
    all: () => tracks.values(),
  };
}
