import { createServer } from 'node:net';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { Config } from '../config.ts';
import { connectThreads, type Line } from '../threads/calls.ts';
import { CORE_CALLS, type CoreEnd } from '../threads/core-end.ts';
import { EDGE_CALLS, type EdgeEnd } from '../threads/edge-end.ts';
import type { Listening, NodeServer } from './node-server.ts';

/** What a thread is started with. */
export interface HttpThreadData {
  config: Config;
  listening: Listening;
  /** To the thread with the database. */
  port: MessagePort;
  /** Shared by all of them. */
  backlog: SharedArrayBuffer;
}

export type HttpThreadMessage =
  | { url: string }
  | { log: string }
  | {
      failed: {
        message: string;
        code?: string | undefined;
        address?: string | undefined;
        port?: number | undefined;
      };
    };

interface Thread {
  worker: Worker;
  line: Line<EdgeEnd>;
  /** Where, once it does. */
  listens: Promise<string>;
}

export interface HttpThreads extends Pick<NodeServer, 'url' | 'close'> {
  /** What each of them has counted. */
  counts(): Promise<object[][]>;
}

/** For objects that live as long as one request: little of it is ever in use at once. */
const YOUNG_GENERATION_MB = 8;

export interface HttpThreadsOptions extends Pick<HttpThreadData, 'config' | 'backlog'> {
  count: number;
  /** For tests of what happens when one ends. @default http-thread.ts */
  script?: URL;
}

const THREAD = new URL('./http-thread.ts', import.meta.url);

interface Watch {
  /** Lines of the threads' logs. */
  log(lines: string): void;
  /** One of them has ended that was not told to. */
  ended(error: Error): void;
}

/** A port that was not asked for by number may be another's by the time that the threads listen: then another is taken. */
const CHOICES_OF_PORT = 5;

/**
 * Starts the threads that talk HTTP, all of them listening on one port, over which the system spreads connections.
 * @throws what listening can throw (EADDRINUSE)
 */
export async function startHttpThreads(
  options: HttpThreadsOptions,
  core: CoreEnd,
  watch: Watch,
): Promise<HttpThreads> {
  for (let choice = 1; ; choice += 1) {
    try {
      return await startOn(await freePort(options.config.HOST, options.config.PORT), options, core, watch);
    } catch (error) {
      const wasChosen = options.config.PORT === 0 && (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
      if (!wasChosen || choice === CHOICES_OF_PORT) throw error;
    }
  }
}

async function startOn(
  port: number,
  { count, script = THREAD, ...data }: HttpThreadsOptions,
  core: CoreEnd,
  watch: Watch,
): Promise<HttpThreads> {
  const { HOST: host, MAX_CONNECTIONS } = data.config;
  const maxConnections = Math.ceil(MAX_CONNECTIONS / count);
  const listening = { host, port, reusePort: count > 1, maxConnections };
  /** Until they all listen, an end is a start that was refused; afterwards it is told, once. */
  let isServing = false;
  let firstEnd: Error | null = null;
  const ended = (error: Error) => {
    firstEnd ??= error;
    if (!isServing) return;
    isServing = false;
    watch.ended(error);
  };
  const threads = Array.from({ length: count }, () =>
    startThread(script, { ...data, listening }, core, { log: watch.log, ended }),
  );
  async function terminate(): Promise<void> {
    isServing = false;
    for (const { line } of threads) line.close();
    await Promise.all(threads.map(({ worker }) => worker.terminate()));
  }
  try {
    const urls = await Promise.all(threads.map(({ listens }) => listens));
    if (firstEnd) throw firstEnd;
    isServing = true;
    return {
      url: urls[0] as string,
      counts: () => Promise.all(threads.map(({ line }) => line.calls.counts())),
      async close() {
        isServing = false;
        await Promise.all(threads.map(({ line }) => line.calls.stop()));
        await terminate();
      },
    };
  } catch (error) {
    await terminate();
    throw error;
  }
}

function startThread(
  script: URL,
  data: Omit<HttpThreadData, 'port'>,
  core: CoreEnd,
  { log, ended }: Watch,
): Thread {
  const { port1, port2 } = new MessageChannel();
  const workerData: HttpThreadData = { ...data, port: port2 };
  const worker = new Worker(script, {
    workerData,
    transferList: [port2],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  const line = connectThreads<EdgeEnd>(port1, { handlers: core, names: CORE_CALLS }, EDGE_CALLS);
  const listens = new Promise<string>((resolve, reject) => {
    const end = (error: Error) => {
      line.close();
      reject(error);
      ended(error);
    };
    worker.on('message', (message: HttpThreadMessage) => {
      if ('log' in message) log(message.log);
      else if ('url' in message) resolve(message.url);
      else reject(Object.assign(new Error(message.failed.message), message.failed));
    });
    worker.on('error', end);
    worker.on('exit', (code) => end(new Error(`A thread that talks HTTP ended with ${code}.`)));
  });
  return { worker, line, listens };
}

/**
 * The port that the threads are to share. Taken alone first, and let go: listening side by side is something that the
 * system also grants to another server of ours on the same port, which must be refused instead.
 */
function freePort(host: string, port: number): Promise<number> {
  const probe = createServer();
  return new Promise((resolve, reject) => {
    probe.once('error', reject);
    probe.listen({ host, port, exclusive: true }, () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}
