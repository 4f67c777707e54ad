import { parentPort, workerData } from 'node:worker_threads';
import { createThreadLogger } from '../adapters/lines/thread-logger.ts';
import { createRequestMetrics } from '../adapters/prometheus/prometheus-metrics.ts';
import { createSystemClock } from '../adapters/system/system-clock.ts';
import { createSystemIds } from '../adapters/system/system-ids.ts';
import { createSystemTimers } from '../adapters/system/system-timers.ts';
import { createRateLimiter } from '../app/rate-limit.ts';
import { connectThreads } from '../threads/calls.ts';
import { CORE_CALLS, type CoreEnd } from '../threads/core-end.ts';
import { EDGE_CALLS, type EdgeEnd, edgePorts } from '../threads/edge-end.ts';
import { readSharedBacklog } from '../threads/shared-backlog.ts';
import { createEdge } from '../wiring-edge.ts';
import type { HttpThreadData, HttpThreadMessage } from './http-threads.ts';
import { startNodeServer } from './node-server.ts';

/** A thread that talks HTTP and has no database: what it needs of the payments it asks of the thread that started it. */
if (!parentPort) throw new Error('This runs as a thread of the server: start that, with npm start.');
const parent = parentPort;
const { config, listening, port, backlog } = workerData as HttpThreadData;
const say = (message: HttpThreadMessage) => parent.postMessage(message);
const clock = createSystemClock();
const logger = createThreadLogger(config.LOG_LEVEL, { clock, timers: createSystemTimers() }, (log) =>
  say({ log }),
);
const metrics = createRequestMetrics();
const line = connectThreads<CoreEnd>(
  port,
  {
    handlers: {
      counts: metrics.counts,
      async stop() {
        await server.close();
        logger.flush();
      },
    } satisfies EdgeEnd,
    names: EDGE_CALLS,
  },
  CORE_CALLS,
);
const ports = await edgePorts(line.calls);
const ids = createSystemIds();
const isLimited = config.RATE_LIMIT_PER_SECOND > 0;
const app = createEdge(config, {
  ...ports,
  // Where nothing is limited, nobody has to be asked.
  limiter: isLimited ? ports.limiter : createRateLimiter({ clock, perSecond: 0, burst: 1 }),
  backlog: readSharedBacklog(backlog, config.MAX_BACKLOG),
  metrics: { ...metrics, render: ports.render },
  clock,
  ids,
  logger,
});
const server = await startNodeServer({ app, ids, logger }, listening).catch((error: unknown) => {
  const {
    message,
    code,
    address,
    port: taken,
  } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  say({ failed: { message, code, address, port: taken } });
  throw error;
});
say({ url: server.url });
