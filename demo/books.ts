import { createSystemTimers } from '../src/adapters/system/system-timers.ts';
import type { PaymentStatus } from '../src/domain/payment.ts';
import type { Client } from './client.ts';
import { MERCHANT_IDS, type Planned } from './plan.ts';
import { type Ending, SCENARIOS } from './scenarios.ts';

/** A payment as the server shows it, as far as the demo looks at it. */
export interface Shown {
  payment_id: string;
  status: PaymentStatus;
  amount: number;
  currency: string;
  amount_captured: number;
  amount_refunded: number;
  failure: { code: string; decline_code: string | null; advice: string | null } | null;
  version: number;
}

export type Books = ReadonlyMap<Planned, Shown>;

/** The longest that anything takes to settle: a lost answer is waited for 10 s, and looked up some seconds later. */
const SETTLE_LIMIT_MS = 40_000;
const POLL_MS = 250;
const PAGE = 100;

const timers = createSystemTimers();

/** Reads all payments of the day through lists, and waits for those that have not ended as they should. */
export async function closeBooks(
  client: Client,
  day: readonly Planned[],
  { run, since, unexpected, waiting }: CloseOptions,
): Promise<Books> {
  const stored = await readLists(client, since);
  const books = new Map<Planned, Shown>();
  for (const planned of day) {
    const key = `${planned.merchant} ${planned.payment_id}`;
    const shown = stored.get(key);
    stored.delete(key);
    const due = SCENARIOS[planned.scenario].ending(planned);
    if (shown && due) books.set(planned, shown);
    else if (due) unexpected(`${planned.scenario}, ${key}: it is on no list`);
    else if (shown) unexpected(`${planned.scenario}, ${key}: it was refused, and is stored all the same`);
  }
  const strangers = [...stored.keys()].filter((key) => key.includes(` ${run}-`));
  for (const key of strangers) unexpected(`${key} is on a list, and nobody asked for it`);

  const startedAt = performance.now();
  for (let left = unfinished(books); left.length > 0; left = unfinished(books)) {
    waiting(left.length);
    if (performance.now() - startedAt > SETTLE_LIMIT_MS) {
      for (const planned of left) unexpected(difference(planned, books.get(planned) as Shown));
      break;
    }
    await timers.sleep(POLL_MS);
    for (const planned of left) {
      const { merchant, payment_id } = planned;
      const { json } = await client.send({ kind: 'get', merchant, path: `/payments/${payment_id}` });
      books.set(planned, json as unknown as Shown);
    }
  }
  return books;
}

export interface CloseOptions {
  /** What the ids of the run begin with. */
  run: string;
  /** When it began, RFC 3339. */
  since: string;
  unexpected: (what: string) => void;
  /** Told how many have not ended yet. */
  waiting: (count: number) => void;
}

async function readLists(client: Client, since: string): Promise<Map<string, Shown>> {
  const stored = new Map<string, Shown>();
  for (const merchant of MERCHANT_IDS) {
    const filter = `limit=${PAGE}&created_after=${encodeURIComponent(since)}`;
    let cursor: string | null = '';
    while (cursor !== null) {
      const place: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const { json } = await client.send({ kind: 'list', merchant, path: `/payments?${filter}${place}` });
      for (const shown of json.data as Shown[]) stored.set(`${merchant} ${shown.payment_id}`, shown);
      cursor = json.next_cursor as string | null;
    }
  }
  return stored;
}

function unfinished(books: Books): Planned[] {
  return [...books]
    .filter(([planned, shown]) => !matches(endingOf(planned), shown))
    .map(([planned]) => planned);
}

function endingOf(planned: Planned): Ending {
  return SCENARIOS[planned.scenario].ending(planned) as Ending;
}

function matches(due: Ending, shown: Shown): boolean {
  return (
    due.status === shown.status &&
    due.captured === shown.amount_captured &&
    due.refunded === shown.amount_refunded
  );
}

function difference(planned: Planned, shown: Shown): string {
  const due = endingOf(planned);
  return (
    `${planned.scenario}, ${planned.merchant} ${planned.payment_id}: ${shown.status}, captured ${shown.amount_captured}, ` +
    `refunded ${shown.amount_refunded}; due was ${due.status}, ${due.captured}, ${due.refunded}`
  );
}
