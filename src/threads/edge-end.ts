import { flatten } from '../adapters/sqlite/payment-row.ts';
import { createRowPaymentStore } from '../adapters/sqlite/sqlite-payment-store.ts';
import type { OfferedConnector } from '../app/accept-payment.ts';
import type { AwaitOutcome } from '../app/await-outcome.ts';
import type { HandleCallback } from '../app/handle-callback.ts';
import { fromRecord } from '../domain/payment-record.ts';
import type { Calls } from './calls.ts';
import type { CoreEnd } from './core-end.ts';

/** What a thread that talks HTTP does for the one with the database. */
export type EdgeEnd = {
  /** Its own counts, as the metrics library writes them. */
  counts: () => Promise<object[]>;
  /** Takes no new connections, and answers what is in hand. Resolves when that is done. */
  stop: () => Promise<void>;
};

export const EDGE_CALLS = ['counts', 'stop'] as const satisfies readonly (keyof EdgeEnd)[];

/** The ports of a thread that talks HTTP, over the other thread's parts. */
export async function edgePorts(core: Calls<CoreEnd>) {
  const connectors: OfferedConnector[] = (await core.connectors()).map(
    ({ name, defaultPaymentMethod, test, live }) => ({
      name,
      defaultPaymentMethod,
      accepts: (livemode) => (livemode ? live : test),
    }),
  );
  const outcome: Pick<AwaitOutcome, 'wait'> = {
    async wait(ref, operationId, seconds) {
      const { merchant_id, livemode, payment_id } = ref;
      const place = { merchant_id, livemode, payment_id };
      const record = await core.wait({ ref: place, operationId, seconds });
      return record && fromRecord(record);
    },
  };
  const handleCallback: HandleCallback = (connector, callback) => core.callback({ connector, callback });
  return {
    store: createRowPaymentStore({
      insert: (row) => core.insert(flatten(row)),
      replace: (row) => core.replace(flatten(row)),
      select: core.select,
      list: core.list,
    }),
    keys: { get: core.key },
    secrets: { cursorKeys: (options: { fresh?: boolean } = {}) => core.cursorKeys(options) },
    connectors,
    limiter: { take: core.take },
    outcome,
    handleCallback,
    checkReadiness: () => core.ready(),
    render: () => core.metrics(),

    /** A page of another party, which the other thread shows. */
    async page(request: Request): Promise<Response> {
      const bytes = new Uint8Array(await request.arrayBuffer());
      const { status, headers, body } = await core.page({
        method: request.method,
        url: request.url,
        type: request.headers.get('content-type'),
        body: request.method === 'GET' || request.method === 'HEAD' ? null : bytes,
      });
      return new Response(body.length === 0 ? null : new Uint8Array(body), { status, headers });
    },
  };
}

export type EdgePorts = Awaited<ReturnType<typeof edgePorts>>;
