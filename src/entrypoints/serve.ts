import { mkdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { type ClosableLogger, createPinoLogger } from '../adapters/pino/pino-logger.ts';
import { lockFolder } from '../adapters/sqlite/server-lock.ts';
import type { AwaitOutcome } from '../app/await-outcome.ts';
import type { AwsConfig } from '../aws-config.ts';
import type { Config } from '../config.ts';
import type { HttpApp } from '../http/app.ts';
import { nodeListener } from '../http/node-listener.ts';
import type { Ids } from '../ports/ids.ts';
import type { Logger } from '../ports/logger.ts';
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

/** What a server answers with and drives, wherever its parts are. */
interface Service {
  app: HttpApp;
  ids: Ids;
  outcome: AwaitOutcome;
  /** Starts what runs beside the requests. */
  start(baseUrl: string): { stop(): Promise<void> };
  close(): Promise<void>;
}

/**
 * Serves a data folder, or a deployment on AWS, until told to stop.
 * @param logger by default to standard error; it is flushed when the server has stopped
 * @throws ConfigError, FolderInUseError, SchemaError, and what listening can throw (EADDRINUSE)
 */
export async function serve(
  config: Config,
  print: (text: string) => void,
  logger: ClosableLogger = createPinoLogger(config.LOG_LEVEL, process.stderr.isTTY === true),
): Promise<RunningServer> {
  mkdirSync(config.DATA_DIR, { recursive: true, mode: 0o700 });
  const lock = lockFolder(config.DATA_DIR);
  try {
    const service = await embedded(config, logger);
    const server = await serveParts(config, service, logger);
    lock.describe(`process ${process.pid} at ${server.url}`);
    print(startBanner(server.url, await demoKey(service)));
    logger.info({ url: server.url, data_dir: config.DATA_DIR, pid: process.pid }, 'ready');
    return {
      url: server.url,
      async stop() {
        await server.stop();
        lock.release();
        logger.info({}, 'stopped');
        logger.flush();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/**
 * Serves a deployment on AWS: the same server, on any number of machines. The deployment's functions or its fleet carry
 * out what it accepts.
 */
export async function serveAws(
  config: AwsConfig,
  print: (text: string) => void,
  logger: ClosableLogger = createPinoLogger(config.LOG_LEVEL, process.stderr.isTTY === true),
): Promise<RunningServer> {
  // Loaded only when it is used: a laptop has no need of the SDK.
  const { awsServer } = await import('../wiring-aws/server.ts');
  const server = await serveParts(config, await awsServer(config, logger), logger);
  print(`Tollgate takes payments at ${server.url} for ${config.TABLE_NAME}  (docs: ${server.url}/docs)\n`);
  logger.info({ url: server.url, table: config.TABLE_NAME, pid: process.pid }, 'ready');
  return {
    url: server.url,
    async stop() {
      await server.stop();
      logger.info({}, 'stopped');
      logger.flush();
    },
  };
}

async function serveParts(config: Config, service: Service, logger: Logger): Promise<RunningServer> {
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
  const running = service.start(url);
  return {
    url,
    async stop() {
      logger.info({}, 'stopping: no new requests; finishing what is in hand');
      service.outcome.release();
      await closeServer(server);
      await running.stop();
      await service.close();
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
