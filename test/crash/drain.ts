import { createSystemTimers } from '../../src/adapters/system/system-timers.ts';
import { AUDIT } from '../../src/app/audit.ts';
import type { Folder } from '../../src/wiring.ts';
import { isUnsettled } from './check-books.ts';

/** How long a server may take to settle everything: look-ups of lost answers take some seconds. */
const DRAIN_LIMIT_MS = 30_000;
const DRAIN_POLL_MS = 200;

const timers = createSystemTimers();

/** Waits until nothing is unsettled, queued or unaudited; answers how long it took, in ms. */
export async function drain({ store, queue }: Folder, found: (finding: string) => void): Promise<number> {
  const startedAt = performance.now();
  for (;;) {
    const { waiting, delayed, inFlight } = await queue.depth();
    const left = waiting + delayed + inFlight + store.lag(AUDIT);
    const unsettled = await countUnsettled(store);
    const tookMs = performance.now() - startedAt;
    if (left + unsettled === 0) return tookMs;
    if (tookMs > DRAIN_LIMIT_MS) {
      found(
        `After ${DRAIN_LIMIT_MS / 1_000} s ${unsettled} payments are unsettled; in the queue: ${waiting} waiting, ` +
          `${delayed} delayed, ${inFlight} in flight; ${store.lag(AUDIT)} changes are not in the audit log`,
      );
      return tookMs;
    }
    await timers.sleep(DRAIN_POLL_MS);
  }
}

async function countUnsettled(store: Folder['store']): Promise<number> {
  let unsettled = 0;
  let cursor: string | null = null;
  do {
    const page = await store.due(Number.MAX_SAFE_INTEGER, cursor, 1_000);
    unsettled += page.payments.filter(isUnsettled).length;
    cursor = page.cursor;
  } while (cursor !== null);
  return unsettled;
}
