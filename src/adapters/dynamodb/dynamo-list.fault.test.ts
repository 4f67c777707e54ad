import { describe, expect, it } from 'vitest';
import { dueAtMs } from '../../domain/derive.ts';
import type { Payment } from '../../domain/payment.ts';
import { UnavailableError } from '../../ports/faults.ts';
import { LIVES, newPayment, START_MS } from '../../ports/payment-store.fixture.ts';
import { paymentKey } from './payment-keys.ts';
import {
  batch,
  indexPage,
  keysOf,
  openScriptedStore,
  partitionOf,
  type ScriptedRequest,
} from './scripted-client.fixture.ts';

const PARTITION = { merchant_id: 'm_1', livemode: false };
const FAR_MS = START_MS + 365 * 86_400_000;

const oldestFirst = ['a', 'b', 'c', 'd', 'e'].map((payment_id, n) =>
  newPayment({ payment_id, nowMs: START_MS + n }),
);
const [e, d, c, b, a] = oldestFirst.toReversed() as [Payment, Payment, Payment, Payment, Payment];

/** What stands in the table; the index is the test's. */
const table = (keys: readonly string[], stored: readonly Payment[] = oldestFirst) =>
  batch(stored.filter((payment) => keys.includes(paymentKey(payment))));

const limitOf = ({ input }: ScriptedRequest) => input.Limit as number;

describe('pages of the index in which the filter leaves nothing', () => {
  /** The third page of the first open partition is the first one with anything in it. */
  const open = () => {
    let pages = 0;
    return openScriptedStore((request) => {
      if (request.operation === 'BatchGetItem') return table(keysOf(request));
      if (partitionOf(request) !== 'open#0') return indexPage([]);
      pages += 1;
      if (pages === 1) return indexPage([], e);
      return pages === 2 ? indexPage([], d) : indexPage([c, b]);
    });
  };
  const inFirst = (requests: readonly ScriptedRequest[]) =>
    requests.filter((one) => one.operation === 'Query' && partitionOf(one) === 'open#0');

  it('do not end a list', async () => {
    const { store, requests } = open();
    expect(await store.list({ ...PARTITION, status: 'processing', limit: 4 })).toEqual([c, b]);
    const pages = inFirst(requests);
    expect(pages.map(({ input }) => input.ExclusiveStartKey)).toEqual([
      undefined,
      ...[e, d].map((payment) => ({
        pk: { S: paymentKey(payment) },
        index_pk: { S: 'open#0' },
        index_sk: { S: `test#m_1#${payment.created_at}#${payment.payment_id}` },
      })),
    ]);
  });

  it('do not end the search for what is due', async () => {
    const { store } = open();
    const page = await store.due(FAR_MS, null, 10);
    expect(page.payments.map(({ payment_id }) => payment_id).sort()).toEqual(['b', 'c']);
    expect(page.cursor).toBeNull();
  });

  it('grow, so that few requests read much', async () => {
    const listed = open();
    await listed.store.list({ ...PARTITION, status: 'processing', limit: 4 });
    expect(inFirst(listed.requests).map(limitOf)).toEqual([4, 16, 64]);
    const due = open();
    await due.store.due(FAR_MS, null, 10);
    expect(inFirst(due.requests).map(limitOf)).toEqual([200, 800, 3_200]);
  });

  it('grow, too, where it leaves next to nothing, so that a list of a rare status ends', async () => {
    const { store, requests } = openScriptedStore((request) => {
      if (request.operation === 'BatchGetItem') return table(keysOf(request), [...rare]);
      if (partitionOf(request) !== 'open#0') return indexPage([]);
      const one = rare[inFirst(requests).length - 1] as Payment;
      return indexPage([one], one);
    });
    const rare = Array.from({ length: 40 }, (_, n) =>
      newPayment({ payment_id: `rare-${n}`, nowMs: START_MS - n }),
    );
    expect(await store.list({ ...PARTITION, status: 'processing', limit: 40 })).toEqual(rare);
    expect(inFirst(requests).map(limitOf).slice(0, 6)).toEqual([40, 160, 640, 2_560, 4_000, 4_000]);
  });

  it('are not read for ever by a list', async () => {
    const { store, requests } = openScriptedStore(() => indexPage([], e));
    await expect(store.list({ ...PARTITION, status: 'processing', limit: 4 })).rejects.toThrow(
      UnavailableError,
    );
    expect(inFirst(requests)).toHaveLength(50);
    expect(Math.max(...requests.map(limitOf))).toBe(4_000);
  });

  it('are not read for ever by one call of due, and the next goes on from there', async () => {
    const { store, requests } = openScriptedStore(() => indexPage([], e));
    const page = await store.due(FAR_MS, null, 10);
    expect(page.payments).toEqual([]);
    expect(requests).toHaveLength(24);
    await store.due(FAR_MS, page.cursor, 10);
    expect(requests[24]?.input.ExclusiveStartKey).toMatchObject({ pk: { S: paymentKey(e) } });
  });
});

