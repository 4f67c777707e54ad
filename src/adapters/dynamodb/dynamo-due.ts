import { dueAtMs } from '../../domain/derive.ts';
import type { Payment } from '../../domain/payment.ts';
import type { DuePage } from '../../ports/payment-store.ts';
import type { StoredItem } from './attributes.ts';
import type { BatchGet } from './batch-get.ts';
import { nextPageSize, type ReadIndexPage } from './index-pages.ts';
import { toPayment } from './payment-item.ts';
import { OPEN_SHARDS, openPartition, parseIndexPlace, paymentKey } from './payment-keys.ts';

/** Pages of the index in one call, however little is due: the next call goes on from there. */
const MAX_PAGES = 24;
/** Nearly all that is open is not due yet, so that small pages would find nothing. */
const MIN_PAGE = 200;

const DOING = 'finding what is due';
const IS_DUE = '#due_at <= :before';

interface Deps {
  readIndexPage: ReadIndexPage;
  batchGet: BatchGet;
  /** Told of an item that cannot be read. It must not keep the sweep from whatever comes after it. */
  onUnreadable: (key: string, error: unknown) => void;
}

/** Where a pass through the open partitions goes on: after a place in one of them, or at its beginning. */
interface Position {
  shard: number;
  after: string | null;
}

function parseCursor(cursor: string | null): Position {
  if (cursor === null) return { shard: 0, after: null };
  const [shard = '', after = ''] = cursor.split('@');
  return { shard: Number(shard), after: after === '' ? null : after };
}

/** `@` occurs in no index place. */
function toCursor({ shard, after }: Position): string | null {
  return shard < OPEN_SHARDS ? `${shard}@${after ?? ''}` : null;
}

/** Reads the open partitions one after the other, for whatever the sweep should look at. */
export function createDueReader({ readIndexPage, batchGet, onUnreadable }: Deps) {
  return async (beforeMs: number, cursor: string | null, limit: number): Promise<DuePage> => {
    let position = parseCursor(cursor);
    let size = Math.max(limit, MIN_PAGE);
    const due: string[] = [];
    for (let page = 0; page < MAX_PAGES && due.length < limit && position.shard < OPEN_SHARDS; page += 1) {
      const { shard, after } = position;
      const { places, next } = await readIndexPage({
        partition: openPartition(shard),
        filter: IS_DUE,
        names: { '#due_at': 'due_at' },
        values: { ':before': { N: String(beforeMs) } },
        after,
        size,
        doing: DOING,
      });
      const taken = places.slice(0, limit - due.length);
      due.push(...taken);
      if (taken.length < places.length) position = { shard, after: taken.at(-1) ?? null };
      else position = next === null ? { shard: shard + 1, after: null } : { shard, after: next };
      size = nextPageSize(size, places.length);
    }
    return { payments: await stillDue(due, beforeMs), cursor: toCursor(position) };
  };

  /** The index lags behind: somebody may have seen to a payment already. */
  async function stillDue(places: readonly string[], beforeMs: number): Promise<Payment[]> {
    const keys = places.map((place) => paymentKey(parseIndexPlace(place)));
    const items = await batchGet(keys, DOING);
    return keys.flatMap((key) => {
      const item = items.get(key);
      return item ? ifDue(key, item, beforeMs) : [];
    });
  }

  function ifDue(key: string, item: StoredItem, beforeMs: number): Payment[] {
    try {
      const payment = toPayment(item);
      const dueMs = dueAtMs(payment);
      return dueMs !== null && dueMs <= beforeMs ? [payment] : [];
    } catch (error) {
      onUnreadable(key, error);
      return [];
    }
  }
}
