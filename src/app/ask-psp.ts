import type { PspResult } from '../domain/answer.ts';
import { retryDelayMs } from '../domain/backoff.ts';
import { redact } from '../domain/forbidden-text.ts';
import { MAX_ATTEMPTS, MAX_REVERSAL_ATTEMPTS, PENDING_GRACE_MS } from '../domain/limits.ts';
import { firstOperation, type Operation, type Payment } from '../domain/payment.ts';
import type { Clock, Timers } from '../ports/clock.ts';
import type { Connector } from '../ports/connector.ts';
import { PspError } from '../ports/faults.ts';
import type { Ids } from '../ports/ids.ts';
import type { Logger } from '../ports/logger.ts';
import { pspRequest } from './psp-request.ts';

export interface AskPspDeps {
  connectors: readonly Connector[];
  clock: Clock;
  timers: Timers;
  ids: Ids;
  logger: Logger;
  pspTimeoutMs: number;
}

export interface Asked {
  result: PspResult;
  /** The PSP was asked about the operation, not for it. */
  lookup: boolean;
}

export interface AskPsp {
  /** After this long no copy of a message can still be asking: only then may a look-up be the last word. */
  readonly patienceMs: number;
  /** @param again the message was received before: its first reader may have asked, and died */
  ask(payment: Payment, operation: Operation, attempt: number, again: boolean): Promise<Asked>;
  /** Asks only what became of it; `unknown` if the PSP cannot be asked, or does not know it. */
  lookUp(payment: Payment, operation: Operation): Promise<PspResult>;
}

/** A reason of our own: without one, each abort builds an exception with its stack, for nobody. */
const TOO_LATE = 'too late';

/** Whoever has read the payment may first look up and then ask, and each of the two may take all of its time. */
const CALLS_AFTER_READING = 2;
/** How much longer than all of that the look-up after the last attempt waits. */
const AFTER_ALL_MS = 1_000;

function maxAttempts({ kind }: Operation): number {
  return kind === 'reversal' ? MAX_REVERSAL_ATTEMPTS : MAX_ATTEMPTS;
}

/** Asks a PSP for an operation, and first what became of it wherever it may have been asked already. */
export function createAskPsp(deps: AskPspDeps): AskPsp {
  const { connectors, clock, timers, ids, logger, pspTimeoutMs } = deps;
  const patienceMs = CALLS_AFTER_READING * pspTimeoutMs + AFTER_ALL_MS;

  function connectorOf(payment: Payment): Connector {
    const connector = connectors.find(({ name }) => name === payment.connector);
    if (!connector) throw new PspError('not_executed', `There is no connector "${payment.connector}" here.`);
    if (!connector.accepts(payment.livemode)) {
      throw new PspError('not_executed', `The ${connector.name} does not take this mode.`, false);
    }
    return connector;
  }

  /** A PSP that does not answer in time is `unknown`, whatever it does about the abort. */
  function withDeadline<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const late = new AbortController();
      const met = timers.after(pspTimeoutMs, () => {
        late.abort(TOO_LATE);
        reject(new PspError('unknown', `The PSP did not answer within ${pspTimeoutMs} ms.`));
      });
      try {
        call(late.signal).then(resolve, reject).finally(met);
      } catch (error) {
        met();
        reject(error);
      }
    });
  }

  async function execute(payment: Payment, operation: Operation, attempt: number): Promise<PspResult> {
    try {
      const connector = connectorOf(payment);
      return await withDeadline((signal) => connector.execute(pspRequest(payment, operation), signal));
    } catch (error) {
      const message = redact(error instanceof Error ? error.message : String(error));
      const { payment_id } = payment;
      logger.info(
        { payment_id, operation_id: operation.id, attempt, error: message },
        'the PSP gave no answer',
      );
      if (!(error instanceof PspError) || error.outcome === 'unknown') return { outcome: 'unknown' };
      if (!error.retryable) return { outcome: 'rejected', message };
      return {
        outcome: 'not_executed',
        attempt,
        message,
        retryAtMs: clock.now() + pauseMs(operation, attempt),
      };
    }
  }

  /** After the last attempt comes a look-up, once no copy of the message can still be asking. */
  function pauseMs(operation: Operation, attempt: number): number {
    return attempt < maxAttempts(operation) ? retryDelayMs(attempt, ids.random()) : patienceMs;
  }

  async function find(payment: Payment, operation: Operation): Promise<PspResult | 'not_found'> {
    try {
      const connector = connectorOf(payment);
      const answer = await withDeadline((signal) => connector.lookup(pspRequest(payment, operation), signal));
      return answer ?? 'not_found';
    } catch (error) {
      const message = redact(error instanceof Error ? error.message : String(error));
      const { payment_id } = payment;
      logger.warn(
        { payment_id, operation_id: operation.id, error: message },
        'the PSP could not be asked about it',
      );
      return { outcome: 'unknown' };
    }
  }

  return {
    patienceMs,

    async ask(payment, operation, attempt, again) {
      const old = clock.now() - Date.parse(operation.requested_at) >= PENDING_GRACE_MS;
      const knownToPsp = operation.outcome === 'requires_action' || operation.psp_reference !== null;
      const mayExecute = attempt <= maxAttempts(operation);
      if (mayExecute && !again && !old && !knownToPsp && operation.outcome !== 'unknown') {
        return { result: await execute(payment, operation, attempt), lookup: false };
      }
      const found = await find(payment, operation);
      if (found !== 'not_found') return { result: found, lookup: true };
      // A PSP that once knew it and now does not is not to be trusted with a second request.
      if (knownToPsp) return { result: { outcome: 'unknown' }, lookup: true };
      if (!mayExecute) {
        const message = `The PSP was asked ${attempt - 1} times and did not execute it.`;
        return { result: { outcome: 'given_up', message }, lookup: true };
      }
      return { result: await execute(payment, operation, attempt), lookup: false };
    },

    async lookUp(payment, operation) {
      const found = await find(payment, operation);
      return found === 'not_found' ? { outcome: 'unknown' } : found;
    },
  };
}

/** Whether the PSP's refusal of a cancel means that it settled the first operation, and we have not heard how. */
export function cancelLostRace(payment: Payment, operation: Operation, result: PspResult): boolean {
  return (
    operation.kind === 'cancel' &&
    result.outcome === 'failed' &&
    firstOperation(payment).outcome === 'requires_action'
  );
}
