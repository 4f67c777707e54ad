import type { ConsumedCapacity, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  type DynamoDbLocal,
  javaMissing,
  startDynamoDbLocal,
} from '../../../test/emulators/dynamodb-local.ts';
import type { Payment } from '../../domain/payment.ts';
import { answered, LIVES, newPayment, save, versions } from '../../ports/payment-store.fixture.ts';
import type { PaymentStore } from '../../ports/payment-store.ts';
import { createSystemTimers } from '../system/system-timers.ts';
import { createDynamoPaymentStore } from './dynamo-payment-store.ts';
import { itemBytes } from './item-bytes.fixture.ts';
import { toPaymentItem } from './payment-item.ts';

interface Call {
  command: string;
  capacity: ConsumedCapacity | undefined;
}

/** Has DynamoDB say what each call cost, and keeps it. */
function metering(client: DynamoDBClient): Call[] {
  const calls: Call[] = [];
  client.middlewareStack.add(
    (next, { commandName = '' }) =>
      async (args) => {
        Object.assign(args.input, { ReturnConsumedCapacity: 'INDEXES' });
        const call: Call = { command: commandName, capacity: undefined };
        calls.push(call);
        const answer = await next(args);
        const { ConsumedCapacity } = answer.output as { ConsumedCapacity?: ConsumedCapacity };
        call.capacity = ConsumedCapacity;
        return answer;
      },
    { step: 'initialize', name: 'metersCalls' },
  );
  return calls;
}

const total = (calls: readonly Call[]) =>
  calls.reduce((sum, { capacity }) => sum + (capacity?.CapacityUnits ?? 0), 0);
const ofTable = (calls: readonly Call[]) =>
  calls.reduce((sum, { capacity }) => sum + (capacity?.Table?.CapacityUnits ?? 0), 0);
const ofIndex = (calls: readonly Call[]) =>
  calls.reduce(
    (sum, { capacity }) => sum + (capacity?.GlobalSecondaryIndexes?.['status-index']?.CapacityUnits ?? 0),
    0,
  );

describe.skipIf(javaMissing)('what a payment costs on DynamoDB Local', () => {
  let local: DynamoDbLocal;
  let calls: Call[];
  let store: PaymentStore;

  beforeAll(async () => {
    local = await startDynamoDbLocal();
  }, 90_000);
  afterAll(() => local.stop());

  beforeEach(async () => {
    const { payments: tableName } = await local.createTables();
    const client = local.client();
    calls = metering(client);
    store = createDynamoPaymentStore({
      client,
      tableName,
      timers: createSystemTimers(),
      hotRetentionDays: 180,
    });
  });

  /** A plain payment with ids as long as the server's own and the PSP's, through its whole life. */
  const plain = versions(
    newPayment({
      payment_id: 'pay_0123456789abcdefghjkmnpqrs',
      merchant_id: 'merchant_0123456789',
      request_hash: `1:${'f'.repeat(64)}`,
      actor: '0123456789abcdef',
    }),
    (payment) =>
      answered(payment, { outcome: 'succeeded', psp_reference: 'sim_ch_0123456789abcdefghjkmnpqrs' }),
  ) as [Payment, Payment];

  it('is one call and two write units to create: the table and the index', async () => {
    await store.create(plain[0]);
    expect(calls.map(({ command }) => command)).toEqual(['PutItemCommand']);
    expect([ofTable(calls), ofIndex(calls)]).toEqual([1, 1]);
  });

  it('is one call and three write units to settle: the table, and the index left and entered', async () => {
    await store.create(plain[0]);
    calls.length = 0;
    await store.update(plain[1]);
    expect(calls.map(({ command }) => command)).toEqual(['PutItemCommand']);
    expect([ofTable(calls), ofIndex(calls)]).toEqual([1, 2]);
  });

  it('is an item well below the kilobyte that a write unit covers, with room for metadata', () => {
    expect(itemBytes(toPaymentItem(plain[1], 180))).toBeLessThan(900);
  });

  it('is five write units in all', async () => {
    await save(store, plain);
    expect(total(calls)).toBe(5);
  });

  it('is one call and one read unit to read', async () => {
    await store.create(plain[0]);
    await store.update(plain[1]);
    calls.length = 0;
    expect(await store.get(plain[0])).toEqual(plain[1]);
    expect(calls.map(({ command }) => command)).toEqual(['GetItemCommand']);
    expect(total(calls)).toBe(1);
  });

  it('is one call to refuse a second create, with what is there in the same answer', async () => {
    await store.create(plain[0]);
    calls.length = 0;
    expect(await store.create(newPayment({ ...plain[0], description: 'again' }))).toEqual({
      created: false,
      existing: plain[0],
    });
    expect(calls.map(({ command }) => command)).toEqual(['PutItemCommand']);
  });

  it('is sixteen queries and one batch to list a page, and eight queries where one status is asked for', async () => {
    await store.create(plain[0]);
    calls.length = 0;
    await store.list({ ...plain[0], status: undefined, limit: 11 });
    const count = (name: string) => calls.filter(({ command }) => command === name).length;
    expect([count('QueryCommand'), count('BatchGetItemCommand')]).toEqual([16, 1]);
    calls.length = 0;
    await store.list({ ...plain[0], status: 'processing', limit: 11 });
    expect([count('QueryCommand'), count('BatchGetItemCommand')]).toEqual([8, 1]);
  });

  it('stays five write units at every status that a payment can settle in', async () => {
    for (const status of ['completed', 'failed'] as const) {
      calls.length = 0;
      await save(store, LIVES[status]({ payment_id: status }));
      expect(total(calls)).toBe(5);
    }
  });
});
