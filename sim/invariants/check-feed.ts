import type { Payment } from '../../src/domain/payment.ts';
import type { WorkItem } from '../../src/ports/work-queue.ts';
import { demand } from './demand.ts';
import { nameOf, type Track, type Tracks } from './track.ts';

/** Invariant 8: a change and its feed record exist together, and per payment the feed is in version order. */
export interface FeedCheck {
  fed(consumer: string, payments: readonly Payment[]): void;
  sent(item: WorkItem): void;
  /** Everything was read that ever changed. */
  drained(): void;
}

/** Readers that are given only the changes that dispatch an operation. */
const READS_DISPATCHES = 'relay';

/**
 * @param losesRecords the feed is a stream, of which a record may be lost, and whose pollers split what failed: then
 *   neither order nor completeness is promised, and the sweep heals both
 */
export function createFeedCheck(tracks: Tracks, losesRecords: boolean): FeedCheck {
  /** Consumer and payment → the newest version that was read. */
  const read = new Map<string, number>();
  /** Dispatched operations that the relay has read and not sent yet, and so must send before it reads on. */
  let toSend: { track: Track; operation: string }[] = [];

  function checkIsTrue(track: Track, payment: Payment): void {
    const durable = track.versions[payment.version - 1];
    const same =
      durable !== undefined &&
      durable.updated_at === payment.updated_at &&
      durable.status === payment.status &&
      durable.dispatch === payment.dispatch &&
      durable.operations.length === payment.operations.length;
    demand(8, same, () => `the feed tells of ${track.name} v${payment.version}, which was never so`);
  }

  function checkOrder(consumer: string, track: Track, { version }: Payment): void {
    const place = `${consumer} ${track.name}`;
    const last = read.get(place) ?? 0;
    // What was read before may be read again.
    for (let skipped = last + 1; skipped < version; skipped += 1) {
      const matters = consumer !== READS_DISPATCHES || track.versions[skipped - 1]?.dispatch !== null;
      demand(8, !matters, () => `${consumer} was given v${version} of ${track.name} before v${skipped}`);
    }
    if (version > last) read.set(place, version);
  }

  /** A position is committed only when everything before it is sent: or a crash in between would lose it. */
  function checkSent(payments: readonly Payment[]): void {
    const again = new Set(payments.map((payment) => `${nameOf(payment)} ${payment.dispatch}`));
    for (const { track, operation } of toSend) {
      const isSent = tracks.operation(track, operation).sent || again.has(`${track.name} ${operation}`);
      demand(8, isSent, () => `the relay has read on, and never sent ${track.name} ${operation}`);
    }
    toSend = [];
  }

  return {
    fed(consumer, payments) {
      if (!losesRecords && consumer === READS_DISPATCHES) checkSent(payments);
      for (const payment of payments) {
        const track = tracks.get(payment);
        checkIsTrue(track, payment);
        if (losesRecords) continue;
        checkOrder(consumer, track, payment);
        if (consumer !== READS_DISPATCHES || payment.dispatch === null) continue;
        if (!tracks.operation(track, payment.dispatch).sent)
          toSend.push({ track, operation: payment.dispatch });
      }
    },

    sent(item) {
      tracks.operation(tracks.get(item), item.operation_id).sent = true;
    },

    drained() {
      if (losesRecords) return;
      checkSent([]);
      for (const track of tracks.all()) {
        for (const { version, dispatch } of track.versions) {
          const isRead = (consumer: string) => (read.get(`${consumer} ${track.name}`) ?? 0) >= version;
          demand(8, isRead('audit'), () => `${track.name} v${version} was never fed to the audit`);
          demand(
            8,
            dispatch === null || isRead(READS_DISPATCHES),
            () => `${track.name} v${version} was never fed to the relay, and dispatches ${dispatch}`,
          );
        }
      }
    },
  };
}
