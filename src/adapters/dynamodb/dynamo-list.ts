import { PAYMENT_STATUSES, type Payment } from '../../domain/payment.ts';
import { UnavailableError } from '../../ports/faults.ts';
import type { ListQuery } from '../../ports/payment-store.ts';
import type { BatchGet } from './batch-get.ts';
import { nextPageSize, type ReadIndexPage } from './index-pages.ts';
import { toPayment } from './payment-item.ts';
import { indexPartitions, indexPlace, indexRange, parseIndexPlace, paymentKey } from './payment-keys.ts';

/** Pages of one index partition: more than a million unsettled payments of one merchant, filtered for a rare status. */
const MAX_PAGES = 50;
/** How often a page is filled up where the index named payments that have another status by now. */
const MAX_ROUNDS = 20;

const DOING = 'listing payments';
const IN_RANGE = '#place BETWEEN :from AND :to';
const HAS_STATUS = '#status = :status';

interface Deps {
  readIndexPage: ReadIndexPage;
  batchGet: BatchGet;
}

/**
 * A merchant's payments, newest first. Each index partition that may hold some is read to the limit, and the merged
 * front of them is the page: whatever was not read comes after it.
 */
export function createListReader({ readIndexPage, batchGet }: Deps) {
  /** The newest places of one partition, at most `limit`. */
  async function front(partition: string, query: ListQuery, limit: number): Promise<string[]> {
    const { merchant_id, livemode, status, after } = query;
    const range = indexRange(query, query);
    // Of a place time and id alone are taken: it may come as a whole payment, and never names the merchant.
    const afterPlace =
      after &&
      indexPlace({ merchant_id, livemode, created_at: after.created_at, payment_id: after.payment_id });
    // The upper bound is inclusive: what stands at the place itself was in the page before, and is left out below.
    const to = afterPlace !== undefined && afterPlace < range.to ? afterPlace : range.to;
    if (range.from > to) return [];
    const found: string[] = [];
    let start: string | null = null;
    let size = afterPlace === undefined ? limit : limit + 1;
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const { places, next } = await readIndexPage({
        partition,
        condition: IN_RANGE,
        ...(status && { names: { '#status': 'status' } }),
        values: { ':from': { S: range.from }, ':to': { S: to }, ...(status && { ':status': { S: status } }) },
        ...(status && { filter: HAS_STATUS }),
        newestFirst: true,
        after: start,
        size,
        doing: DOING,
      });
      found.push(...places.filter((place) => place !== afterPlace));
      if (found.length >= limit || next === null) return found.slice(0, limit);
      start = next;
      size = nextPageSize(size, places.length);
    }
    throw new UnavailableError(
      `DynamoDB: ${DOING} failed: ${MAX_PAGES} pages did not hold ${limit} "${status}"`,
    );
  }

  /** Places in the list's order. One that is moving between partitions may be seen in both. */
  async function merged(query: ListQuery, limit: number): Promise<string[]> {
    const statuses = query.status === undefined ? PAYMENT_STATUSES : [query.status];
    const fronts = await Promise.all(
      indexPartitions(query, statuses).map((partition) => front(partition, query, limit)),
    );
    return [...new Set(fronts.flat())].sort().reverse().slice(0, limit);
  }

  return async (query: ListQuery): Promise<Payment[]> => {
    const found: Payment[] = [];
    let { after } = query;
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      const wanted = query.limit - found.length;
      const places = await merged({ ...query, after }, wanted);
      const keys = places.map((place) => paymentKey(parseIndexPlace(place)));
      const items = await batchGet(keys, DOING);
      for (const key of keys) {
        const item = items.get(key);
        const payment = item && toPayment(item);
        // The index lags behind: the payment may have another status by now, or have been deleted by its TTL.
        if (payment && (query.status === undefined || payment.status === query.status)) found.push(payment);
      }
      const last = places.at(-1);
      if (last === undefined || places.length < wanted || found.length === query.limit) return found;
      after = parseIndexPlace(last);
    }
    throw new UnavailableError(`DynamoDB: ${DOING} failed: the index is too far behind the table`);
  };
}
