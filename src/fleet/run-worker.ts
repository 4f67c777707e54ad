import { createServer, type Server } from 'node:http';
import type { Worker } from '../app/work.ts';
import type { Timers } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { InterruptionNotice } from './interruption-notice.ts';
import { startWorkLoop } from './work-loop.ts';

/** How often the instance's end is looked for; spot instances are told two minutes before. */
const LOOK_EVERY_MS = 5_000;

interface Deps {
  worker: Worker;
  timers: Timers;
  logger: Logger;
  concurrency: number;
  /** Port on loopback for the health check; 0 takes a free one. */
  healthPort: number;
  /** Null outside of AWS. */
  notice: InterruptionNotice | null;
  /** Aborted when the process is told to stop. */
  stop: AbortSignal;
  /** Called with the port, once work is being taken. */
  onReady?: (port: number) => void;
}

/** The worker as a process of its own, until it is told to stop or its instance is taken away. Then it drains. */
export async function runWorker(deps: Deps): Promise<void> {
  const { timers, logger, healthPort, notice, stop } = deps;
  const server = createServer();
  // Before any work is taken: a process whose port is taken ends, and must not do so with work in hand.
  const port = await listening(server, healthPort);
  const loop = startWorkLoop(deps);
  server.on('request', (_request, response) => {
    const ok = loop.healthy();
    response.writeHead(ok ? 200 : 503, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ status: ok ? 'ok' : 'unhealthy', in_hand: loop.inHand }));
  });
  logger.info({ health_port: port }, 'taking work');
  deps.onReady?.(port);

  const reason = await endOf(notice, timers, stop);
  logger.info({ reason, in_hand: loop.inHand }, 'draining: no new work; finishing what is in hand');
  await loop.drain();
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
  logger.info({}, 'drained');
}

function listening(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      resolve(typeof address === 'object' && address ? address.port : port);
    });
  });
}

async function endOf(notice: InterruptionNotice | null, timers: Timers, stop: AbortSignal): Promise<string> {
  while (!stop.aborted) {
    const told = notice ? await notice() : null;
    if (told !== null) return told;
    await timers.sleep(LOOK_EVERY_MS, stop);
  }
  return String(stop.reason);
}
