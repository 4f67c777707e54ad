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

/**
 * Starts the threads that talk HTTP, all of them listening on one port, over which the system spreads connections.
 * @throws what listening can throw (EADDRINUSE)
 */
export async function startHttpThreads(
  { count, script = THREAD, ...data }: HttpThreadsOptions,
  core: CoreEnd,
  watch: Watch,
): Promise<HttpThreads> {
  const { HOST: host, PORT, MAX_CONNECTIONS } = data.config;
  const port = await freePort(host, PORT);
  const maxConnections = Math.ceil(MAX_CONNECTIONS / count);
  const listening = { host, port, reusePort: count > 1, maxConnections };
  let stopping = false;
  const ended = (error: Error) => {
    if (!stopping) watch.ended(error);
  };
  const started = await Promise.all(
    Array.from({ length: count }, () =>
      startThread(script, { ...data, listening }, core, { log: watch.log, ended }),
    ),
  );
  const threads = started.map(({ thread }) => thread);
  return {
    url: (started[0] as Started).url,
    counts: () => Promise.all(threads.map(({ line }) => line.calls.counts())),
    async close() {
      stopping = true;
      await Promise.all(threads.map(({ line }) => line.calls.stop()));
      for (const { line } of threads) line.close();
      await Promise.all(threads.map(({ worker }) => worker.terminate()));
    },
  };
}

interface Started {
  thread: Thread;
  url: string;
}

function startThread(
  script: URL,
  data: Omit<HttpThreadData, 'port'>,
  core: CoreEnd,
  { log, ended }: Watch,
): Promise<Started> {
  const { port1, port2 } = new MessageChannel();
  const workerData: HttpThreadData = { ...data, port: port2 };
  const worker = new Worker(script, {
    workerData,
    transferList: [port2],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  const line = connectThreads<EdgeEnd>(port1, { handlers: core, names: CORE_CALLS }, EDGE_CALLS);
  return new Promise((resolve, reject) => {
    worker.on('message', (message: HttpThreadMessage) => {
      if ('log' in message) log(message.log);
      else if ('url' in message) resolve({ thread: { worker, line }, url: message.url });
      else reject(Object.assign(new Error(message.failed.message), message.failed));
    });
    worker.on('error', (error: Error) => {
      reject(error);
      ended(error);
    });
    worker.on('exit', (code) => {
      const error = new Error(`A thread that talks HTTP ended with ${code}.`);
      line.close();
      reject(error);
      ended(error);
    });
  });
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
