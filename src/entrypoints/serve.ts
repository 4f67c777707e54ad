import { mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ClosableLogger, createPinoLogger } from '../adapters/pino/pino-logger.ts';
import { lockFolder, type ServerLock } from '../adapters/sqlite/server-lock.ts';
import type { Config } from '../config.ts';
import { nodeListener } from '../http/node-listener.ts';
import { embedded } from '../wiring.ts';
import { demoKey } from './demo-key.ts';
import { startBanner } from './start-banner.ts';

/** How long open requests may take to finish when the server is told to stop. */
const DRAIN_MS = 10_000;
/** How often, meanwhile, connections that have become idle are looked for. */
const DRAIN_LOOK_MS = 50;

export interface RunningServer {
  url: string;
  stop(): Promise<void>;
}

/**
 * Serves a data folder until told to stop.
 * @param logger by default to standard error; it is flushed when the server has stopped
 * @throws FolderInUseError, SchemaError, and what listening can throw (EADDRINUSE)
 */
export async function serve(
  config: Config,
  print: (text: string) => void,
  logger: ClosableLogger = createPinoLogger(config.LOG_LEVEL, process.stderr.isTTY === true),
): Promise<RunningServer> {
  mkdirSync(config.DATA_DIR, { recursive: true, mode: 0o700 });
  const lock = lockFolder(config.DATA_DIR);
  try {
    return await serveLocked(config, lock, logger, print);
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function serveLocked(
  config: Config,
  lock: ServerLock,
  logger: ClosableLogger,
  print: (text: string) => void,
): Promise<RunningServer> {
  const service = await embedded(config, logger);
  const listener = nodeListener(service.app);
  const refuse = (socket: Duplex, reason: string | undefined) => {
    const requestId = service.ids.next('req');
    logger.info({ request_id: requestId, reason }, 'not a request');
    listener.refuse(socket, requestId);
  };
  // Node's own answers to these two have no Request-Id: a missing Host, and an expectation that nobody knows, which
  // may be passed over (RFC 9110, section 10.1.1).
  const server = createServer({ requireHostHeader: false }, (incoming, outgoing) => {
    if (incoming.headers.host === undefined && incoming.httpVersion === '1.1')
      refuse(incoming.socket, 'no Host');
    else listener(incoming, outgoing);
  });
  server.on('checkExpectation', listener);
  // Slow senders hold a socket, nothing else; and not for long.
  server.requestTimeout = 30_000;
  server.headersTimeout = 10_000;
  server.keepAliveTimeout = 65_000;
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => refuse(socket, error.code));
  try {
    await listen(server, config.HOST, config.PORT);
  } catch (error) {
    await service.close();
    throw error;
  }
  const url = addressOf(server, config.HOST);
  lock.describe(`process ${process.pid} at ${url}`);
  const drivers = service.start(url);
  const key = await demoKey(service);
  print(startBanner(url, key));
  logger.info({ url, data_dir: config.DATA_DIR, pid: process.pid }, 'ready');

  return {
    url,
    async stop() {
      logger.info({}, 'stopping: no new requests; finishing what is in hand');
      service.outcome.release();
      await closeServer(server);
      await drivers.stop();
      await service.close();
      lock.release();
      logger.info({}, 'stopped');
      logger.flush();
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

function addressOf(server: Server, host: string): string {
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

/**
 * Connections are closed as they become idle, and what still comes in over them is answered as the last; those that
 * are busy for too long are cut.
 */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.prependListener('request', (_request, response) => {
      response.shouldKeepAlive = false;
    });
    const look = setInterval(() => server.closeIdleConnections(), DRAIN_LOOK_MS);
    const late = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    server.close(() => {
      clearInterval(look);
      clearTimeout(late);
      resolve();
    });
    server.closeIdleConnections();
  });
}
