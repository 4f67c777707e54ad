import type { WorkItem } from '../../src/ports/work-queue.ts';
import { demand } from './demand.ts';
import { lastOf, nameOf, operationOf, type Tracks } from './track.ts';

/**
 * Invariant 2 on messages: one is done with only once something durable has come of it, so that what a reader forgets
 * in a crash is read again.
 */
export interface QueueCheck {
  received(item: WorkItem, receiveCount: number): void;
  acked(item: WorkItem): void;
  /** Something about the operation was written, sent, or put aside. */
  moved(item: Pick<WorkItem, 'merchant_id' | 'livemode' | 'payment_id' | 'operation_id'>): void;
}

/** How much has happened to an operation, and how much had when each message about it was received. */
interface Progress {
  moves: number;
  atReceive: number[];
}

/** Near the end of its history a payment takes no more changes that settle nothing. */
const FULL_HISTORY = 300;

export function createQueueCheck(tracks: Tracks): QueueCheck {
  const progress = new Map<string, Progress>();

  function of(item: Parameters<QueueCheck['moved']>[0]): Progress {
    const name = `${nameOf(item)} ${item.operation_id}`;
    const one = progress.get(name) ?? { moves: 0, atReceive: [] };
    progress.set(name, one);
    return one;
  }

  /** There is nothing more to do about it, whatever a message says. */
  function isOver(item: WorkItem): boolean {
    const track = tracks.known(item);
    const payment = track ? lastOf(track) : null;
    const operation = operationOf(payment, item.operation_id);
    if (!payment || !operation || payment.history.length > FULL_HISTORY) return true;
    const leftBehind = payment.status === 'canceled' && operation === payment.operations[0];
    return leftBehind || operation.outcome === 'succeeded' || operation.outcome === 'failed';
  }

  return {
    received(item, receiveCount) {
      const one = of(item);
      if (receiveCount === 1) one.atReceive.push(one.moves);
    },
    moved(item) {
      of(item).moves += 1;
    },
    acked(item) {
      const one = of(item);
      // Which of several messages it was is not told: the one that had most time to move something.
      const before = one.atReceive.shift();
      demand(
        2,
        before === undefined || one.moves > before || isOver(item),
        () =>
          `a message about ${nameOf(item)} ${item.operation_id} was acknowledged, and nothing has come of it`,
      );
    },
  };
}
