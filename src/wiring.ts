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
import { createAskPsp } from './app/ask-psp.ts';
import { AUDIT, createAudit } from './app/audit.ts';
import { createAwaitOutcome } from './app/await-outcome.ts';
import { createBacklog } from './app/backlog.ts';
import { type Drivers, startDrivers } from './app/drivers.ts';
import { createHandleCallback } from './app/handle-callback.ts';
import { createListPayments } from './app/list-payments.ts';
import { createRateLimiter } from './app/rate-limit.ts';
import { createReadiness } from './app/readiness.ts';
import { createRelay, RELAY } from './app/relay.ts';
import { createResolve } from './app/resolve.ts';
import { createSweep } from './app/sweep.ts';
import { createSettler, createWorker } from './app/work.ts';
import type { Config } from './config.ts';
import { createSimulator, type Simulator } from './connectors/simulator/simulator.ts';
import { createSqliteStorage } from './connectors/simulator/sqlite-storage.ts';
import type { Logger } from './ports/logger.ts';
import { createEdge } from './wiring-edge.ts';

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

/**
 * One process that serves a folder: the HTTP application, and a driver for each step.
 * @param others what the threads that talk HTTP have counted, where there are any
 */
export async function embedded(config: Config, logger: Logger, others?: () => Promise<object[][]>) {
  const parts = openFolder(config, 'server', logger);
  try {
    return await joined(config, parts, logger, others);
  } catch (error) {
    // Whoever opens the folder again must be the only one of this process, or the log is not recovered.
    await parts.database.close();
    throw error;
  }
}

async function joined(
  config: Config,
  parts: Folder,
  logger: Logger,
  others: (() => Promise<object[][]>) | undefined,
) {
  const { store, queue, keys, secrets, clock, ids, timers, database, anchor, auditFolder } = parts;
  const address = { baseUrl: config.PUBLIC_URL };
  const simulator = await openSimulator(config, parts, () => address.baseUrl);
  const connectors = [simulator];
  const auditLog = await openFilesAuditLog({ folder: auditFolder, anchor, timers, logger }).catch(
    async (error: unknown) => {
      await simulator.close();
      throw error;
    },
  );

  const backlog = createBacklog({ feed: store, queue, clock, limit: config.MAX_BACKLOG });
  const outcome = createAwaitOutcome({ store, signal: store, timers, maxWaiters: config.MAX_WAITERS });
  const gauges = {
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
  };
  const metrics = createPrometheusMetrics(gauges, others);
  store.onWritten(({ moved, status }) => {
    if (moved) metrics.payment(status);
  });

  const { PSP_TIMEOUT_MS: pspTimeoutMs } = config;
  const psp = createAskPsp({ connectors, clock, timers, ids, logger, pspTimeoutMs });
  const onLateSuccess = () => metrics.lateSuccess();
  const settler = createSettler({ store, queue, clock, logger, onLateSuccess });
  const worker = createWorker({ store, queue, psp, clock, logger, onLateSuccess });
  const edge = {
    store,
    rows: store.rows,
    keys,
    secrets,
    connectors,
    limiter: createRateLimiter({
      clock,
      perSecond: config.RATE_LIMIT_PER_SECOND,
      burst: config.RATE_LIMIT_BURST,
    }),
    backlog,
    outcome,
    handleCallback: createHandleCallback({ connectors, store, psp, settler, clock }),
    checkReadiness: createReadiness({
      probes: { store: () => database.write(() => probeWrite(database)), queue: () => queue.depth() },
      backlog,
      clock,
    }),
    metrics,
    page: simulator.handlePage,
    clock,
    ids,
    logger,
  };

  return {
    ...parts,
    /** What the HTTP side needs, for those that build it elsewhere. */
    edge,
    app: createEdge(config, edge),
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
      store.onWritten(() => drivers.wake());
      return drivers;
    },
    /** Everything, even if closing one part fails, as it does where the disk has failed. */
    async close() {
      try {
        await auditLog.close();
        await simulator.close();
      } finally {
        await database.close();
      }
    },
  };
}

export type Service = Awaited<ReturnType<typeof embedded>>;

/**
 * A write that changes nothing and yet goes through the log to the disk: whether the store takes writes. (An UPDATE of
 * a row to what it is writes nothing at all.)
 */
function probeWrite({ connection }: SqliteDatabase): void {
  const { user_version } = connection.prepare('PRAGMA user_version').get() as { user_version: number };
  connection.exec(`PRAGMA user_version = ${user_version}`);
}
