import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { Agent, type OutgoingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newKey } from '../../src/app/api-keys.ts';
import { parseConfig, type SettingName } from '../../src/config.ts';
import { serve } from '../../src/entrypoints/serve.ts';
import type { presentPayment, presentRefund } from '../../src/http/present.ts';
import type { Scope } from '../../src/ports/key-store.ts';
import type { Logger } from '../../src/ports/logger.ts';
import { openFolder } from '../../src/wiring.ts';
import type { Answer } from './answer-rules.ts';
import { type ContractDocument, createContractCheck } from './contract-check.ts';

export type PaymentJson = ReturnType<typeof presentPayment>;
export type RefundJson = ReturnType<typeof presentRefund>;

export type Environment = Partial<Record<SettingName, string>>;

export interface CallOptions {
  /** Another key than the service's own; null for none. */
  key?: string | null;
  /** Sent as JSON. */
  body?: unknown;
  /** Sent as it is, with no Content-Type but one that is given. */
  raw?: string | Buffer;
  /** A list makes as many headers of that name. */
  headers?: OutgoingHttpHeaders;
}

export interface KeyOptions {
  merchant?: string;
  livemode?: boolean;
  scopes?: readonly Scope[];
  expiresAt?: string | null;
}

export const ALL_SCOPES: readonly Scope[] = ['payments:read', 'payments:write', 'refunds:write'];

/** Far more than one test file sends at once. */
const MAX_SOCKETS = 64;

/** In memory where the system has a place for that: what a disk makes durable is tested elsewhere. */
const TEMPORARY = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

/** Longer than a thread gathers lines of its log before it hands them on. */
const LOG_GATHERED_MS = 400;

/** CI runs these tests a second time with HTTP in threads; in one thread they start faster. */
const THREADS = process.env.TEST_HTTP_THREADS ?? '0';

/** The real server over a folder of its own, and a client that checks every answer against its contract. */
export async function startService(overrides: Environment = {}) {
  const folder = mkdtempSync(join(TEMPORARY, 'tollgate-http-'));
  const config = parseConfig({
    PORT: '0',
    DATA_DIR: folder,
    LOG_LEVEL: 'debug',
    HTTP_THREADS: THREADS,
    ...overrides,
  });
  const logged: string[] = [];
  const server = await serve(config, () => undefined, capturingLogger(logged));
  const tool = openFolder(config, 'tool', capturingLogger(logged));
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_SOCKETS });
  const { hostname, port } = new URL(server.url);
  /** Everything that any answer held, headers too. */
  const answered: string[] = [];

  function send(method: string, path: string, options: CallOptions): Promise<Answer> {
    const { key = ownKey, body, raw, headers = {} } = options;
    const sent = raw ?? (body === undefined ? undefined : JSON.stringify(body));
    const all: OutgoingHttpHeaders = {
      ...(key !== null && { Authorization: `Bearer ${key}` }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...(sent !== undefined && { 'Content-Length': Buffer.byteLength(sent) }),
      ...headers,
    };
    return new Promise((resolve, reject) => {
      const outgoing = request({ host: hostname, port, method, path, headers: all, agent }, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('error', reject);
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          answered.push(JSON.stringify(incoming.rawHeaders), text);
          const status = incoming.statusCode as number;
          resolve({ status, headers: incoming.headers, text, json: parsed(text) });
        });
      });
      outgoing.on('error', reject);
      outgoing.end(sent);
    });
  }

  /** Makes the merchant, if need be, as the command line does beside a running server. */
  async function makeKey(options: KeyOptions = {}): Promise<string> {
    const { merchant = 'acme', livemode = false, scopes = ALL_SCOPES, expiresAt = null } = options;
    const nowMs = tool.clock.now();
    const made = newKey({ ids: tool.ids }, { merchantId: merchant, livemode, scopes, expiresAt, nowMs });
    await tool.keys.put(made.stored);
    return made.key;
  }

  const ownKey = await makeKey();
  const document = (await send('GET', '/openapi.json', { key: null })).json as unknown as ContractDocument;
  const check = createContractCheck(document, config.RATE_LIMIT_PER_SECOND > 0);

  async function call<Body = Record<string, unknown>>(
    method: string,
    path: string,
    options: CallOptions = {},
  ): Promise<Answer<Body>> {
    const answer = await send(method, path, options);
    check({ method, path }, answer);
    return answer as Answer<Body>;
  }

  return {
    url: server.url,
    folder,
    config,
    /** A second connection to the folder, as the command line has one. */
    tool,
    document,
    /** Of the merchant `acme`, test mode, with every scope but `admin`. */
    key: ownKey,
    makeKey,
    call,
    /** For answers that came another way. */
    check,
    /** What was logged, at any level, before anything is taken out of it. */
    async logged() {
      if (config.HTTP_THREADS !== 0) await tool.timers.sleep(LOG_GATHERED_MS);
      return logged.join('\n');
    },
    answered: () => answered.join('\n'),
    /** Accepts a payment and waits for its outcome. */
    pay: (fields: object = {}, options: CallOptions = {}) =>
      call<PaymentJson>('POST', '/payments', waiting({ body: { amount: 1000, ...fields }, ...options })),
    /** Asks for a capture or cancel and waits for its outcome. */
    ask: (paymentId: string, what: 'capture' | 'cancel', body: object = {}, options: CallOptions = {}) =>
      call<PaymentJson>('POST', `/payments/${paymentId}/${what}`, waiting({ body, ...options })),
    refund: (paymentId: string, body: object = {}, options: CallOptions = {}) =>
      call<RefundJson>('POST', `/payments/${paymentId}/refunds`, waiting({ body, ...options })),
    get: (paymentId: string, options: CallOptions = {}) =>
      call<PaymentJson>('GET', `/payments/${paymentId}`, options),
    async stop() {
      await tool.database.close();
      await server.stop();
      agent.destroy();
      rmSync(folder, { recursive: true });
    },
  };
}

export type RunningService = Awaited<ReturnType<typeof startService>>;

/** With `Prefer: wait`, unless the test prefers something itself. */
function waiting(options: CallOptions): CallOptions {
  return { ...options, headers: { Prefer: 'wait=20', ...options.headers } };
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function capturingLogger(lines: string[]): Logger & { flush(): void; write(text: string): void } {
  const take = (fields: object, message: string) => void lines.push(JSON.stringify({ ...fields, message }));
  const write = (text: string) => void lines.push(...text.trimEnd().split('\n'));
  return { debug: take, info: take, warn: take, error: take, write, flush: () => undefined };
}

/** Every file of a folder and of the folders in it, with its bytes. */
export function filesOf(folder: string): { path: string; bytes: Buffer }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => ({ path, bytes: readFileSync(path) }));
}
