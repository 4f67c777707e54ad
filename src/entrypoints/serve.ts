import { mkdirSync } from 'node:fs';
import type { Server } from 'node:http';
import { createAdaptorServer } from '@hono/node-server';
import { createPinoLogger } from '../adapters/pino/pino-logger.ts';
import { lockFolder, type ServerLock } from '../adapters/sqlite/server-lock.ts';
import type { Config } from '../config.ts';
import { embedded } from '../wiring.ts';
import { demoKey } from './demo-key.ts';
import { startBanner } from './start-banner.ts';

/** How long open requests may take to finish when the server is told to stop. */
const DRAIN_MS = 10_000;

export interface RunningServer {
  url: string;
  stop(): Promise<void>;
}

/**
 * Serves a data folder until told to stop.
 * @throws FolderInUseError, SchemaError, and what listening can throw (EADDRINUSE)
 */
export async function serve(config: Config, print: (text: string) => void): Promise<RunningServer> {
  mkdirSync(config.DATA_DIR, { recursive: true, mode: 0o700 });
  const lock = lockFolder(config.DATA_DIR);
  const logger = createPinoLogger(config.LOG_LEVEL, process.stderr.isTTY === true);
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
  logger: ReturnType<typeof createPinoLogger>,
  print: (text: string) => void,
): Promise<RunningServer> {
  const service = await embedded(config, logger);
  const server = createAdaptorServer({ fetch: service.app.fetch }) as Server;
  // Slow senders hold a socket, nothing else; and not for long.
  server.requestTimeout = 30_000;
  server.headersTimeout = 10_000;
  server.keepAliveTimeout = 65_000;
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end(BAD_REQUEST);
  });
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

/** What is not HTTP gets an answer too, in the form of all others. */
const BAD_REQUEST_BODY = JSON.stringify({
  type: '/docs#invalid_request',
  title: 'The request is not valid',
  status: 400,
  detail:
    'This is not an HTTP/1.1 request that can be read. Check the request line, the headers and their size.',
  code: 'invalid_request',
  request_id: 'none',
});
const BAD_REQUEST = [
  'HTTP/1.1 400 Bad Request',
  'Content-Type: application/problem+json',
  `Content-Length: ${Buffer.byteLength(BAD_REQUEST_BODY)}`,
  'Request-Id: none',
  'Connection: close',
  '',
  BAD_REQUEST_BODY,
].join('\r\n');

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

/** Idle connections are closed, busy ones are given time; then all are. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const late = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
    server.close(() => {
      clearTimeout(late);
      resolve();
    });
    server.closeIdleConnections();
  });
}