describe('an index that lags behind the table', () => {
  /** The index still says that all are processing. */
  const openLagging = (stored: readonly Payment[]) =>
    openScriptedStore((request) => {
      if (request.operation === 'BatchGetItem') return table(keysOf(request), stored);
      if (partitionOf(request) !== 'open#3') return indexPage([]);
      const values = request.input.ExpressionAttributeValues as Record<string, { S: string }>;
      const inRange = [e, d, c, b, a].filter(
        (payment) => `test#m_1#${payment.created_at}#${payment.payment_id}` <= (values[':to']?.S ?? '~'),
      );
      const page = inRange.slice(0, limitOf(request));
      return indexPage(page, page.length < inRange.length ? page.at(-1) : undefined);
    });
  const completed = (payment: Payment) =>
    LIVES.completed({ ...payment, nowMs: Date.parse(payment.created_at) }).at(-1);

  it('does not show a payment under a status that it has left, and fills the page with the next ones', async () => {
    const left = [completed(e), completed(d)] as Payment[];
    const { store } = openLagging([...left, c, b, a]);
    expect(await store.list({ ...PARTITION, status: 'processing', limit: 2 })).toEqual([c, b]);
    expect(await store.list({ ...PARTITION, status: 'processing', limit: 5 })).toEqual([c, b, a]);
    expect(await store.list({ ...PARTITION, limit: 2 })).toEqual(left);
  });

  it('leaves out what TTL has deleted, and fills the page', async () => {
    const { store } = openLagging([d, b, a]);
    expect(await store.list({ ...PARTITION, limit: 2 })).toEqual([d, b]);
  });

  it('shows once what stands in two partitions while it moves', async () => {
    const { store } = openScriptedStore((request) => {
      if (request.operation === 'BatchGetItem') return table(keysOf(request));
      return indexPage(['open#1', 'test#m_1#completed#0'].includes(partitionOf(request)) ? [c, b] : []);
    });
    expect(await store.list({ ...PARTITION, limit: 10 })).toEqual([c, b]);
  });

  it('does not call due what somebody has seen to already', async () => {
    const { store } = openLagging([completed(e) as Payment, d]);
    expect(await store.due(FAR_MS, null, 10)).toEqual({ payments: [d], cursor: null });
  });

  it('does not call due what has been put off', async () => {
    const { store } = openLagging(oldestFirst);
    const page = await store.due((dueAtMs(d) as number) - 1, null, 10);
    expect(page.payments).toEqual([c, b, a]);
  });

  it('is not waited for without end', async () => {
    const forever = openScriptedStore((request) =>
      request.operation === 'BatchGetItem' ? batch([]) : indexPage([e, d, c, b, a]),
    );
    await expect(forever.store.list({ ...PARTITION, status: 'processing', limit: 2 })).rejects.toThrow(
      'too far behind',
    );
  });
});

it('asks for nothing where no time lies between the bounds', async () => {
  const { store, requests } = openScriptedStore(() => indexPage([a]));
  const query = { ...PARTITION, limit: 10, created_after: e.created_at, created_before: a.created_at };
  expect(await store.list(query)).toEqual([]);
  expect(await store.list({ ...query, created_before: e.created_at })).toEqual([]);
  expect(requests).toEqual([]);
});

it('reads what it shows a hundred at a time, the most that one request may ask for, strongly consistent', async () => {
  const many = Array.from({ length: 101 }, (_, n) =>
    newPayment({ payment_id: `p-${n}`, nowMs: START_MS + n }),
  ).toReversed();
  const { store, requests } = openScriptedStore((request) => {
    if (request.operation === 'BatchGetItem') return table(keysOf(request), many);
    return indexPage(partitionOf(request) === 'open#0' ? many : []);
  });
  expect(await store.list({ ...PARTITION, limit: 101 })).toEqual(many);
  const batches = requests.filter(({ operation }) => operation === 'BatchGetItem');
  expect(batches.map((request) => keysOf(request).length)).toEqual([100, 1]);
  for (const { input } of batches)
    expect(input.RequestItems).toMatchObject({ payments: { ConsistentRead: true } });
});
