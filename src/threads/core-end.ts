import { type FlatRow, type PaymentRows, type RowPlace, unflatten } from '../adapters/sqlite/payment-row.ts';
import type { OfferedConnector } from '../app/accept-payment.ts';
import type { AwaitOutcome } from '../app/await-outcome.ts';
import type { HandleCallback } from '../app/handle-callback.ts';
import type { RateLimiter } from '../app/rate-limit.ts';
import type { CheckReadiness } from '../app/readiness.ts';
import type { PaymentRef } from '../domain/payment.ts';
import { type PaymentRecord, toRecord } from '../domain/payment-record.ts';
import type { RawCallback } from '../ports/connector.ts';
import type { KeyStore } from '../ports/key-store.ts';
import type { Metrics } from '../ports/metrics.ts';
import type { ListQuery } from '../ports/payment-store.ts';
import type { Secrets } from '../ports/secrets.ts';

/** A page of another party under our address, where its requests and answers can be sent between threads. */
export interface PageRequest {
  method: string;
  url: string;
  type: string | null;
  body: Uint8Array | null;
}

export interface PageAnswer {
  status: number;
  headers: [string, string][];
  body: Uint8Array;
}

export interface CoreParts {
  rows: PaymentRows;
  keys: Pick<KeyStore, 'get'>;
  secrets: Pick<Secrets, 'cursorKeys'>;
  connectors: readonly OfferedConnector[];
  limiter: RateLimiter;
  outcome: Pick<AwaitOutcome, 'wait'>;
  handleCallback: HandleCallback;
  checkReadiness: CheckReadiness;
  metrics: Pick<Metrics, 'render'>;
  page: (request: Request) => Promise<Response>;
}

/**
 * What the thread with the database does for those that talk HTTP.
 * @param parts asked for each call: a folder whose disk has failed is opened anew
 */
export function coreEnd(parts: () => CoreParts) {
  return {
    insert: (row: FlatRow) => parts().rows.insert(unflatten(row)),
    replace: (row: FlatRow) => parts().rows.replace(unflatten(row)),
    select: (place: RowPlace) => parts().rows.select(place),
    list: (query: ListQuery) => parts().rows.list(query),
    key: (keyId: string) => parts().keys.get(keyId),
    cursorKeys: (options: { fresh?: boolean }) => parts().secrets.cursorKeys(options),
    take: (partitionKey: string) => parts().limiter.take(partitionKey),
    callback: ({ connector, callback }: { connector: string; callback: RawCallback }) =>
      parts().handleCallback(connector, callback),
    ready: () => parts().checkReadiness(),
    metrics: () => parts().metrics.render(),
    connectors: () =>
      parts().connectors.map(({ name, accepts, defaultPaymentMethod }) => ({
        name,
        defaultPaymentMethod,
        test: accepts(false),
        live: accepts(true),
      })),

    async wait({ ref, operationId, seconds }: Wait): Promise<PaymentRecord | null> {
      const payment = await parts().outcome.wait(ref, operationId, seconds);
      return payment && toRecord(payment);
    },

    async page({ method, url, type, body }: PageRequest): Promise<PageAnswer> {
      const headers = type === null ? {} : { 'Content-Type': type };
      const sent = body === null ? null : new Uint8Array(body);
      const response = await parts().page(new Request(url, { method, headers, body: sent }));
      return {
        status: response.status,
        headers: [...response.headers],
        body: new Uint8Array(await response.arrayBuffer()),
      };
    },
  };
}

interface Wait {
  ref: PaymentRef;
  operationId: string;
  seconds: number;
}

export type CoreEnd = ReturnType<typeof coreEnd>;

export const CORE_CALLS = [
  'insert',
  'replace',
  'select',
  'list',
  'key',
  'cursorKeys',
  'take',
  'wait',
  'callback',
  'page',
  'ready',
  'metrics',
  'connectors',
] as const satisfies readonly (keyof CoreEnd)[];
