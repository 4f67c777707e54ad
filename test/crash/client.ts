/** One request of a merchant. */
export interface Call {
  merchant: string;
  method: 'GET' | 'POST';
  path: string;
  body?: Readonly<Record<string, unknown>>;
  headers?: Readonly<Record<string, string>>;
}

export interface Answer {
  status: number;
  /** `Idempotent-Replayed: true` */
  replayed: boolean;
  /** `Content-Type` and `Retry-After`, as they came. */
  type: string | null;
  retryAfter: string | null;
  json: Readonly<Record<string, unknown>>;
}

/** Null if no whole answer came: the server may have done it, or not. */
export type Send = (call: Call) => Promise<Answer | null>;

/** @param keys an API key of each merchant */
export function createClient(url: string, keys: ReadonlyMap<string, string>): Send {
  return async ({ merchant, method, path, body, headers }) => {
    const request = {
      method,
      headers: {
        authorization: `Bearer ${keys.get(merchant)}`,
        ...(body && { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    };
    try {
      const response = await fetch(url + path, request);
      const json = (await response.json()) as Answer['json'];
      const { status, headers: answered } = response;
      const replayed = answered.has('idempotent-replayed');
      const [type, retryAfter] = [answered.get('content-type'), answered.get('retry-after')];
      return { status, replayed, type, retryAfter, json };
    } catch (error) {
      // What fetch throws when a connection breaks; a half of an answer is no JSON.
      if (error instanceof TypeError || error instanceof SyntaxError) return null;
      throw error;
    }
  };
}

export function describeCall({ merchant, method, path, body }: Call): string {
  return `${merchant}: ${method} ${path}${body ? ` ${JSON.stringify(body)}` : ''}`;
}

/** Does `work` for each item, up to `width` at once. */
export async function eachOf<T>(
  items: Iterable<T>,
  width: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const rest = items[Symbol.iterator]();
  async function worker(): Promise<void> {
    for (let next = rest.next(); !next.done; next = rest.next()) await work(next.value);
  }
  await Promise.all(Array.from({ length: width }, worker));
}
