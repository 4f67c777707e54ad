import { once } from 'node:events';
import type { RequestListener, Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  boundedServer,
  CONNECTION_TIMES,
  type ConnectionTimes,
} from '../../src/entrypoints/bounded-server.ts';
import { MAX_WAIT_SECONDS } from '../../src/http/prefer.ts';
import { sendRaw } from '../http/raw.fixture.ts';
import { type RunningService, startService } from '../http/service.fixture.ts';

const NEVER_MS = 600_000;
/** Nothing ends a connection but what a test sets. */
const PATIENT: ConnectionTimes = {
  headersTimeoutMs: NEVER_MS,
  requestTimeoutMs: NEVER_MS,
  keepAliveTimeoutMs: NEVER_MS,
  silenceTimeoutMs: NEVER_MS,
  lookEveryMs: 20,
};

const opened: Socket[] = [];
const servers: Server[] = [];
const warned: object[] = [];

afterEach(async () => {
  for (const socket of opened.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});

async function listen(
  times: Partial<ConnectionTimes>,
  maxConnections = 10,
  listener: RequestListener = (incoming, outgoing) => {
    incoming.resume().on('end', () => outgoing.end('ok'));
  },
): Promise<number> {
  const ignore = () => undefined;
  const logger = {
    debug: ignore,
    info: ignore,
    error: ignore,
    warn: (fields: object) => warned.push(fields),
  };
  const server = boundedServer({ maxConnections, logger, times: { ...PATIENT, ...times } }, listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  return (server.address() as AddressInfo).port;
}

function open(port: number): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => socket.destroy());
  opened.push(socket);
  return socket;
}

/** However it was closed: what still was to be sent then cannot be. */
function closed(socket: Socket): Promise<unknown> {
  if (socket.closed) return Promise.resolve();
  return new Promise((resolve) => socket.once('close', resolve));
}

/** Sends a byte of the text after the other, as slowly as the other side takes them, until the connection is closed. */
async function trickle(socket: Socket, begin: string, forever: string): Promise<void> {
  socket.write(begin);
  const drip = setInterval(() => socket.writable && socket.write(forever), 5);
  socket.resume();
  await closed(socket);
  clearInterval(drip);
}

describe('a connection is closed', () => {
  it('when the head of a request comes too slowly, however steadily', async () => {
    const port = await listen({ headersTimeoutMs: 60 });
    await trickle(open(port), 'GET /health HTTP/1.1\r\nX: ', 'a');
  });

  it('when its body does', async () => {
    const port = await listen({ headersTimeoutMs: 60, requestTimeoutMs: 90 });
    await trickle(open(port), 'POST /payments HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n', ' ');
    await trickle(
      open(port),
      'POST /payments HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n',
      '1\r\n \r\n',
    );
  });

  it('when nothing was ever asked over it', async () => {
    const port = await listen({ headersTimeoutMs: 60 });
    const silent = open(port);
    silent.resume();
    await closed(silent);
  });

  it('when nothing more is asked over it', async () => {
    const port = await listen({ keepAliveTimeoutMs: 30 });
    const idle = open(port);
    idle.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
    idle.resume();
    await closed(idle);
  });

  it('when who asked does not read the answer', async () => {
    const unread = Promise.withResolvers<void>();
    // More than the system buffers between two sockets.
    const answer = Buffer.alloc(32 * 1_024 * 1_024);
    const port = await listen({ silenceTimeoutMs: 80 }, 10, (_, outgoing) => {
      outgoing.on('close', unread.resolve);
      outgoing.end(answer);
    });
    const lazy = open(port);
    lazy.pause();
    lazy.write('GET /payments HTTP/1.1\r\nHost: x\r\n\r\n');
    await unread.promise;
  });

  it('as it comes, when as many are open as may be; and those that are open go on', async () => {
    const port = await listen({}, 2);
    const first = open(port);
    const second = open(port);
    await Promise.all([once(first, 'connect'), once(second, 'connect')]);
    for (let n = 0; n < 9; n += 1) {
      const more = open(port);
      more.resume();
      await closed(more);
    }
    first.write('GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(String((await once(first, 'data'))[0])).toMatch(/^HTTP\/1\.1 200/);
    // Told at the first, the second, the fourth and the eighth.
    expect(warned).toEqual([1, 2, 4, 8].map((closed) => ({ max_connections: 2, closed })));
  });
});

it('the times that a server runs with leave room for what is meant to take long, and are bounded', () => {
  const { headersTimeoutMs, requestTimeoutMs, silenceTimeoutMs, keepAliveTimeoutMs, lookEveryMs } =
    CONNECTION_TIMES;
  expect(silenceTimeoutMs).toBeGreaterThan(MAX_WAIT_SECONDS * 1_000);
  expect(silenceTimeoutMs).toBeGreaterThan(keepAliveTimeoutMs);
  expect(headersTimeoutMs).toBeLessThanOrEqual(requestTimeoutMs);
  expect(requestTimeoutMs + lookEveryMs).toBeLessThanOrEqual(60_000);
});

describe('the service', () => {
  let service: RunningService;
  beforeAll(async () => {
    // Two for the client of the tests, and two to be taken up.
    service = await startService({ MAX_CONNECTIONS: '4' });
  });
  afterAll(() => service.stop());

  it('serves on while its connections are taken up, to the number that is set', async () => {
    const { hostname, port } = new URL(service.url);
    const held = [1, 2, 3].map(() => {
      const socket = connect(Number(port), hostname);
      socket.on('error', () => socket.destroy());
      opened.push(socket);
      return socket;
    });
    await Promise.all(held.map((socket) => once(socket, 'connect')));
    // The client's own connection is open since the start, and is kept.
    expect((await service.call('GET', '/health')).status).toBe(200);
    const refused = await sendRaw(service.url, 'GET /health HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(refused).toBe('');
    expect(await service.logged()).toContain('too many connections');
    for (const socket of held) socket.destroy();
    await Promise.all(held.map((socket) => closed(socket)));
    let answer = '';
    const asked = 'GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
    // The server may learn of it a moment later than we.
    while (answer === '') answer = await sendRaw(service.url, asked);
    expect(answer).toMatch(/^HTTP\/1\.1 200/);
  });

  it('refuses heads that are too large, without reading on', async () => {
    for (const line of [
      `GET /${'a'.repeat(20_000)} HTTP/1.1`,
      `GET / HTTP/1.1\r\nX: ${'b'.repeat(1_000_000)}`,
    ]) {
      const answer = await sendRaw(service.url, `${line}\r\nHost: x\r\n\r\n`);
      expect(answer).toMatch(/^HTTP\/1\.1 400|^$/);
    }
    const many = Array.from({ length: 5_000 }, (_, n) => `X${n}: y`).join('\r\n');
    expect(await sendRaw(service.url, `GET / HTTP/1.1\r\n${many}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400|^$/);
  });
});
