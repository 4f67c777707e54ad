import { nodeLogFiles } from '../adapters/files/log-files.ts';
import { type ClosableLogger, createPinoLogger } from '../adapters/pino/pino-logger.ts';
import { lockFolder, type ServerLock } from '../adapters/sqlite/server-lock.ts';
import type { AwaitOutcome } from '../app/await-outcome.ts';
import type { AwsConfig } from '../aws-config.ts';
import type { Config } from '../config.ts';
import { UnavailableError } from '../ports/faults.ts';
import type { Logger } from '../ports/logger.ts';
import { demoKey } from './demo-key.ts';
import { type NodeServer, startNodeServer } from './node-server.ts';
import { openService } from './open-service.ts';
import { startBanner } from './start-banner.ts';

/** Exit code of a server that ended by a fault of its own. */
const FAULT = 1;

export interface RunningServer {
  url: string;
  stop(): Promise<void>;
}

/** What a server drives, wherever its parts are. */
export interface Service {
  outcome: Pick<AwaitOutcome, 'release'>;
  /** Starts what runs beside the requests. */
  start(baseUrl: string): { stop(): Promise<void> };
  close(): Promise<void>;
}

type Listener = Pick<NodeServer, 'url' | 'close'>;

/**
 * Serves a data folder, or a deployment on AWS, until told to stop.
 * @param logger by default to standard error; it is flushed when the server has stopped
 * @throws ConfigError, FolderInUseError, SchemaError, UnavailableError (a disk that is full or fails), and what
 * listening can throw (EADDRINUSE)
 */
export async function serve(
  config: Config,
  print: (text: string) => void,
  logger: ClosableLogger = createPinoLogger(config.LOG_LEVEL, process.stderr.isTTY === true),
): Promise<RunningServer> {
  const lock = await lockOf(config.DATA_DIR);
  try {
    const service = await openService(config, logger, (error) => giveUp(error, logger));
    const server = await serveParts(service, logger, service.listen);
    lock.describe(`process ${process.pid} at ${server.url}`);
    print(startBanner(server.url, await demoKey(service.first)));
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
    throw startFault(error, config.DATA_DIR);
  }
}

async function lockOf(folder: string): Promise<ServerLock> {
  try {
    // Synced into the folder above it: a database is no more durable than the name by which it is found.
    await nodeLogFiles.makeFolder(folder);
    return lockFolder(folder);
  } catch (error) {
    throw startFault(error, folder);
  }
}

/** What the operating system says of a disk that is full or fails. */
const DISK_FAULTS = ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS'];

/** A disk that cannot be written as what it is, and not as a fault of ours: the same start may succeed later. */
function startFault(error: unknown, folder: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (!(error instanceof UnavailableError || (error instanceof Error && DISK_FAULTS.includes(code ?? ''))))
    return error;
  return new UnavailableError(
    `Cannot start on ${folder}: ${error.message}. Make room, or see to the disk, and start again.`,
    { cause: error },
  );
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
  const service = await awsServer(config, logger);
  const { HOST: host, PORT: port, MAX_CONNECTIONS: maxConnections } = config;
  const listening = { host, port, maxConnections };
  const server = await serveParts(service, logger, () => startNodeServer({ ...service, logger }, listening));
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

/** Half a server must not go on: whoever started it starts it again, and nothing that was promised is lost. */
function giveUp(error: Error, logger: ClosableLogger): never {
  logger.error(
    { error: error.message, stack: error.stack },
    'a thread of the server has ended; so does the server',
  );
  logger.flush();
  process.exit(FAULT);
}

/** Listens, and only then starts what runs beside the requests; stops them the other way round. */
async function serveParts(
  service: Service,
  logger: Logger,
  listen: () => Promise<Listener>,
): Promise<RunningServer> {
  let listener: Listener;
  try {
    listener = await listen();
  } catch (error) {
    await service.close();
    throw error;
  }
  const running = service.start(listener.url);
  return {
    url: listener.url,
    async stop() {
      logger.info({}, 'stopping: no new requests; finishing what is in hand');
      service.outcome.release();
      await listener.close();
      await running.stop();
      await service.close();
    },
  };
}
