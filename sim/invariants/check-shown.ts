import type { Operation, Payment } from '../../src/domain/payment.ts';
import type { ClientRequest } from '../observe/observation.ts';
import { demand } from './demand.ts';
import { operationOf, type Track, type Tracks } from './track.ts';

/** A payment or refund as an answer shows it. */
export type Shown = Readonly<Record<string, unknown>>;

/** Fields that an answer shows as they are stored. */
const PLAIN = [
  'payment_id',
  'livemode',
  'status',
  'amount',
  'currency',
  'capture_method',
  'payment_method',
  'amount_capturable',
  'amount_captured',
  'amount_refunded',
  'amount_refundable',
  'cancellation_reason',
  'description',
  'connector',
  'authorization_expires_at',
  'created_at',
  'updated_at',
] as const satisfies readonly (keyof Payment)[];

/**
 * Invariants 2 and 10: what an answer shows of a payment is what was durable of this merchant's payment at that
 * version, to the field. Answers with its track.
 */
export function checkShownPayment(tracks: Tracks, request: ClientRequest, shown: Shown): Track {
  const { merchant_id, livemode } = request;
  const track = tracks.known({ merchant_id, livemode, payment_id: String(shown.payment_id) });
  const stored = track?.versions[Number(shown.version) - 1];
  demand(
    track && track.versions.length > 0 ? 2 : 10,
    stored !== undefined,
    () =>
      `${merchant_id} was shown version ${shown.version} of ${shown.payment_id}, and ` +
      `${track?.versions.length ?? 0} versions of it are durable`,
  );
  if (!track || !stored) throw new Error('unreachable: what is not stored was refused above');
  for (const field of PLAIN) {
    demand(
      isWord(field) ? 10 : 2,
      stored[field] === shown[field],
      () =>
        `${track.name} v${stored.version}: ${field} was shown as ${shown[field]}, and is ${stored[field]}`,
    );
  }
  demand(
    10,
    JSON.stringify(stored.metadata) === JSON.stringify(shown.metadata),
    () => `${track.name}: metadata was shown as ${JSON.stringify(shown.metadata)}`,
  );
  track.shown = Math.max(track.shown, stored.version);
  return track;
}

/** What the merchant wrote, so that a difference is somebody else's. */
function isWord(field: (typeof PLAIN)[number]): boolean {
  return field === 'description' || field === 'amount' || field === 'payment_method';
}

/** The same for a refund, which has no version: what never changes of it, and an outcome that it has had. */
export function checkShownRefund(track: Track, payment: Payment | null, shown: Shown): Operation | undefined {
  const operation = operationOf(payment, String(shown.refund_id));
  demand(
    2,
    operation?.kind === 'refund',
    () => `${track.name} has no refund ${shown.refund_id}, which was shown`,
  );
  if (!operation || !payment) return undefined;
  const expected = [
    payment.payment_id,
    operation.amount,
    payment.currency,
    operation.reason,
    operation.requested_at,
  ];
  const fields = ['payment_id', 'amount', 'currency', 'reason', 'created_at'];
  for (const [place, field] of fields.entries()) {
    demand(
      2,
      shown[field] === expected[place],
      () => `${track.name} ${operation.id}: ${field} was shown as ${shown[field]}, and is ${expected[place]}`,
    );
  }
  const { status } = shown;
  demand(
    7,
    status === 'pending' || status === operation.outcome,
    () => `${track.name} ${operation.id} was shown as ${status}, and is ${operation.outcome}`,
  );
  return operation;
}
