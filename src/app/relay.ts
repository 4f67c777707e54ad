import { findOperation, type Payment } from '../domain/payment.ts';
import type { ChangeFeed } from '../ports/change-feed.ts';
import type { WorkItem, WorkQueue } from '../ports/work-queue.ts';

/** The relay's name in the change feed. */
export const RELAY = 'relay';

/** Changes in one step: enough to fill a group commit, small enough to hold the event loop for few milliseconds. */
const RELAY_BATCH = 256;

export interface Relay {
  /** Sends what these changes ask to be sent. May be told the same again: the worker skips what is settled. */
  handle(payments: readonly Payment[]): Promise<void>;
  /** One bounded batch from the feed; how many operations were sent. */
  step(): Promise<number>;
}

/** The item that names the operation which this version of a payment dispatches; null if it dispatches none. */
export function dispatchedItem({ merchant_id, livemode, payment_id, dispatch }: Payment): WorkItem | null {
  if (dispatch === null) return null;
  return { merchant_id, livemode, payment_id, operation_id: dispatch, attempt: 0 };
}

interface Deps {
  queue: Pick<WorkQueue, 'send'>;
  /** Called for each reversal, at least once: a PSP took money after it had confirmed the cancel (invariant 7). */
  onReversal?: () => void;
}

/** Sends the operations that changes dispatch to the work queue (design §2.7). */
export function createRelayHandler({ queue, onReversal }: Deps): Relay['handle'] {
  return async (payments) => {
    for (const payment of payments) {
      if (payment.dispatch !== null && findOperation(payment, payment.dispatch)?.kind === 'reversal')
        onReversal?.();
    }
    const items = payments.map(dispatchedItem).filter((item) => item !== null);
    if (items.length > 0) await queue.send(items);
  };
}

/** Reads changes from the feed and relays them. */
export function createRelay({ feed, ...deps }: Deps & { feed: ChangeFeed }): Relay {
  const handle = createRelayHandler(deps);
  return {
    handle,
    async step() {
      const { changes, position } = await feed.read(RELAY, RELAY_BATCH, 'dispatched');
      if (changes.length === 0 && feed.lag(RELAY) === 0) return 0;
      // Sent before the position moves: a crash between the two sends again, and loses nothing.
      await handle(changes.map(({ payment }) => payment));
      await feed.commit(RELAY, position);
      return changes.length;
    },
  };
}
