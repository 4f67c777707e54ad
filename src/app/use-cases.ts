import type { Clock } from '../ports/clock.ts';
import type { Ids } from '../ports/ids.ts';
import type { PaymentStore } from '../ports/payment-store.ts';
import { type AcceptPayment, createAcceptPayment, type OfferedConnector } from './accept-payment.ts';
import { createRequestOperation, type RequestOperation } from './request-operation.ts';

interface Parts {
  store: Omit<PaymentStore, 'due'>;
  clock: Clock;
  ids: Ids;
}

/** The use cases that accept payments and operations. */
export function useCases(
  { DEFAULT_CURRENCY: defaultCurrency }: { DEFAULT_CURRENCY: string },
  { store, clock, ids }: Parts,
  connectors: readonly OfferedConnector[],
): { accept: AcceptPayment; operations: RequestOperation } {
  return {
    accept: createAcceptPayment({ store, connectors, clock, ids, defaultCurrency }),
    operations: createRequestOperation({ store, clock, ids }),
  };
}
