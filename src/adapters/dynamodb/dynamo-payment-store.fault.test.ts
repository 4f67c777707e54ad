import { describe, expect, it } from 'vitest';
import type { Payment } from '../../domain/payment.ts';
import { UnavailableError } from '../../ports/faults.ts';
import { LIVES, newPayment, START_MS } from '../../ports/payment-store.fixture.ts';
import { toPaymentItem } from './payment-item.ts';
import { paymentKey } from './payment-keys.ts';
import {
  batch,
  broken,
  indexPage,
  keysOf,
  ok,
  openScriptedStore as open,
  partitionOf,
  refused,
  type ScriptedAnswer,
  timedOut,
} from './scripted-client.fixture.ts';

const PARTITION = { merchant_id: 'm_1', livemode: false };
const FAR_MS = START_MS + 365 * 86_400_000;

const [first, second] = LIVES.completed() as [Payment, Payment];

/** Each call of the port. */
const CALLS = {
  create: (store) => store.create(first),
  get: (store) => store.get(first),
  update: (store) => store.update(second),
  list: (store) => store.list({ ...PARTITION, limit: 10 }),
  due: (store) => store.due(FAR_MS, null, 10),
} as const satisfies Record<string, (store: ReturnType<typeof open>['store']) => Promise<unknown>>;

const UNAVAILABLE: Record<string, () => ScriptedAnswer> = {
  'provisioned throughput is exceeded': () => refused('ProvisionedThroughputExceededException'),
  'it throttles': () => refused('ThrottlingException'),
  'the account is at its request limit': () => refused('RequestLimitExceeded'),
  'it fails inside': () => refused('InternalServerError', { status: 500 }),
  'it is unavailable': () => ({ status: 503, body: '<html>Service Unavailable</html>' }),
  'the gateway says nothing': () => ({ status: 502, body: '' }),
  'the answer never comes': timedOut,
  'the connection is refused': () => broken('ECONNREFUSED'),
  'the connection breaks': () => broken('ECONNRESET'),
  'its name is not found': () => broken('ENOTFOUND'),
  'access is denied': () => refused('AccessDeniedException', { message: 'User is not authorized' }),
  'the credentials have expired': () => refused('ExpiredTokenException'),
  'the table is not there': () => refused('ResourceNotFoundException'),
};

describe.each(Object.entries(UNAVAILABLE))('when %s', (_, answer) => {
  it.each(Object.entries(CALLS))('%s rejects with UnavailableError', async (_name, call) => {
    const { store } = open(answer);
    await expect(call(store)).rejects.toThrow(UnavailableError);
  });
});

describe('a fault', () => {
  it('says what failed, and why', async () => {
    const { store } = open(() => refused('ThrottlingException', { message: 'Rate exceeded' }));
    await expect(store.create(first)).rejects.toThrow(
      'DynamoDB: creating a payment failed: ThrottlingException: Rate exceeded',
    );
  });

  it.each(Object.entries(CALLS))(
    'that is a mistake of ours is not called unavailable: %s',
    async (_, call) => {
      const { store } = open(() =>
        refused('ValidationException', { message: 'Invalid KeyConditionExpression' }),
      );
      await expect(call(store)).rejects.toThrow('Invalid KeyConditionExpression');
      await expect(call(store)).rejects.not.toThrow(UnavailableError);
    },
  );

  it('that passes is retried, twice at the most', async () => {
    const { store, requests } = open((_, n) => (n < 3 ? timedOut() : ok()), 3);
    expect(await store.get(first)).toBeNull();
    expect(requests).toHaveLength(3);
    const lasting = open(timedOut, 3);
    await expect(lasting.store.get(first)).rejects.toThrow(UnavailableError);
    expect(lasting.requests).toHaveLength(3);
  });
});

