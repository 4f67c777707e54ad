import { createAcceptPayment } from '../app/accept-payment.ts';
import { createAskPsp } from '../app/ask-psp.ts';
import type { Authenticate } from '../app/authenticate.ts';
import { createAwaitOutcome } from '../app/await-outcome.ts';
import type { Backlog } from '../app/backlog.ts';
import { createHandleCallback } from '../app/handle-callback.ts';
import { createListPayments } from '../app/list-payments.ts';
import { createRateLimiter } from '../app/rate-limit.ts';
import { createReadiness } from '../app/readiness.ts';
import { createRequestOperation } from '../app/request-operation.ts';
import { createSettler } from '../app/work.ts';
import type { Simulator } from '../connectors/simulator/simulator.ts';
import { createHttpApp } from '../http/app.ts';
import { createGate } from '../http/gate.ts';
import { createPipeline } from '../http/pipeline.ts';
import { routes } from '../http/routes.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { WorkQueue } from '../ports/work-queue.ts';
import type { AwsBase, AwsStore } from './parts.ts';

/** The longest that `Prefer: wait` may take here: who waits holds one of the executions that the account has. */
export const AWS_MAX_WAIT_SECONDS = 3;
/** First pause between looks at a payment that somebody waits for: most are settled in a few hundred milliseconds. */
const POLL_MS = 100;

interface Deps {
  base: AwsBase;
  store: AwsStore['store'];
  queue: WorkQueue;
  secrets: Secrets;
  simulator: Simulator | null;
  authenticate: Authenticate;
  backlog: Backlog;
  metrics: Metrics;
  /** Whether somebody gathers the metrics of this process by asking it. */
  servesMetrics: boolean;
  /** A write and a read of the store itself. */
  probeStore: () => Promise<unknown>;
  onLateSuccess: () => void;
}

/** The HTTP application over the parts on AWS: the same for the function and for a server. */
export function awsService(deps: Deps) {
  const { base, store, queue, secrets, simulator, authenticate, backlog, metrics, onLateSuccess } = deps;
  const { config, clock, ids, timers, logger } = base;
  const connectors = simulator ? [simulator] : [];
  /** The answer needs no key, and what AWS says of a failure names accounts and roles: that is for the log. */
  const quiet = (part: string, probe: () => Promise<unknown>) => async () => {
    try {
      await probe();
    } catch (error) {
      logger.error({ part, error: String(error) }, 'not ready');
      throw new Error(`The ${part} does not answer.`);
    }
  };
  // Nothing tells this process what others write.
  const signal = { onChange: () => () => undefined };
  const outcome = createAwaitOutcome({
    store,
    signal,
    timers,
    maxWaiters: config.MAX_WAITERS,
    pollMs: POLL_MS,
  });
  const psp = createAskPsp({ connectors, clock, timers, ids, logger, pspTimeoutMs: config.PSP_TIMEOUT_MS });
  const settler = createSettler({ store, queue, clock, logger, onLateSuccess });
  const app = createHttpApp({
    routes: routes({
      accept: createAcceptPayment({
        store,
        connectors,
        clock,
        ids,
        defaultCurrency: config.DEFAULT_CURRENCY,
      }),
      operations: createRequestOperation({ store, clock, ids }),
      get: store.get,
      list: createListPayments({ store, secrets }),
      outcome,
      checkReadiness: createReadiness({
        probes: { store: quiet('store', deps.probeStore), queue: quiet('queue', () => queue.depth()) },
        backlog,
        clock,
      }),
      metrics: deps.servesMetrics ? metrics : undefined,
      authenticate,
      handleCallback: createHandleCallback({ connectors, store, psp, settler, clock }),
    }),
    mounts: simulator ? [{ prefix: '/simulator/', handle: simulator.handlePage }] : [],
    pipeline: createPipeline({
      gate: createGate({
        authenticate,
        limiter: createRateLimiter({
          clock,
          perSecond: config.RATE_LIMIT_PER_SECOND,
          burst: config.RATE_LIMIT_BURST,
        }),
      }),
      backlog,
      maxBodyBytes: config.MAX_BODY_BYTES,
      maxWaitSeconds: AWS_MAX_WAIT_SECONDS,
    }),
    ids,
    logger,
    metrics,
  });
  return { app, outcome };
}
