import { findOperation, type Payment, type PaymentRef } from '../domain/payment.ts';
import type { ChangeSignal } from '../ports/change-feed.ts';
import type { Timers } from '../ports/clock.ts';
import type { PaymentStore } from '../ports/payment-store.ts';

export interface AwaitOutcome {
  /**
   * Waits until the operation has succeeded, failed or requires action, or `seconds` have passed.
   * @returns the payment as it then is, or null at once if too many are waiting already
   */
  wait(ref: PaymentRef, operationId: string, seconds: number): Promise<Payment | null>;
  /** Answers all who wait with what is known. For a server that is stopping. */
  release(): void;
  readonly waiting: number;
}

interface Deps {
  store: PaymentStore;
  signal: ChangeSignal;
  timers: Timers;
  /** Beyond this many, requests are answered at once: waiting is a convenience, and each one holds a connection. */
  maxWaiters: number;
  /**
   * First pause between looks at the payment, where no signal tells of changes that others make; each pause is half as
   * long again as the one before. Absent: the signal tells of every change.
   */
  pollMs?: number;
}

/** Longest pause between two looks. */
const MAX_POLL_MS = 500;

function waitIsOver(payment: Payment, operationId: string): boolean {
  const outcome = findOperation(payment, operationId)?.outcome;
  return outcome === 'succeeded' || outcome === 'failed' || outcome === 'requires_action';
}

function refKey({ livemode, merchant_id, payment_id }: PaymentRef): string {
  return `${livemode}/${merchant_id}/${payment_id}`;
}

/** `Prefer: wait` (RFC 7240): answers when the worker is done instead of at once. */
export function createAwaitOutcome({ store, signal, timers, maxWaiters, pollMs }: Deps): AwaitOutcome {
  const waiters = new Map<string, Set<(payment: Payment) => void>>();
  let waiting = 0;
  const released = new AbortController();

  /** Only while somebody waits: being told of every change is not free. */
  let deaf: (() => void) | null = null;

  function tell(payment: Payment): void {
    const listeners = waiters.get(refKey(payment));
    if (listeners) for (const listener of [...listeners]) listener(payment);
  }

  function listen(key: string, listener: (payment: Payment) => void): () => void {
    const listeners = waiters.get(key) ?? new Set();
    waiters.set(key, listeners.add(listener));
    waiting++;
    deaf ??= signal.onChange(tell);
    return () => {
      waiting--;
      listeners.delete(listener);
      if (listeners.size === 0) waiters.delete(key);
      if (waiting > 0) return;
      deaf?.();
      deaf = null;
    };
  }

  /** Looks again and again: bounded by the time there is and by the growing pauses. */
  async function poll(
    ref: PaymentRef,
    operationId: string,
    waitMs: number,
    firstPauseMs: number,
    over: AbortSignal,
  ): Promise<Payment | null> {
    let leftMs = waitMs;
    let pauseMs = firstPauseMs;
    for (;;) {
      const sleepMs = Math.min(pauseMs, leftMs);
      await timers.sleep(sleepMs, over);
      leftMs -= sleepMs;
      pauseMs = Math.min(MAX_POLL_MS, pauseMs * 1.5);
      // What is told while the look is under way may not be in it, so then there is one more.
      const isLast = leftMs <= 0 || over.aborted;
      const now = await store.get(ref);
      if (!now || isLast || waitIsOver(now, operationId)) return now;
    }
  }

  return {
    get waiting() {
      return waiting;
    },

    async wait(ref, operationId, seconds) {
      if (waiting >= maxWaiters) return null;
      const over = new AbortController();
      const sleepOver = AbortSignal.any([over.signal, released.signal]);
      const stop = listen(refKey(ref), (payment) => {
        if (waitIsOver(payment, operationId)) over.abort('over');
      });
      try {
        // Read after listening, so that nothing happens unseen between the two.
        const now = await store.get(ref);
        if (!now || waitIsOver(now, operationId)) return now;
        if (pollMs !== undefined) return await poll(ref, operationId, seconds * 1_000, pollMs, sleepOver);
        await timers.sleep(seconds * 1_000, sleepOver);
        return await store.get(ref);
      } finally {
        stop();
        over.abort('over');
      }
    },

    release: () => released.abort('released'),
  };
}
