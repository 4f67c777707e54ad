import { settled } from '../app/app.fixture.ts';
import type { Worker } from '../app/work.ts';
import { aRef } from '../domain/payment.fixture.ts';
import { UnavailableError } from '../ports/faults.ts';
import type { Logger } from '../ports/logger.ts';
import type { Delivery } from '../ports/work-queue.ts';

export function deliveries(count: number): Delivery[] {
  return Array.from({ length: count }, (_, index) => ({
    receipt: `receipt-${index}`,
    item: { ...aRef(), operation_id: 'charge.1', attempt: 0 },
    receiveCount: 1,
  }));
}

interface Settle<T> {
  resolve: (value: T) => void;
  reject: (error: unknown) => void;
}

/** A worker whose every receive, and every piece of work, is ended by the test: oldest first. */
export function createScriptedWorker() {
  const receives: Settle<Delivery[]>[] = [];
  const inHand: Settle<void>[] = [];
  const asked: number[] = [];
  const lines: string[] = [];
  let most = 0;
  const at = (level: string) => (_fields: object, message: string) => void lines.push(`${level}: ${message}`);
  const logger: Logger & { lines: string[] } = {
    lines,
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  };

  const worker: Worker = {
    receive(limit) {
      asked.push(limit);
      return new Promise((resolve, reject) => receives.push({ resolve, reject }));
    },
    handle: () =>
      new Promise((resolve, reject) => {
        inHand.push({ resolve, reject });
        most = Math.max(most, inHand.length);
      }),
    step: () => Promise.reject(new Error('fixture: the loop makes no steps')),
  };

  function oldest<T>(waiting: T[]): T {
    const one = waiting.shift();
    if (!one) throw new Error('fixture: there is none');
    return one;
  }

  return {
    ...worker,
    logger,
    /** Limits of the receives so far. */
    asked,
    /** Receives under way. */
    waiting: () => receives.length,
    /** The most that ever was in hand. */
    most: () => most,
    async give(messages: Delivery[]) {
      oldest(receives).resolve(messages);
      await settled();
    },
    async refuse() {
      oldest(receives).reject(new UnavailableError('The queue is down.'));
      await settled();
    },
    async finish() {
      oldest(inHand).resolve();
      await settled();
    },
    async finishAll() {
      for (const { resolve } of inHand.splice(0)) resolve();
      await settled();
    },
    async fail() {
      oldest(inHand).reject(new UnavailableError('The store is down.'));
      await settled();
    },
  };
}
