import { join } from 'node:path';
import { openFileSecrets } from './adapters/files/file-secrets.ts';
import { openFilesAuditLog } from './adapters/files/files-audit-log.ts';
import { type AuditReader, readFilesAuditLog } from './adapters/files/files-audit-reader.ts';
import { createPrometheusMetrics } from './adapters/prometheus/prometheus-metrics.ts';
import { openDatabase, type SqliteDatabase } from './adapters/sqlite/database.ts';
import { createSqliteAuditAnchor } from './adapters/sqlite/sqlite-audit-anchor.ts';
import { createSqliteKeyStore } from './adapters/sqlite/sqlite-key-store.ts';
import { createSqlitePaymentStore } from './adapters/sqlite/sqlite-payment-store.ts';
import { createSqliteWorkQueue } from './adapters/sqlite/sqlite-work-queue.ts';
import { deliverOverHttp } from './adapters/system/http-deliver.ts';
import { createSystemClock } from './adapters/system/system-clock.ts';
import { createSystemIds } from './adapters/system/system-ids.ts';
import { createSystemTimers } from './adapters/system/system-timers.ts';
import { createAcceptPayment } from './app/accept-payment.ts';
import { createAskPsp } from './app/ask-psp.ts';
import { AUDIT, createAudit } from './app/audit.ts';
import { createAuthenticate } from './app/authenticate.ts';
import { createAwaitOutcome } from './app/await-outcome.ts';
import { createBacklog } from './app/backlog.ts';
import { type Drivers, startDrivers } from './app/drivers.ts';
import { createHandleCallback } from './app/handle-callback.ts';
import { createListPayments } from './app/list-payments.ts';
import { createRateLimiter } from './app/rate-limit.ts';
import { createReadiness } from './app/readiness.ts';
import { createRelay, RELAY } from './app/relay.ts';
import { createRequestOperation } from './app/request-operation.ts';
import { createResolve } from './app/resolve.ts';
import { createSweep } from './app/sweep.ts';
import { createSettler, createWorker } from './app/work.ts';
import type { Config } from './config.ts';
import { createSimulator, type Simulator } from './connectors/simulator/simulator.ts';
import { createSqliteStorage } from './connectors/simulator/sqlite-storage.ts';
import { createHttpApp } from './http/app.ts';
import { createGate } from './http/gate.ts';
import { createPipeline } from './http/pipeline.ts';
import { MAX_WAIT_SECONDS } from './http/prefer.ts';
import { routes } from './http/routes.ts';
import type { Clock } from './ports/clock.ts';
import type { Ids } from './ports/ids.ts';
import type { Logger } from './ports/logger.ts';
import type { PaymentStore } from './ports/payment-store.ts';

/** Names of the files in a data folder. */
export const FILES = {
  database: 'tollgate.db',
  simulator: 'simulator.db',
  audit: 'audit',
  demoKey: 'demo-api-key',
};

/**
 * How long a message is hidden while it is worked on: at least a minute, and longer than a worker can take, which may
 * wait for a PSP three times (a look-up, the request, a look-up of what a cancel found done).
 */
const VISIBILITY_MS = 60_000;
const VISIBILITY_IN_PSP_TIMEOUTS = 4;

/**
 * The parts over one data folder, joined; what a server and the command line beside it have in common.
 * @param role `server`: the one process that serves the folder and syncs on its own thread; `tool`: any other
 */
export function openFolder(config: Config, role: 'server' | 'tool', logger: Logger) {
  const folder = config.DATA_DIR;
  const clock = createSystemClock();
  const ids = createSystemIds();
  const timers = createSystemTimers();
  const database = openDatabase({
    path: join(folder, FILES.database),
    sync: role === 'server' ? 'pipelined' : 'full',
    migrate: role === 'server',
  });
  const store = createSqlitePaymentStore(database, [RELAY, AUDIT]);
  const queue = createSqliteWorkQueue(database, {
    clock,
    visibilityTimeoutMs: Math.max(VISIBILITY_MS, VISIBILITY_IN_PSP_TIMEOUTS * config.PSP_TIMEOUT_MS),
    soleReader: role === 'server',
  });
  const keys = createSqliteKeyStore(database);
  const secrets = openFileSecrets(folder);
  const anchor = createSqliteAuditAnchor(database, AUDIT);
  const auditFolder = join(folder, FILES.audit);
  const auditReader: AuditReader = readFilesAuditLog({ folder: auditFolder, anchor, timers });
  const resolve = createResolve({ store, queue, clock });
  const list = createListPayments({ store, secrets });
  return {
    folder,
    auditFolder,
    clock,
    ids,
    timers,
    database,
    store,
    queue,
    keys,
    secrets,
    anchor,
    auditReader,
    resolve,
    list,
    logger,
  };
}

export type Folder = ReturnType<typeof openFolder>;

