import { availableParallelism } from 'node:os';
import type { Config } from '../config.ts';
import type { Logger } from '../ports/logger.ts';
import { coreEnd } from '../threads/core-end.ts';
import { publishBacklog, sharedBacklogMemory } from '../threads/shared-backlog.ts';
import { type Service as Embedded, embedded } from '../wiring.ts';
import { startHttpThreads } from './http-threads.ts';
import { type NodeServer, startNodeServer } from './node-server.ts';
import { type Reopening, reopening } from './reopening.ts';

/** More threads than this only wait for the one that has the database. */
const MOST_BY_DEFAULT = 4;

/** A log that takes the lines of other threads too. */
export interface ServiceLogger extends Logger {
  write(lines: string): void;
}

export interface OpenService extends Reopening<Embedded['edge']> {
  /** The parts as they were opened first. */
  first: Embedded;
  /** @throws what listening can throw (EADDRINUSE) */
  listen(): Promise<Pick<NodeServer, 'url' | 'close'>>;
}

/** How many threads talk HTTP; 0: the one that does all the rest. */
function threadCount({ HTTP_THREADS }: Config): number {
  const cores = availableParallelism();
  const wanted = HTTP_THREADS ?? Math.min(cores - 1, MOST_BY_DEFAULT);
  // Elsewhere the system does not spread the connections of one port over several listeners.
  return process.platform === 'linux' ? wanted : Math.min(1, wanted);
}

/** The parts over a data folder, and HTTP before them: in threads of its own, or in this one. */
export async function openService(
  config: Config,
  logger: ServiceLogger,
  onFault: (error: Error) => void,
): Promise<OpenService> {
  let counts: () => Promise<object[][]> = async () => [];
  const open = () => embedded(config, logger, () => counts());
  const first = await open();
  const service = reopening(first, open, logger);
  const count = threadCount(config);
  const { HOST: host, PORT: port, MAX_CONNECTIONS: maxConnections } = config;

  async function listenInThreads(): Promise<Pick<NodeServer, 'url' | 'close'>> {
    const memory = sharedBacklogMemory();
    const threads = await startHttpThreads({ config, count, backlog: memory }, coreEnd(service.edge), {
      log: logger.write,
      ended: onFault,
    });
    counts = threads.counts;
    const backlog = { limit: config.MAX_BACKLOG, waiting: () => service.edge().backlog.waiting() };
    const measured = publishBacklog(memory, { backlog, timers: first.timers, logger });
    return {
      url: threads.url,
      async close() {
        await threads.close();
        counts = async () => [];
        await measured.stop();
      },
    };
  }

  return {
    ...service,
    first,
    listen:
      count === 0
        ? () => startNodeServer({ ...service, logger }, { host, port, maxConnections })
        : listenInThreads,
  };
}
