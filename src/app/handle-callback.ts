import { findOperation, isSettled } from '../domain/payment.ts';
import type { Clock } from '../ports/clock.ts';
import type { Connector, RawCallback } from '../ports/connector.ts';
import { UnavailableError } from '../ports/faults.ts';
import type { PaymentStore } from '../ports/payment-store.ts';
import type { AskPsp } from './ask-psp.ts';
import type { Settler } from './work.ts';

export type CallbackAnswer = 'taken' | 'unknown_connector' | 'not_authentic';
export type HandleCallback = (connectorName: string, callback: RawCallback) => Promise<CallbackAnswer>;

/** Ids of call-backs that were dealt with, kept longer than a signature is good for: a replay finds its id here. */
const REMEMBER_MS = 11 * 60 * 1_000;
/** More than this many within that time, and the oldest are forgotten: a replay then costs one look-up, no more. */
const REMEMBER_MOST = 100_000;

interface Deps {
  connectors: readonly Connector[];
  store: PaymentStore;
  psp: AskPsp;
  settler: Settler;
  clock: Clock;
}

/**
 * A PSP tells us something. Its word is taken only as a hint: what it tells of is looked up, and the look-up's answer
 * is recorded.
 * @throws UnavailableError if the look-up gives no answer, so that the PSP sends the call-back again
 */
export function createHandleCallback({ connectors, store, psp, settler, clock }: Deps): HandleCallback {
  const seen = new Map<string, number>();

  function forgetOld(nowMs: number): void {
    for (const [id, at] of seen) {
      if (nowMs - at < REMEMBER_MS && seen.size <= REMEMBER_MOST) return;
      seen.delete(id);
    }
  }

  return async (connectorName, callback) => {
    const connector = connectors.find(({ name }) => name === connectorName);
    if (!connector) return 'unknown_connector';
    const nowMs = clock.now();
    const event = connector.openCallback(callback, nowMs);
    if (!event) return 'not_authentic';
    const eventKey = `${connectorName}/${event.event_id}`;
    if (seen.has(eventKey)) return 'taken';

    const payment = await store.get(event);
    const operation =
      payment?.connector === connectorName ? findOperation(payment, event.operation_id) : undefined;
    // A late success of what a cancel has ended is news too, so only settled operations are passed over.
    if (payment && operation && !isSettled(operation)) {
      const result = await psp.lookUp(payment, operation);
      if (result.outcome === 'unknown')
        throw new UnavailableError('The PSP could not be asked. Send the call-back again.');
      await settler.record(payment, operation, result, { actor: 'psp', lookup: true }, payment);
    }
    seen.set(eventKey, nowMs);
    forgetOld(nowMs);
    return 'taken';
  };
}
