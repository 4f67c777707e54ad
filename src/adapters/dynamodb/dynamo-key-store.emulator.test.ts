import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type DynamoDbLocal,
  javaMissing,
  startDynamoDbLocal,
} from '../../../test/emulators/dynamodb-local.ts';
import { describeKeyStore } from '../../ports/key-store.contract.ts';
import type { StoredKey } from '../../ports/key-store.ts';
import { newPayment } from '../../ports/payment-store.fixture.ts';
import { createSystemTimers } from '../system/system-timers.ts';
import { createDynamoKeyStore } from './dynamo-key-store.ts';
import { createDynamoPaymentStore } from './dynamo-payment-store.ts';

const timers = createSystemTimers();

describe.skipIf(javaMissing)('on DynamoDB Local', () => {
  let local: DynamoDbLocal;
  beforeAll(async () => {
    local = await startDynamoDbLocal();
  }, 90_000);
  afterAll(() => local.stop());

  describeKeyStore('the DynamoDB key store', async () => {
    const { payments: tableName } = await local.createTables();
    const client = local.client();
    return {
      store: createDynamoKeyStore({ client, tableName, timers }),
      close: async () => client.destroy(),
    };
  });

  describe('API keys in the table of the payments', () => {
    const key: StoredKey = {
      key_id: 'k1',
      merchant_id: 'm_1',
      livemode: false,
      scopes: ['admin'],
      secret_hash: 'ab'.repeat(32),
      created_at: '2026-03-02T09:30:00.000Z',
      expires_at: '2026-03-03T09:30:00.000Z',
      revoked_at: null,
    };

    async function open() {
      const { payments: tableName } = await local.createTables();
      const client = local.client();
      const keys = createDynamoKeyStore({ client, tableName, timers });
      return { client, tableName, keys, payments: createDynamoPaymentStore({ client, tableName, timers }) };
    }

    it('carry neither the attribute that TTL reads nor the one that makes a payment', async () => {
      const { client, tableName, keys } = await open();
      await keys.put(key);
      const { Item = {} } = await client.send(
        new GetItemCommand({ TableName: tableName, Key: { pk: { S: 'key#k1' } } }),
      );
      expect(Item.key_expires_at).toEqual({ S: '2026-03-03T09:30:00.000Z' });
      expect(Item).not.toHaveProperty('expires_at');
      expect(Item).not.toHaveProperty('payment_id');
    });

    it('and payments are in no list of each other', async () => {
      const { keys, payments } = await open();
      const payment = newPayment();
      await keys.put(key);
      await payments.create(payment);
      expect(await keys.list()).toEqual([key]);
      expect(await payments.list({ merchant_id: 'm_1', livemode: false, limit: 10 })).toEqual([payment]);
      expect((await payments.due(Number.MAX_SAFE_INTEGER, null, 10)).payments).toEqual([payment]);
      expect(await payments.get({ merchant_id: 'k1', livemode: false, payment_id: 'x' })).toBeNull();
    });

    it('are all listed, however many', async () => {
      const { keys } = await open();
      const many = Array.from({ length: 120 }, (_, n) => ({
        ...key,
        key_id: `k${String(n).padStart(3, '0')}`,
      }));
      await Promise.all(many.map((one) => keys.put(one)));
      expect((await keys.list()).toSorted((a, b) => (a.key_id < b.key_id ? -1 : 1))).toEqual(many);
    });
  });
});
