import { createServer, type RequestListener, type Server } from 'node:http';
import type { Logger } from '../ports/logger.ts';

/** What one peer can hold of a server: a connection, for a while. Everything in milliseconds. */
export interface ConnectionTimes {
  /** For the whole head of a request, however slowly its bytes come. */
  headersTimeoutMs: number;
  /** For head and body. */
  requestTimeoutMs: number;
  /** Between requests; longer than the minute after which proxies close what is idle, so that they do it first. */
  keepAliveTimeoutMs: number;
  /** Without a byte either way: who asks and does not read. Longer than the longest wait for an outcome (25 s). */
  silenceTimeoutMs: number;
  /** How often slow senders are looked for: a time-out comes so much late at the most. */
  lookEveryMs: number;
}

export const CONNECTION_TIMES: ConnectionTimes = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 65_000,
  silenceTimeoutMs: 90_000,
  lookEveryMs: 5_000,
};

interface Options {
  /** More at once are closed as they come; those that are open go on. */
  maxConnections: number;
  logger: Logger;
  times?: ConnectionTimes;
}

/** An HTTP server of which no peer can hold more than a connection, and none of those for long. */
export function boundedServer(
  { maxConnections, logger, times = CONNECTION_TIMES }: Options,
  listener: RequestListener,
): Server {
  // Node's own answers to these two have no Request-Id: a missing Host, and an expectation that nobody knows, which
  // may be passed over (RFC 9110, section 10.1.1).
  const server = createServer(
    { requireHostHeader: false, connectionsCheckingInterval: times.lookEveryMs },
    listener,
  );
  server.maxConnections = maxConnections;
  server.headersTimeout = times.headersTimeoutMs;
  server.requestTimeout = times.requestTimeoutMs;
  server.keepAliveTimeout = times.keepAliveTimeoutMs;
  server.timeout = times.silenceTimeoutMs;

  let closed = 0;
  server.on('drop', () => {
    closed += 1;
    // The first, the second, the fourth …: who floods the server with connections does not flood its log.
    const isPowerOfTwo = (closed & (closed - 1)) === 0;
    if (isPowerOfTwo)
      logger.warn(
        { max_connections: maxConnections, closed },
        'too many connections: new ones are closed as they come',
      );
  });
  return server;
}
