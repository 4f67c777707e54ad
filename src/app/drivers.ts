import type { Timers } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { Audit } from './audit.ts';
import { handlePatiently } from './handle-patiently.ts';
import { type Loop, startLoop } from './loop.ts';
import type { Relay } from './relay.ts';
import type { Sweep } from './sweep.ts';
import { WORK_BATCH, type Worker } from './work.ts';

export interface Drivers {
  /** Something changed: the relay and the audit look at once. */
  wake(): void;
  /** Stops taking work, finishes what is in hand, and moves what was written on to the queue and the audit log. */
  stop(): Promise<void>;
}

interface Deps {
  relay: Relay;
  worker: Worker;
  audit: Audit;
  sweep: Sweep;
  /** Sends what the PSP simulator has to tell. */
  callbacks: () => Promise<number>;
  timers: Timers;
  logger: Logger;
  /** Operations asked of PSPs at once. */
  concurrency: number;
}

/** Pauses between looks for what no signal tells of: writes of the command line, and delayed messages. */
const POLL_MS = 100;
/** Pause between passes of the sweep. */
const SWEEP_EVERY_MS = 15_000;
/** Pause between looks at the simulator's outbox. */
const CALLBACKS_EVERY_MS = 250;

/** Drives the steps in one process: a loop for each, and messages handled side by side up to `concurrency`. */
export function startDrivers(deps: Deps): Drivers {
  const { relay, worker, audit, sweep, callbacks, timers, logger, concurrency } = deps;
  const inHand = new Set<Promise<void>>();
  const stopping = new AbortController();

  const failing = (part: string) => (error: unknown) => {
    logger.error(
      { part, error: error instanceof Error ? error.message : String(error) },
      'a step failed; it is tried again',
    );
  };
  const loop = (part: string, idleMs: number, step: () => Promise<boolean>): Loop =>
    startLoop({ step, idleMs, timers, onError: failing(part) });

  const moveOn = async (part: string, step: () => Promise<number>): Promise<void> => {
    try {
      while ((await step()) > 0);
    } catch (error) {
      failing(part)(error);
    }
  };

  const patience = { timers, stopping: stopping.signal, onFault: failing('worker') };
  const workLoop = loop('worker', POLL_MS, async () => {
    const free = concurrency - inHand.size;
    // Whoever finishes wakes the loop.
    if (free === 0) return false;
    const deliveries = await worker.receive(Math.min(free, WORK_BATCH));
    for (const delivery of deliveries) {
      const handled = handlePatiently(worker, delivery, patience)
        .catch(patience.onFault)
        .finally(() => {
          inHand.delete(handled);
          if (inHand.size === concurrency - 1) workLoop.wake();
        });
      inHand.add(handled);
    }
    return deliveries.length > 0;
  });
  const relayLoop = loop('relay', POLL_MS, async () => {
    const sent = await relay.step();
    if (sent > 0) workLoop.wake();
    return sent > 0;
  });
  const auditLoop = loop('audit', POLL_MS, async () => (await audit.step()) > 0);
  const sweepLoop = loop('sweep', SWEEP_EVERY_MS, () => sweep.step());
  const callbackLoop = loop('callbacks', CALLBACKS_EVERY_MS, async () => (await callbacks()) > 0);

  return {
    wake() {
      relayLoop.wake();
      auditLoop.wake();
    },
    async stop() {
      stopping.abort('stopped');
      await Promise.all([sweepLoop.stop(), callbackLoop.stop(), relayLoop.stop(), workLoop.stop()]);
      await Promise.all(inHand);
      await auditLoop.stop();
      // What the last work wrote is moved on; the next start would do it too, this only tidies.
      await moveOn('relay', relay.step);
      await moveOn('audit', audit.step);
    },
  };
}
