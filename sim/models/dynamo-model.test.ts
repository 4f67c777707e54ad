import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createDynamoDeadLetters } from '../../src/adapters/dynamodb/dynamo-dead-letters.ts';
import { createDynamoKeyStore } from '../../src/adapters/dynamodb/dynamo-key-store.ts';
import { createDynamoPaymentStore } from '../../src/adapters/dynamodb/dynamo-payment-store.ts';
import { toPaymentItem } from '../../src/adapters/dynamodb/payment-item.ts';
import { createFakeClock } from '../../src/adapters/memory/fake-clock.ts';
import { createFakeTimers } from '../../src/adapters/memory/fake-timers.ts';
import type { Payment } from '../../src/domain/payment.ts';
import { UnavailableError } from '../../src/ports/faults.ts';
import { describeKeyStore } from '../../src/ports/key-store.contract.ts';
import { describePaymentStore } from '../../src/ports/payment-store.contract.ts';
import {
  answered,
  LIVES,
  newPayment,
  START_MS,
  SUCCEEDED,
  save,
} from '../../src/ports/payment-store.fixture.ts';
import type { WorkItem } from '../../src/ports/work-queue.ts';
import { createDynamoModel, type DynamoModelOptions, TABLES } from './dynamo-model.ts';
import { noAnswer, type ServiceCall, throttled, type Wire } from './service-call.ts';
import { createModelStreamFeed } from './stream-feed.ts';

function open(options: Partial<DynamoModelOptions> = {}) {
  const clock = createFakeClock(START_MS);
  const model = createDynamoModel({ clock, ...options });
  const timers = createFakeTimers(clock);
  const storeOver = (wire?: Wire) =>
    createDynamoPaymentStore({ client: model.client(wire), tableName: TABLES.payments, timers });
  return { clock, model, storeOver };
}

describePaymentStore('the DynamoDB payment store on the model', async () => {
  const { model, storeOver } = open();
  const store = storeOver();
  return {
    store,
    feed: createModelStreamFeed(model.stream),
    signal: store,
    consumers: ['relay', 'audit'],
    close: async () => undefined,
  };
});

describeKeyStore('the DynamoDB key store on the model', async () => {
  const { clock, model } = open();
  const table = { client: model.client(), tableName: TABLES.payments, timers: createFakeTimers(clock) };
  return { store: createDynamoKeyStore(table), close: async () => undefined };
});

const MINE = { merchant_id: 'm_1', livemode: false };
const ALL = { ...MINE, limit: 10 };

/** A way on which something befalls the n-th request of an operation, from 1. */
function wireWith(operation: string, n: number, befall: <T>(call: ServiceCall<T>) => T): Wire {
  let seen = 0;
  return async (call) => {
    if (call.operation !== operation) return call.effect();
    seen += 1;
    return seen === n ? befall(call) : call.effect();
  };
}

const loseAnswer = <T>({ effect }: ServiceCall<T>): T => {
  effect();
  throw noAnswer();
};

/** Nobody ever hears of anything, refusals included. */
const deafWire: Wire = async (call) => {
  await Promise.allSettled([Promise.resolve().then(call.effect)]);
  throw noAnswer();
};

describe('the index of the model', () => {
  const LAG_MS = 1_000;

  it('shows a write in lists when its lag is over, and to a get at once', async () => {
    const { clock, storeOver } = open({ indexLagMs: () => LAG_MS });
    const store = storeOver();
    const payment = await save(store, LIVES.processing());
    expect(await store.list(ALL)).toEqual([]);
    expect(await store.get(payment)).toEqual(payment);
    clock.advance(LAG_MS);
    expect(await store.list(ALL)).toEqual([payment]);
  });

  it('may hold a payment in its old and in its new place, or in neither; a list shows it at most once', async () => {
    const lags = [0, LAG_MS, 0];
    const both = open({ indexLagMs: () => lags.shift() ?? 0 });
    const store = both.storeOver();
    const last = await save(store, LIVES.completed());
    expect(both.model.payments.partition('test#m_1#completed#0', 'status-index').length).toBe(
      1 - both.model.payments.partition('test#m_1#completed#1', 'status-index').length,
    );
    expect(await store.list(ALL)).toEqual([last]);
    expect(await store.list({ ...ALL, status: 'processing' })).toEqual([]);

    const gone = [0, 0, LAG_MS];
    const neither = open({ indexLagMs: () => gone.shift() ?? 0 });
    const other = neither.storeOver();
    const moved = await save(other, LIVES.completed());
    expect(await other.list(ALL)).toEqual([]);
    neither.clock.advance(LAG_MS);
    expect(await other.list(ALL)).toEqual([moved]);
  });

  it('keeps the order of the changes of one entry, however their lags fall', async () => {
    const lags = [500, 100, 900, 0, 0];
    const { clock, storeOver } = open({ indexLagMs: () => lags.shift() ?? 0 });
    const store = storeOver();
    const last = await save(store, [...LIVES.authorized()]);
    clock.advance(10_000);
    expect(await store.list(ALL)).toEqual([last]);
    expect((await store.due(Date.parse('2027-01-01'), null, 10)).payments).toEqual([last]);
  });

  it('answers whole lists and all that is due in the shortest of pages', async () => {
    const reads = { pageSize: () => 1, unread: (keys: number) => Math.floor(keys / 2) };
    // Pauses between the parts of a batch are over at once.
    const timers = { sleep: async () => undefined, after: () => () => undefined };
    const { model } = open({ reads });
    const store = createDynamoPaymentStore({ client: model.client(), tableName: TABLES.payments, timers });
    const made: Payment[] = [];
    for (let n = 0; n < 12; n += 1) made.push(await save(store, LIVES.processing({ payment_id: `p-${n}` })));
    expect((await store.list({ ...ALL, limit: 100 })).length).toBe(12);
    const due: Payment[] = [];
    let cursor: string | null = null;
    do {
      const page = await store.due(Date.parse('2027-01-01'), cursor, 5);
      due.push(...page.payments);
      cursor = page.cursor;
    } while (cursor !== null);
    expect(due.map(({ payment_id }) => payment_id).sort()).toEqual(
      made.map(({ payment_id }) => payment_id).sort(),
    );
  });
});

