import { connect, type Socket } from 'node:net';

/** One burst of load in a process of its own: `load.ts <url> <key> <kind> <seconds> <prefix>`; prints its result. */
export interface LoadResult {
  /** Answers of 2xx, per second of the burst. */
  perSecond: number;
  answered: number;
  seconds: number;
  p50Ms: number;
  p99Ms: number;
  /** Answers that were not 2xx, and requests without an answer. */
  failed: number;
}

const CONNECTIONS = 64;
const END_OF_HEAD = Buffer.from('\r\n\r\n');

interface Client {
  socket: Socket;
  /** What has come of the answer so far. */
  rest: Buffer | null;
  sentAtMs: number;
}

/**
 * Closed loop: each connection sends its next request when the last one is answered. On bare sockets, since a client
 * that costs more than the server it measures, on a machine of two cores, measures itself.
 */
async function load(url: URL, request: () => string, durationMs: number): Promise<LoadResult> {
  const latencies: number[] = [];
  let answered = 0;
  let failed = 0;
  const startMs = performance.now();
  const endMs = startMs + durationMs;
  let open = CONNECTIONS;
  let lastMs = startMs;
  const over = Promise.withResolvers<void>();

  function next(client: Client): void {
    client.sentAtMs = performance.now();
    if (client.sentAtMs >= endMs) {
      client.socket.end();
      open--;
      lastMs = client.sentAtMs;
      if (open === 0) over.resolve();
    } else client.socket.write(request(), 'latin1');
  }

  function take(client: Client, chunk: Buffer): void {
    const bytes = client.rest ? Buffer.concat([client.rest, chunk]) : chunk;
    const end = bytes.indexOf(END_OF_HEAD);
    const head = end === -1 ? '' : bytes.toString('latin1', 0, end);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? Number.NaN);
    if (end === -1 || bytes.length < end + END_OF_HEAD.length + length) {
      client.rest = bytes;
      return;
    }
    if (Number.isNaN(length)) throw new Error(`An answer without a length: ${head}`);
    client.rest = null;
    if (head.charCodeAt('HTTP/1.1 '.length) === 0x32) {
      answered++;
      latencies.push(performance.now() - client.sentAtMs);
    } else failed++;
    next(client);
  }

  for (let i = 0; i < CONNECTIONS; i++) {
    const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
    const client: Client = { socket, rest: null, sentAtMs: 0 };
    socket.on('connect', () => next(client));
    socket.on('data', (chunk) => take(client, chunk));
    socket.on('error', (error) => over.reject(error));
  }
  await over.promise;
  const seconds = (lastMs - startMs) / 1_000;
  const sorted = Float64Array.from(latencies).sort();
  const at = (part: number) => sorted[Math.floor(part * (sorted.length - 1))] ?? 0;
  return { perSecond: answered / seconds, answered, seconds, p50Ms: at(0.5), p99Ms: at(0.99), failed };
}

if (import.meta.main) {
  const [address = '', key = '', kind = '', seconds = '5', prefix = ''] = process.argv.slice(2);
  const url = new URL(address);
  const head = `Host: ${url.host}\r\nAuthorization: Bearer ${key}\r\nContent-Type: application/json\r\n`;
  let sent = 0;
  const post = () => {
    const body = `{"payment_id":"${prefix}${sent++}","amount":1000}`;
    return `POST /payments HTTP/1.1\r\n${head}Content-Length: ${body.length}\r\n\r\n${body}`;
  };
  const get = () => `GET ${kind} HTTP/1.1\r\n${head}\r\n`;
  const report = await load(url, kind === 'post' ? post : get, Number(seconds) * 1_000);
  process.stdout.write(`${JSON.stringify(report)}\n`);
}
