import type { Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { HttpApp } from '../http/app.ts';
import { nodeListener } from '../http/node-listener.ts';
import type { Ids } from '../ports/ids.ts';
import type { Logger } from '../ports/logger.ts';
import { boundedServer } from './bounded-server.ts';

/** How long open requests may take to finish when the server is told to stop. */
const DRAIN_MS = 10_000;
/** How often, meanwhile, connections that have become idle are looked for. */
const DRAIN_LOOK_MS = 50;
/** Connections that the system holds until they are taken: Node's 511 are fewer than come during a pause of half a second. */
const LISTEN_BACKLOG = 4_096;
/** How long whoever was refused has to read why, before what they still send is cut off. */
const LINGER_MS = 1_000;

export interface NodeServer {
  /** By which it is reached from this machine. */
  url: string;
  port: number;
  /** Takes no new connections, and answers what is in hand. */
  close(): Promise<void>;
}

export interface Listening {
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** Whether others may listen beside it, and the system spreads connections over all of them. @default false */
  reusePort?: boolean;
  /** More at once are closed as they come. */
  maxConnections: number;
}

/**
 * The application behind Node's own server.
 * @throws what listening can throw (EADDRINUSE)
 */
export async function startNodeServer(
  { app, ids, logger }: { app: HttpApp; ids: Ids; logger: Logger },
  { host, port, reusePort = false, maxConnections }: Listening,
): Promise<NodeServer> {
  const listener = nodeListener(app);
  const refuse = (socket: Duplex, reason: string | undefined) => {
    const requestId = ids.next('req');
    logger.info({ request_id: requestId, reason }, 'not a request');
    listener.refuse(socket, requestId);
    // Whoever goes on sending would hold the connection for as long as they like.
    if (socket.writableEnded) setTimeout(() => socket.destroy(), LINGER_MS).unref();
  };
  const server = boundedServer({ maxConnections, logger }, (incoming, outgoing) => {
    if (incoming.headers.host === undefined && incoming.httpVersion === '1.1')
      refuse(incoming.socket, 'no Host');
    else listener(incoming, outgoing);
  });
  server.on('checkExpectation', listener);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => refuse(socket, error.code));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, reusePort, backlog: LISTEN_BACKLOG }, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  const address = server.address();
  const listening = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: addressOf(host, listening), port: listening, close: () => closeServer(server) };
}

function addressOf(host: string, port: number): string {
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
