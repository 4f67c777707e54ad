import { connect, type Socket } from 'node:net';
import { answerIn, type RawAnswer } from './raw-answer.ts';

export interface ConnectionPool {
  /** Sends a whole request over a connection that is free; null if no whole answer came. */
  ask(request: string): Promise<RawAnswer | null>;
  /** Requests so far that had to wait for a connection. */
  queued(): number;
  close(): void;
}

interface Connection {
  socket: Socket;
  received: string;
  /** Takes the answer to the request that is under way. */
  settle: ((answer: RawAnswer | null) => void) | null;
  idleSinceMs: number;
}

/** Longer than any `Prefer: wait`. */
const ANSWER_LIMIT_MS = 40_000;
/** Before the server closes it: a request sent just then would have no answer. */
const IDLE_LIMIT_MS = 20_000;

/**
 * Keep-alive connections, the one used last first, and new ones as long as there are fewer than `most`. Over plain
 * sockets: Node's own client takes more of the processor than the server under test, and both share the machine.
 */
export function createConnectionPool({ url, most }: { url: string; most: number }): ConnectionPool {
  const { hostname, port } = new URL(url);
  const open = new Set<Connection>();
  const idle: Connection[] = [];
  const waiting: ((connection: Connection) => void)[] = [];
  let queued = 0;

  function drop(connection: Connection): void {
    if (!open.delete(connection)) return;
    const at = idle.indexOf(connection);
    if (at !== -1) idle.splice(at, 1);
    connection.socket.destroy();
    settle(connection, null);
    if (waiting.length > 0) free(connectionMade());
  }

  function settle(connection: Connection, answer: RawAnswer | null): void {
    const take = connection.settle;
    connection.settle = null;
    take?.(answer);
  }

  function free(connection: Connection): void {
    const next = waiting.shift();
    if (next) next(connection);
    else {
      connection.idleSinceMs = performance.now();
      idle.push(connection);
      const oldest = idle[0] as Connection;
      if (connection.idleSinceMs - oldest.idleSinceMs > IDLE_LIMIT_MS) drop(oldest);
    }
  }

  function read(connection: Connection, text: string): void {
    connection.received += text;
    let answer: RawAnswer | null;
    try {
      answer = answerIn(connection.received);
    } catch (error) {
      connection.socket.destroy(error instanceof Error ? error : new Error(String(error)));
      return;
    }
    if (!answer) return;
    connection.received = '';
    settle(connection, answer);
    if (answer.keepsAlive) free(connection);
    else drop(connection);
  }

  function connectionMade(): Connection {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    const connection: Connection = { socket, received: '', settle: null, idleSinceMs: 0 };
    open.add(connection);
    socket.setEncoding('latin1').on('data', (text: string) => read(connection, text));
    socket.setTimeout(ANSWER_LIMIT_MS, () => drop(connection));
    // Whatever went wrong, the request has no answer, which is counted.
    socket.on('error', () => drop(connection));
    socket.on('close', () => drop(connection));
    return connection;
  }

  function freeConnection(): Connection | Promise<Connection> {
    const used = idle.pop();
    if (used && performance.now() - used.idleSinceMs <= IDLE_LIMIT_MS) return used;
    if (used) drop(used);
    if (open.size < most) return connectionMade();
    queued++;
    return new Promise((resolve) => waiting.push(resolve));
  }

  return {
    async ask(request) {
      const connection = await freeConnection();
      return new Promise((resolve) => {
        connection.settle = resolve;
        connection.socket.write(request, 'latin1');
      });
    },
    queued: () => queued,
    close() {
      waiting.length = 0;
      for (const connection of open) drop(connection);
    },
  };
}
