import type { ClientRequest } from '../observe/observation.ts';
import { checkShownPayment, type Shown } from './check-shown.ts';
import { demand } from './demand.ts';
import type { Tracks } from './track.ts';

/** Pages never repeat a payment, and miss none that was there before the first of them was asked for (api.md). */
export interface ListCheck {
  asked(id: number, request: ClientRequest): void;
  page(client: number, id: number, request: ClientRequest, body: Shown): void;
}

interface Walk {
  seen: Set<string>;
  /** What was durable when the first page was asked for, and so must be met by the last. */
  owed: ReadonlySet<string>;
}

export function checkLists(tracks: Tracks, mayLag: boolean): ListCheck {
  const owedTo = new Map<number, ReadonlySet<string>>();
  /** Cursor → the walk that it goes on with. */
  const walks = new Map<string, Walk>();

  function durable({ merchant_id, livemode, fields }: ClientRequest): ReadonlySet<string> {
    const found = new Set<string>();
    // Payments come into a list of one status, and go, while it is read; bounds of time are the adapters' contract.
    if (mayLag || Object.keys(fields).some((name) => name !== 'limit')) return found;
    for (const track of tracks.all()) {
      const first = track.versions[0];
      // A list may lag behind by a write: what has been written once may not be in it yet.
      const isOld = track.versions.length > 1;
      if (isOld && first?.merchant_id === merchant_id && first.livemode === livemode)
        found.add(first.payment_id);
    }
    return found;
  }

  function cursorOf(request: ClientRequest): string | undefined {
    const { cursor } = request.fields;
    return typeof cursor === 'string' ? cursor : undefined;
  }

  return {
    asked(id, request) {
      if (cursorOf(request) === undefined) owedTo.set(id, durable(request));
    },

    page(client, id, request, body) {
      const cursor = cursorOf(request);
      const begun = cursor === undefined ? undefined : walks.get(`${client} ${cursor}`);
      const walk = begun ?? { seen: new Set(), owed: (cursor === undefined && owedTo.get(id)) || new Set() };
      owedTo.delete(id);
      const seen = new Set(walk.seen);
      const shown = body.data as readonly Shown[];
      let last = '';
      for (const payment of shown) {
        checkShownPayment(tracks, request, payment);
        const paymentId = String(payment.payment_id);
        demand(10, !seen.has(paymentId), () => `${request.merchant_id}: a list shows ${paymentId} twice`);
        seen.add(paymentId);
        const created = String(payment.created_at);
        demand(6, last === '' || created <= last, () => `${request.merchant_id}: a list is out of order`);
        last = created;
      }
      const { status } = request.fields;
      const stranger = status === undefined ? undefined : shown.find((payment) => payment.status !== status);
      demand(6, !stranger, () => `a list of ${status} shows ${stranger?.payment_id}, ${stranger?.status}`);
      const next = body.next_cursor;
      if (typeof next === 'string') {
        walks.set(`${client} ${next}`, { seen, owed: walk.owed });
        return;
      }
      for (const paymentId of walk.owed) {
        demand(2, seen.has(paymentId), () => `${request.merchant_id}: a whole list misses ${paymentId}`);
      }
    },
  };
}
