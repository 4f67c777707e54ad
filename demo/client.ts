import { createSystemTimers } from '../src/adapters/system/system-timers.ts';

/** What latencies are kept apart for. */
export type Kind =
  | 'accept'
  | 'accept and wait'
  | 'capture'
  | 'cancel'
  | 'refund'
  | 'get'
  | 'history'
  | 'list'
  | 'challenge page';

export interface Request {
  kind: Kind;
  merchant: string;
  /** `/payments/…`, or a whole address for what is not asked with a key. */
  path: string;
  /** POST if there is one, GET otherwise. */
  body?: Readonly<Record<string, unknown>>;
  headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  status: number;
  /** `Idempotent-Replayed: true` */
  replayed: boolean;
  json: Readonly<Record<string, unknown>>;
}

export interface Client {
  send(request: Request): Promise<Answer>;
  /** A page of the PSP's, as a browser would ask for it; its status and text. */
  browse(url: string, form?: Readonly<Record<string, string>>): Promise<{ status: number; text: string }>;
  /** Milliseconds of each request that was not put off. */
  latencies(): ReadonlyMap<Kind, readonly number[]>;
  requests(): number;
  /** Requests that were put off (429, 503), and sent again after the time that the answer named. */
  putOff(): number;
}

/** The server cannot be reached any more: there is nothing to go on with. */
export class ServerGoneError extends Error {
  override readonly name = 'ServerGoneError';
}

const PUT_OFF = [429, 503];
/** More than this, and the answer is taken as it is. */
const MOST_TRIES = 20;
const DEFAULT_PAUSE_SECONDS = 1;

/** @param keys an API key of each merchant */
export function createClient(url: string, keys: ReadonlyMap<string, string>): Client {
  const timers = createSystemTimers();
  const latencies = new Map<Kind, number[]>();
  let requests = 0;
  let putOff = 0;

  async function exchange(address: string, init: RequestInit) {
    const startedAt = performance.now();
    requests++;
    try {
      const response = await fetch(address, init);
      const text = await response.text();
      return { response, text, tookMs: performance.now() - startedAt };
    } catch (error) {
      const cause = (error as Error).cause ?? error;
      throw new ServerGoneError(`${address} does not answer any more: ${cause}`);
    }
  }

  function note(kind: Kind, tookMs: number): void {
    const known = latencies.get(kind);
    if (known) known.push(tookMs);
    else latencies.set(kind, [tookMs]);
  }

  async function send({ kind, merchant, path, body, headers }: Request): Promise<Answer> {
    const init = {
      method: body ? 'POST' : 'GET',
      headers: {
        authorization: `Bearer ${keys.get(merchant)}`,
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    };
    for (let tries = 1; ; tries++) {
      const { response, text, tookMs } = await exchange(url + path, init);
      const { status } = response;
      if (!PUT_OFF.includes(status) || tries === MOST_TRIES) {
        note(kind, tookMs);
        const replayed = response.headers.get('idempotent-replayed') === 'true';
        return { status, replayed, json: JSON.parse(text) as Answer['json'] };
      }
      putOff++;
      const seconds = Number(response.headers.get('retry-after') ?? DEFAULT_PAUSE_SECONDS);
      await timers.sleep(seconds * 1_000);
    }
  }

  return {
    send,
    async browse(address, form) {
      const init: RequestInit = form
        ? { method: 'POST', body: new URLSearchParams(form), redirect: 'manual' }
        : {};
      const { response, text, tookMs } = await exchange(address, init);
      note('challenge page', tookMs);
      return { status: response.status, text };
    },
    latencies: () => latencies,
    requests: () => requests,
    putOff: () => putOff,
  };
}
