import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import { onLoopback } from '../../../test/emulators/loopback.ts';
import { type Exchange, readCall, targetOperation } from './call-units.ts';
import type { Ledger } from './ledger.ts';

export interface MeteringProxy {
  endpoint: string;
  stop(): Promise<void>;
}

interface Options {
  service: Exchange['service'];
  /** The emulator's endpoint. */
  target: string;
  ledger: Ledger;
}

/** Operations that are asked to say what they cost. */
const SAY_CAPACITY =
  /^(?:PutItem|GetItem|UpdateItem|DeleteItem|Query|Scan|BatchGetItem|BatchWriteItem|Transact\w+)$/;

/** Stands before an emulator and has the ledger count what passes, with every repetition that an SDK makes by itself. */
export async function startMeteringProxy({ service, target, ledger }: Options): Promise<MeteringProxy> {
  const agent = new Agent({ keepAlive: true });
  const { host } = new URL(target);

  const server = createServer(async (incoming, outgoing) => {
    const { method = 'GET', url = '/', headers } = incoming;
    const body = await bodyOf(incoming);
    const asked = ledger.counts && service === 'dynamodb' ? sayingCapacity(incoming, body) : body;
    const forwarded = request(
      new URL(url, target),
      { agent, method, headers: { ...headers, host, 'content-length': asked.length } },
      async (answered) => {
        const answer = await bodyOf(answered);
        const status = answered.statusCode ?? 502;
        const wireBytes =
          headBytes(`${method} ${url} HTTP/1.1`, incoming.rawHeaders) +
          body.length +
          headBytes(`HTTP/1.1 ${status} ${answered.statusMessage}`, answered.rawHeaders) +
          answer.length;
        ledger.pass(
          () => readCall({ service, method, url, headers, body, status, answer, wireBytes }),
          () => {
            const { 'transfer-encoding': _, ...heads } = answered.headers;
            // By a date that is far from its own the SDK would take its clock for wrong, and ask again.
            const date = new Date().toUTCString();
            // A HEAD names the length of what it leaves out.
            const length = method === 'HEAD' ? {} : { 'content-length': answer.length };
            outgoing.writeHead(status, { ...heads, date, ...length });
            outgoing.end(answer);
          },
        );
      },
    );
    // As if the service itself had broken off: the client decides what that means.
    forwarded.once('error', () => outgoing.destroy());
    forwarded.end(asked);
  });
  const { endpoint, stop } = await onLoopback(server);

  return {
    endpoint,
    stop() {
      agent.destroy();
      return stop();
    },
  };
}

async function bodyOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Only the request changes, so the checksum of the answer still fits. Signatures are not checked by the emulator. */
function sayingCapacity({ headers, method = 'GET' }: IncomingMessage, body: Buffer): Buffer {
  if (!SAY_CAPACITY.test(targetOperation({ headers, method }))) return body;
  return Buffer.from(JSON.stringify({ ...JSON.parse(body.toString()), ReturnConsumedCapacity: 'INDEXES' }));
}

/** Bytes of a head as HTTP/1.1 writes it: each line ends in two, and an empty one is behind it. */
function headBytes(firstLine: string, rawHeaders: readonly string[]): number {
  const fields = rawHeaders.reduce((sum, text) => sum + Buffer.byteLength(text) + 2, 0);
  return Buffer.byteLength(firstLine) + 2 + fields + 2;
}
