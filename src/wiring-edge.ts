import type { OfferedConnector } from './app/accept-payment.ts';
import { createAuthenticate } from './app/authenticate.ts';
import type { AwaitOutcome } from './app/await-outcome.ts';
import type { Backlog } from './app/backlog.ts';
import type { HandleCallback } from './app/handle-callback.ts';
import { createListPayments } from './app/list-payments.ts';
import type { RemoteRateLimiter } from './app/rate-limit.ts';
import type { CheckReadiness } from './app/readiness.ts';
import { useCases } from './app/use-cases.ts';
import type { Config } from './config.ts';
import { createHttpApp, type HttpApp } from './http/app.ts';
import { createGate } from './http/gate.ts';
import { createPipeline } from './http/pipeline.ts';
import { MAX_WAIT_SECONDS } from './http/prefer.ts';
import { routes } from './http/routes.ts';
import type { Clock } from './ports/clock.ts';
import type { Ids } from './ports/ids.ts';
import type { KeyStore } from './ports/key-store.ts';
import type { Logger } from './ports/logger.ts';
import type { Metrics } from './ports/metrics.ts';
import type { PaymentStore } from './ports/payment-store.ts';
import type { Secrets } from './ports/secrets.ts';

/** What the HTTP side needs of the rest: in the same thread, or reached from another. */
export interface EdgeParts {
  store: Omit<PaymentStore, 'due'>;
  keys: Pick<KeyStore, 'get'>;
  secrets: Pick<Secrets, 'cursorKeys'>;
  connectors: readonly OfferedConnector[];
  limiter: RemoteRateLimiter;
  backlog: Pick<Backlog, 'admit' | 'limit'>;
  outcome: Pick<AwaitOutcome, 'wait'>;
  handleCallback: HandleCallback;
  checkReadiness: CheckReadiness;
  metrics: Pick<Metrics, 'stopwatch' | 'request' | 'render'>;
  /** The simulator's page. */
  page: (request: Request) => Promise<Response>;
  clock: Clock;
  ids: Ids;
  logger: Logger;
}

/** The HTTP application over its parts. */
export function createEdge(config: Config, parts: EdgeParts): HttpApp {
  const { store, keys, secrets, connectors, clock, ids, logger, metrics } = parts;
  const { limiter, backlog, outcome, handleCallback, checkReadiness, page } = parts;
  const authenticate = createAuthenticate({ keys, clock });
  return createHttpApp({
    routes: routes({
      ...useCases(config, parts, connectors),
      get: store.get,
      list: createListPayments({ store, secrets }),
      outcome,
      checkReadiness,
      metrics,
      authenticate,
      handleCallback,
    }),
    mounts: [{ prefix: '/simulator/', handle: page }],
    pipeline: createPipeline({
      gate: createGate({ authenticate, limiter }),
      backlog,
      maxBodyBytes: config.MAX_BODY_BYTES,
      maxWaitSeconds: MAX_WAIT_SECONDS,
    }),
    ids,
    logger,
    metrics,
  });
}
