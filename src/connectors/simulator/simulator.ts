import type { PspAnswer } from '../../domain/answer.ts';
import type { Clock, Timers } from '../../ports/clock.ts';
import type { Connector, PspReportLine, PspRequest } from '../../ports/connector.ts';
import { PspError } from '../../ports/faults.ts';
import type { Ids } from '../../ports/ids.ts';
import type { Logger } from '../../ports/logger.ts';
import { reportLine } from './answer-of.ts';
import { createCallbackOutbox, type DeliverCallback } from './callback-outbox.ts';
import { createCallbackSigner } from './callback-signature.ts';
import { createChallengePage } from './challenge-page.ts';
import { DEFAULT_PAYMENT_METHOD } from './payment-methods.ts';
import { createPerformer, keyInUse, type Performed } from './perform.ts';
import { groupOf, type SimulatorStorage, StorageFault } from './simulator-storage.ts';

export interface SimulatorDeps {
  storage: SimulatorStorage;
  clock: Clock;
  ids: Ids;
  timers: Pick<Timers, 'sleep'>;
  /** How long it thinks before it executes or looks up; 0 for not at all. */
  latencyMs: number;
  /** Where its pages and the call-backs of the other side are reached, without a slash at the end. */
  baseUrl: () => string;
  /** `whsec_` and at least 24 bytes in base64. */
  callbackSecret: string;
  deliver: DeliverCallback;
  logger: Logger;
}

/** A test PSP: another company's system, which happens to run in this process. */
export interface Simulator extends Connector {
  /** The challenge page, at `<baseUrl>/simulator/challenges/<token>`. */
  handlePage(request: Request): Promise<Response>;
  /** Sends the call-backs that are due, in one bounded step; answers how many were delivered. */
  deliverDue(): Promise<number>;
  /** Lets go of whoever still waits for an answer, and closes the storage. */
  close(): Promise<void>;
}

export function createSimulator(deps: SimulatorDeps): Simulator {
  const { storage, clock, timers, latencyMs, logger } = deps;
  const closing = new AbortController();
  const signer = createCallbackSigner(deps.callbackSecret);
  const outbox = createCallbackOutbox({ ...deps, signer, closing: closing.signal });
  const { perform, answer } = createPerformer({ ...deps, outbox });
  const handlePage = createChallengePage({ storage, clock, outbox });
  /**
   * Keys whose first request is being thought about, here: where several processes share a storage each may think
   * about a copy, and the storage decides whose is executed. The others answer the same.
   */
  const inProgress = new Set<string>();

  async function pause(signal: AbortSignal): Promise<void> {
    await timers.sleep(latencyMs, AbortSignal.any([signal, closing.signal]));
    assertOpen();
  }

  /** The first request of a key holds it while it is being thought about. */
  async function think(key: string, signal: AbortSignal): Promise<void> {
    if (inProgress.has(key)) throw keyInUse('is in use: its first request has not been answered yet');
    inProgress.add(key);
    try {
      await pause(signal);
    } finally {
      inProgress.delete(key);
    }
  }

  /** Whatever goes wrong in the simulator, who asked is told only what is certain. */
  function told(error: unknown): PspError {
    if (error instanceof PspError) return error;
    logger.error({ error: String(error) }, 'simulator: the storage failed');
    if (error instanceof StorageFault && !error.mayBeWritten) {
      return new PspError('not_executed', 'The simulator could not reach its memory. Nothing was executed.');
    }
    return new PspError('unknown', 'The simulator could not store what was asked of it.');
  }

  function assertOpen(): void {
    if (closing.signal.aborted) throw new PspError('not_executed', 'The simulator is closed.');
  }

  async function execute(request: PspRequest, signal: AbortSignal): Promise<PspAnswer> {
    assertOpen();
    if (request.livemode)
      throw new PspError('not_executed', 'The simulator takes test payments only.', false);
    // Whoever stops waiting does not stop a PSP: what was sent is executed all the same.
    if (latencyMs > 0) await think(request.idempotency_key, signal);
    let performed: Performed;
    try {
      performed = await storage.within(groupOf(request), (memory) => perform(memory, request));
    } catch (error) {
      throw told(error);
    }
    if (performed === 'unavailable') {
      throw new PspError('not_executed', 'The simulator is unavailable, as its payment method asks.', true);
    }
    if (performed === 'lost' || performed.silent) await silence(signal, closing.signal);
    if (performed === 'lost' || performed.silent || signal.aborted) throw noAnswer();
    return performed.answer;
  }

  async function lookup(request: PspRequest, signal: AbortSignal): Promise<PspAnswer | null> {
    assertOpen();
    if (latencyMs > 0) await pause(signal);
    if (signal.aborted) throw noAnswer();
    const key = request.idempotency_key;
    // «Never heard of it» would be a lie, and an invitation to ask again.
    if (inProgress.has(key)) throw keyInUse('is in use: its first request has not been answered yet');
    try {
      return await storage.within(groupOf(request), (memory) => {
        const known = memory.find(key);
        return known ? answer(known) : null;
      });
    } catch (error) {
      throw told(error);
    }
  }

  async function* report(): AsyncIterable<PspReportLine> {
    for await (const page of storage.operations()) {
      for (const operation of page) yield reportLine(operation, clock.now());
    }
  }

  return {
    name: 'simulator',
    defaultPaymentMethod: DEFAULT_PAYMENT_METHOD,
    accepts: (livemode) => !livemode,
    execute,
    lookup,
    openCallback: signer.open,
    report,
    handlePage,
    deliverDue: outbox.deliverDue,
    async close() {
      if (closing.signal.aborted) return;
      closing.abort();
      await outbox.idle();
      storage.close();
    },
  };
}

function noAnswer(): PspError {
  return new PspError('unknown', 'The simulator did not answer in time.');
}

/** Resolves when one of them is aborted. */
function silence(...signals: AbortSignal[]): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      for (const signal of signals) signal.removeEventListener('abort', stop);
      resolve();
    };
    for (const signal of signals) signal.addEventListener('abort', stop);
    if (signals.some((signal) => signal.aborted)) stop();
  });
}
