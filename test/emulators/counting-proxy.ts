import { Agent, createServer, type IncomingMessage, request } from 'node:http';
import { onLoopback } from './loopback.ts';

/** Calls since they were last taken, by service and operation: `dynamodb PutItem`. */
export type Calls = Record<string, number>;

export interface CountingProxy {
  endpoint: string;
  /** Does the work when the next call of the operation has come, and lets the call go on when it is done. */
  holdNext(operation: string, work: () => Promise<unknown>): void;
  stop(): Promise<void>;
}

/** As the JSON protocols name it; S3 has none and is counted by method. */
function operationOf({ headers, method }: IncomingMessage): string {
  return String(headers['x-amz-target'] ?? method)
    .split('.')
    .at(-1) as string;
}

/**
 * Stands before an emulator and counts what passes, with every repetition that the SDK makes by itself: what AWS would
 * bill.
 */
export async function startCountingProxy(
  service: string,
  target: string,
  calls: Calls,
): Promise<CountingProxy> {
  const agent = new Agent({ keepAlive: true });
  let held: { operation: string; work: () => Promise<unknown> } | null = null;

  const server = createServer(async (incoming, outgoing) => {
    const operation = operationOf(incoming);
    const name = `${service} ${operation}`;
    calls[name] = (calls[name] ?? 0) + 1;
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk);
    if (held?.operation === operation) {
      const { work } = held;
      held = null;
      await work();
    }
    const { method = 'GET', url: path = '/', headers } = incoming;
    const forwarded = request(new URL(path, target), { agent, method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    // As if the service itself had broken off: the client decides what that means.
    forwarded.once('error', () => outgoing.destroy());
    forwarded.end(Buffer.concat(chunks));
  });
  const { endpoint, stop } = await onLoopback(server);

  return {
    endpoint,
    holdNext(operation, work) {
      held = { operation, work };
    },
    stop() {
      agent.destroy();
      return stop();
    },
  };
}