describe('the way to the model', () => {
  it('repeats a put whose answer was lost, which then finds what it has written', async () => {
    const { model, storeOver } = open({ shards: 1 });
    const store = storeOver(wireWith('PutItem', 1, loseAnswer));
    const payment = newPayment();
    expect(await store.create(payment)).toEqual({ created: true });
    expect(model.stream.read(0, 0, 10).records).toHaveLength(1);
    const paid = answered(payment, SUCCEEDED);
    expect(await storeOver(wireWith('PutItem', 1, loseAnswer)).update(paid)).toBe(true);
    expect(await store.get(payment)).toEqual(paid);
  });

  it('gives up after three attempts, with the write done or not done', async () => {
    const { storeOver } = open();
    await expect(storeOver(deafWire).create(newPayment())).rejects.toThrow(UnavailableError);
    expect(await storeOver().get(newPayment())).toEqual(newPayment());
    const full = storeOver(async () => {
      throw throttled();
    });
    await expect(full.create(newPayment({ payment_id: 'p2' }))).rejects.toThrow(UnavailableError);
    expect(await storeOver().get({ ...MINE, payment_id: 'p2' })).toBeNull();
  });

  it('refuses an item that DynamoDB would not take', async () => {
    const { model, storeOver } = open();
    // Nothing that packing would make small.
    const noise = Array.from({ length: 10_000 }, (_, n) =>
      createHash('sha512').update(String(n)).digest('base64'),
    );
    const huge = newPayment({ metadata: { noise: noise.join('') } });
    await expect(storeOver().create(huge)).rejects.toThrow(/maximum allowed size/);
    const unnamed = { ...toPaymentItem(newPayment(), 0), '': { S: 'x' } };
    expect(() => model.payments.put(unnamed)).toThrow('Empty attribute name');
  });
});

describe('the stream of the model', () => {
  it('has the records of one payment in one shard, in order, and nothing of a refused write', async () => {
    const { model, storeOver } = open({ shards: 3 });
    const store = storeOver();
    for (const payment_id of ['a', 'b', 'c', 'd', 'e', 'f']) {
      await save(store, LIVES.canceled({ payment_id }));
      await store.create(newPayment({ payment_id }));
    }
    const shards = [0, 1, 2].map((shard) => model.stream.read(shard, 0, 100).records);
    expect(shards.flat()).toHaveLength(24);
    expect(shards.filter((records) => records.length > 0).length).toBeGreaterThan(1);
    for (const records of shards) {
      const keys = new Set(records.map(({ after }) => after?.pk?.S));
      for (const key of keys) {
        const seen = records
          .filter(({ after }) => after?.pk?.S === key)
          .map(({ after }) => after?.version?.N);
        expect(seen).toEqual(['1', '2', '3', '4']);
      }
    }
  });

  it('forgets after a day, and goes on from there', async () => {
    const { clock, model, storeOver } = open({ shards: 1 });
    const store = storeOver();
    await save(store, [newPayment({ payment_id: 'old' })]);
    clock.advance(24 * 3_600_000 + 1);
    await save(store, [newPayment({ payment_id: 'young' })]);
    model.stream.trim();
    const { records, next } = model.stream.read(0, 0, 10);
    expect(records.map(({ after }) => after?.pk?.S)).toEqual(['test#m_1#young']);
    expect(next).toBe(2);
  });
});

describe('the control table of the model', () => {
  it('serves the list of dead letters', async () => {
    const { clock, model } = open();
    const letters = createDynamoDeadLetters({ client: model.client(), tableName: TABLES.control, clock });
    const item: WorkItem = { ...MINE, payment_id: 'p1', operation_id: 'charge.1', attempt: 1 };
    await letters.put(item, 'why');
    await letters.put(item, 'again');
    const [letter] = await letters.list(10);
    expect(letter).toMatchObject({ item, reason: 'why' });
    const seen = await letters.get(letter?.id as string);
    expect(seen?.puts).toBe(2);
    expect(await letters.remove({ id: letter?.id as string, puts: 1 })).toBe(false);
    expect(await letters.remove(seen as NonNullable<typeof seen>)).toBe(true);
    expect(await letters.count()).toBe(0);
  });
});