/** The simulator over its own file in the folder: another company's system, so nothing of ours is in it. */
export async function openSimulator(
  config: Config,
  parts: Folder,
  baseUrl: () => string,
): Promise<Simulator> {
  const { clock, ids, timers, logger, secrets, folder } = parts;
  return createSimulator({
    storage: createSqliteStorage(join(folder, FILES.simulator)),
    clock,
    ids,
    timers,
    latencyMs: config.SIMULATOR_LATENCY_MS,
    baseUrl,
    callbackSecret: await secrets.callbackSecret('simulator'),
    deliver: deliverOverHttp,
    logger,
  });
}

/** The use cases that ask PSPs or accept payments. */
export function useCases(
  config: Config,
  { store, clock, ids }: { store: PaymentStore; clock: Clock; ids: Ids },
  connectors: readonly Simulator[],
) {
  const accept = createAcceptPayment({
    store,
    connectors,
    clock,
    ids,
    defaultCurrency: config.DEFAULT_CURRENCY,
  });
  const operations = createRequestOperation({ store, clock, ids });
  return { accept, operations };
}

/** One process that serves a folder: HTTP, and a driver for each step. */
export async function embedded(config: Config, logger: Logger) {
  const parts = openFolder(config, 'server', logger);
  const { store, queue, keys, clock, ids, timers, database, anchor, auditFolder } = parts;
  const address = { baseUrl: config.PUBLIC_URL };
  const simulator = await openSimulator(config, parts, () => address.baseUrl);
  const connectors = [simulator];
  const auditLog = await openFilesAuditLog({ folder: auditFolder, anchor, timers, logger });

  const backlog = createBacklog({ feed: store, queue, clock, limit: config.MAX_BACKLOG });
  const outcome = createAwaitOutcome({ store, signal: store, timers, maxWaiters: config.MAX_WAITERS });
  const metrics = createPrometheusMetrics({
    tollgate_backlog: { help: 'Operations waiting to be worked on.', read: () => backlog.waiting() },
    tollgate_queue_delayed: {
      help: 'Messages to be tried later.',
      read: async () => (await queue.depth()).delayed,
    },
    tollgate_queue_in_flight: {
      help: 'Messages being worked on.',
      read: async () => (await queue.depth()).inFlight,
    },
    tollgate_queue_age_seconds: {
      help: 'Age of the oldest message ready to be worked on.',
      read: async () => (await queue.oldestAgeMs()) / 1_000,
    },
    tollgate_dead_letters: {
      help: 'Operations that a person must settle.',
      read: () => queue.deadLetterCount(),
    },
    tollgate_audit_lag: { help: 'Changes that are not in the audit log yet.', read: () => store.lag(AUDIT) },
    tollgate_waiters: { help: 'Requests that wait for an outcome.', read: () => outcome.waiting },
  });
  store.onChange(({ history, status }) => {
    if (history.at(-2)?.status !== status) metrics.payment(status);
  });

  const { pspTimeoutMs } = { pspTimeoutMs: config.PSP_TIMEOUT_MS };
  const psp = createAskPsp({ connectors, clock, timers, ids, logger, pspTimeoutMs });
  const onLateSuccess = () => metrics.lateSuccess();
  const settler = createSettler({ store, queue, clock, logger, onLateSuccess });
  const worker = createWorker({ store, queue, psp, clock, logger, onLateSuccess });
  const authenticate = createAuthenticate({ keys, clock });
  const { accept, operations } = useCases(config, parts, connectors);
  const app = createHttpApp({
    routes: routes({
      accept,
      operations,
      get: store.get,
      list: parts.list,
      outcome,
      checkReadiness: createReadiness({
        probes: { store: () => database.write(() => anchorProbe(database)), queue: () => queue.depth() },
        backlog,
        clock,
      }),
      metrics,
      authenticate,
      handleCallback: createHandleCallback({ connectors, store, psp, settler, clock }),
    }),
    mounts: [{ prefix: '/simulator/', handle: simulator.handlePage }],
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
      maxWaitSeconds: MAX_WAIT_SECONDS,
    }),
    ids,
    logger,
    metrics,
  });

  return {
    ...parts,
    app,
    outcome,
    simulator,
    /** Starts the drivers, once it is known where customers reach us. */
    start(baseUrl: string): Drivers {
      address.baseUrl ||= baseUrl;
      const drivers = startDrivers({
        relay: createRelay({ feed: store, queue, onReversal: onLateSuccess }),
        worker,
        audit: createAudit({ feed: store, log: auditLog }),
        sweep: createSweep({ store, queue, clock, logger }),
        callbacks: simulator.deliverDue,
        timers,
        logger,
        concurrency: config.PSP_CONCURRENCY,
      });
      store.onChange(() => drivers.wake());
      return drivers;
    },
    async close() {
      await auditLog.close();
      await simulator.close();
      await database.close();
    },
  };
}

export type Service = Awaited<ReturnType<typeof embedded>>;

/** A write that changes nothing and yet goes through the log to the disk: whether the store takes writes. */
function anchorProbe(database: SqliteDatabase): void {
  database.connection.exec('UPDATE consumers SET position = position');
}
