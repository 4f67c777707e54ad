import type { AcceptPayment } from '../app/accept-payment.ts';
import type { Authenticate } from '../app/authenticate.ts';
import type { AwaitOutcome } from '../app/await-outcome.ts';
import type { HandleCallback } from '../app/handle-callback.ts';
import type { ListPayments } from '../app/list-payments.ts';
import type { CheckReadiness } from '../app/readiness.ts';
import type { RequestOperation } from '../app/request-operation.ts';
import type { Payment, PaymentRef } from '../domain/payment.ts';
import type { Metrics } from '../ports/metrics.ts';
import { docsPage } from './docs-page.ts';
import { openApiDocument } from './openapi.ts';
import type { Route } from './route.ts';
import { contractRoutes } from './routes/contract.ts';
import { operationRoutes } from './routes/operations.ts';
import { paymentRoutes } from './routes/payments.ts';
import { serviceRoutes } from './routes/service.ts';

export interface UseCases {
  accept: AcceptPayment;
  operations: RequestOperation;
  get: (ref: PaymentRef) => Promise<Payment | null>;
  list: ListPayments;
  outcome: Pick<AwaitOutcome, 'wait'>;
  checkReadiness: CheckReadiness;
  /** Absent where another system gathers them. */
  metrics: Pick<Metrics, 'render'> | undefined;
  authenticate: Authenticate;
  handleCallback: HandleCallback;
}

/** Every route of the contract, over these use cases. */
export function routes(given: UseCases): Route[] {
  const all: Route[] = [...paymentRoutes(given), ...operationRoutes(given), ...serviceRoutes(given)];
  const document = once(() => openApiDocument(all));
  const openapi = once(() => JSON.stringify(document(), null, 2));
  all.push(
    ...contractRoutes(
      openapi,
      once(() => docsPage(document())),
    ),
  );
  return all;
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