it('reads a payment strongly consistent', async () => {
  const { store, requests } = open(() => ok());
  expect(await store.get(first)).toBeNull();
  expect(requests.map(({ input }) => input.ConsistentRead)).toEqual([true]);
});

it('finds what is due although an item before it cannot be read, and says which', async () => {
  const lines: object[] = [];
  const { store } = open(
    (request) => {
      if (request.operation === 'Query')
        return indexPage(partitionOf(request) === 'open#0' ? [unreadable, first] : []);
      const Items = [
        { pk: { S: paymentKey(unreadable) }, payment_id: { S: 'broken' } },
        toPaymentItem(first, 0),
      ];
      return ok({ Responses: { payments: Items } });
    },
    1,
    { error: (fields) => void lines.push(fields) },
  );
  const unreadable = newPayment({ payment_id: 'broken', nowMs: START_MS });
  expect((await store.due(FAR_MS, null, 10)).payments).toEqual([first]);
  expect(lines).toMatchObject([{ item: paymentKey(unreadable) }]);
});

describe('a refused condition', () => {
  const conditionFailed = (stored?: Payment) =>
    refused('ConditionalCheckFailedException', stored && { Item: toPaymentItem(stored, 0) });

  it('answers a create with what is there, in the one request', async () => {
    const { store, requests } = open(() => conditionFailed(second));
    expect(await store.create(first)).toEqual({ created: false, existing: second });
    expect(requests.map(({ operation }) => operation)).toEqual(['PutItem']);
  });

  it.each([
    ['nothing is there', undefined],
    ['another version is there', first],
    ['the same version is there, and it was sent once: somebody else wrote the same', second],
  ])('answers an update with false where %s', async (_, stored) => {
    const { store, requests } = open(() => conditionFailed(stored));
    expect(await store.update(second)).toBe(false);
    expect(requests).toHaveLength(1);
  });

  it('is a fault if it does not say what is there', async () => {
    const { store } = open(() => conditionFailed());
    await expect(store.create(first)).rejects.toThrow('did not answer what is there');
  });
});

describe('a batch that is answered in parts', () => {
  const payments = ['a', 'b', 'c', 'd'].map((payment_id, n) =>
    newPayment({ payment_id, nowMs: START_MS + n }),
  );
  const newestFirst = payments.toReversed();

  /** All of them stand in the first open partition. @param read how many keys the nth batch request reads */
  function openWith(read: (n: number) => number) {
    let batches = 0;
    return open((request) => {
      if (request.operation === 'Query')
        return indexPage(partitionOf(request) === 'open#0' ? newestFirst : []);
      batches += 1;
      const keys = keysOf(request);
      const count = read(batches);
      const found = payments.filter((payment) => keys.slice(0, count).includes(paymentKey(payment)));
      return batch(found, keys.slice(count));
    });
  }

  it('asks again for the rest, after a pause', async () => {
    const { store, pausesMs } = openWith((n) => (n === 1 ? 3 : 100));
    expect(await store.list({ ...PARTITION, limit: 10 })).toEqual(newestFirst);
    expect(pausesMs).toEqual([50]);
  });

  it('waits longer each time that nothing came, and is patient again once something did', async () => {
    const { store, pausesMs } = openWith((n) => [0, 0, 1, 0, 100][n - 1] as number);
    expect((await store.due(FAR_MS, null, 10)).payments).toEqual(newestFirst);
    expect(pausesMs).toEqual([100, 200, 50, 100]);
  });

  it('is unavailable when nothing comes for ever', async () => {
    const { store, requests, pausesMs } = openWith(() => 0);
    await expect(store.list({ ...PARTITION, limit: 10 })).rejects.toThrow(UnavailableError);
    await expect(store.due(FAR_MS, null, 10)).rejects.toThrow('4 of 4 items were not read, 6 times in a row');
    expect(requests.filter(({ operation }) => operation === 'BatchGetItem')).toHaveLength(12);
    expect(pausesMs).toHaveLength(10);
  });
});
