import { dueAtMs } from '../../src/domain/derive.ts';
import { PAYMENT_STATUSES, type Payment } from '../../src/domain/payment.ts';
import type { ListQuery } from '../../src/ports/payment-store.ts';
import type { Random } from '../engine/random.ts';
import { type Book, PARTITIONS } from './book.ts';
import { nextVersion } from './next-version.ts';
import type { Step } from './step.ts';

/** More pages than any of these histories can have: an adapter that never ends is found. */
const MAX_PAGES = 500;
const DAY_MS = 86_400_000;

export const versionName = ({ livemode, merchant_id, payment_id, version }: Payment) =>
  `${livemode ? 'live' : 'test'}/${merchant_id}/${payment_id}@${version}`;

function someLife(random: Random, { lives }: Book): Payment[] | null {
  // Rather a recent one, so that some payments live long.
  return lives.length === 0 ? null : random.pick(lives.slice(-20));
}

const last = (life: readonly Payment[]) => life.at(-1) as Payment;

export function createStep(random: Random, book: Book, nowMs: number): Step {
  const payment = book.fresh(random, nowMs);
  return {
    what: `create ${versionName(payment)}`,
    run: ({ store }) => store.create(payment),
    after: () => book.wrote(payment),
  };
}

export function takenStep(random: Random, book: Book, nowMs: number): Step | null {
  const life = someLife(random, book);
  if (!life) return null;
  const payment = book.rival(random, last(life), nowMs);
  return { what: `create again ${versionName(payment)}`, run: ({ store }) => store.create(payment) };
}

export function updateStep(random: Random, book: Book, nowMs: number): Step | null {
  const life = someLife(random, book);
  const next = life && nextVersion(random, last(life), nowMs);
  if (!next) return null;
  return {
    what: `update ${versionName(next)}`,
    run: ({ store }) => store.update(next),
    after: () => book.wrote(next),
  };
}

/** Of a version that is not the stored one, or of a payment that is not there. */
export function staleStep(random: Random, book: Book, nowMs: number): Step | null {
  const life = someLife(random, book);
  if (!life) return null;
  const ahead = nextVersion(random, last(life), nowMs);
  const stale =
    random.chance(0.3) && ahead
      ? random.pick([{ ...ahead, version: ahead.version + 1 }, elsewhere(random, ahead)])
      : life.length > 1 && nextVersion(random, random.pick(life.slice(0, -1)), nowMs);
  if (!stale) return null;
  return { what: `update in vain ${versionName(stale)}`, run: ({ store }) => store.update(stale) };
}

function elsewhere(random: Random, payment: Payment): Payment {
  return { ...payment, payment_id: `${payment.payment_id}-${random.int(100)}-none` };
}

/** Several at once, of which exactly one may win: the first, where the calls keep their order. */
export function rivalsStep(random: Random, book: Book, nowMs: number): Step | null {
  const life = someLife(random, book);
  if (!life) return null;
  const rivals = Array.from({ length: 4 }, () => nextVersion(random, last(life), nowMs)).filter(
    (next) => next !== null,
  );
  const [winner] = rivals;
  if (!winner) return null;
  return {
    what: `${rivals.length} updates at once ${versionName(winner)}`,
    needsOrder: true,
    run: ({ store }) => Promise.all(rivals.map((rival) => store.update(rival))),
    after: () => book.wrote(winner),
  };
}

export function getStep(random: Random, book: Book): Step | null {
  const life = someLife(random, book);
  if (!life) return null;
  const { payment_id } = last(life);
  const ref = { ...(random.chance(0.7) ? last(life) : random.pick(PARTITIONS)), payment_id };
  const name = `${ref.livemode ? 'live' : 'test'}/${ref.merchant_id}/${payment_id}`;
  return { what: `get ${name}`, run: ({ store }) => store.get(ref) };
}

function someQuery(random: Random, { lives }: Book): ListQuery {
  const all = lives.map(last);
  const time = () => (all.length > 0 && random.chance(0.3) ? random.pick(all).created_at : undefined);
  return {
    ...random.pick(PARTITIONS),
    ...(random.chance(0.6) && { status: random.pick(PAYMENT_STATUSES) }),
    limit: random.pick([1, 2, 3, 7, 100]),
    created_after: time(),
    created_before: time(),
    // A place of another merchant's payment is a place too.
    ...(all.length > 0 && random.chance(0.3) && { after: random.pick(all) }),
  };
}

function toldQuery({ after, ...query }: ListQuery): string {
  return JSON.stringify({ ...query, after: after && `${after.created_at} ${after.payment_id}` });
}

/** A list to its end, page by page. */
export function listStep(random: Random, book: Book): Step {
  const query = someQuery(random, book);
  return {
    what: `list ${toldQuery(query)}`,
    async run({ store }) {
      const pages: Payment[][] = [];
      let { after } = query;
      for (let page = 0; page < MAX_PAGES; page += 1) {
        const found = await store.list({ ...query, after });
        if (found.length === 0) return pages;
        pages.push(found);
        after = found.at(-1);
      }
      return `more than ${MAX_PAGES} pages`;
    },
  };
}

/** A pass over all that is due; in which order, and in what pages, is for the store to say. */
export function dueStep(random: Random, book: Book, nowMs: number): Step {
  const times = book.lives.map((life) => dueAtMs(last(life))).filter((dueMs) => dueMs !== null);
  const beforeMs =
    times.length > 0 && random.chance(0.7) ? random.pick(times) : nowMs + random.int(8) * DAY_MS;
  const limit = random.pick([1, 3, 100]);
  return {
    what: `due before ${beforeMs}, by ${limit}`,
    async run({ store }) {
      const found: Payment[] = [];
      let cursor: string | null = null;
      for (let page = 0; page < MAX_PAGES; page += 1) {
        const due = await store.due(beforeMs, cursor, limit);
        if (due.payments.length > limit) return `a page of ${due.payments.length}`;
        found.push(...due.payments);
        cursor = due.cursor;
        if (cursor === null) return found.toSorted((a, b) => (versionName(a) < versionName(b) ? -1 : 1));
      }
      return `more than ${MAX_PAGES} pages`;
    },
  };
}
