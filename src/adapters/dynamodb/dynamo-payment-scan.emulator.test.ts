import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type DynamoDbLocal,
  javaMissing,
  startDynamoDbLocal,
} from '../../../test/emulators/dynamodb-local.ts';
import type { Payment } from '../../domain/payment.ts';
import { LIVES, save, versionName } from '../../ports/payment-store.fixture.ts';
import { createSystemTimers } from '../system/system-timers.ts';
import { createDynamoKeyStore } from './dynamo-key-store.ts';
import { scanPayments } from './dynamo-payment-scan.ts';
import { createDynamoPaymentStore } from './dynamo-payment-store.ts';

/** Of items so large, so many are more than the megabyte that a page has at most. */
const PAYMENTS = 120;
/** Nothing that packing would make small. */
const LARGE = randomBytes(9_000).toString('base64');

describe.skipIf(javaMissing)('a scan of the payments, on DynamoDB Local', () => {
  let local: DynamoDbLocal;
  beforeAll(async () => {
    local = await startDynamoDbLocal();
  }, 90_000);
  afterAll(() => local.stop());

  it('finds the last version of every payment of every partition, and nothing else', async () => {
    const { payments: tableName } = await local.createTables();
    const client = local.client();
    const timers = createSystemTimers();
    const store = createDynamoPaymentStore({ client, tableName, timers });
    const keys = createDynamoKeyStore({ client, tableName, timers });
    await keys.put({
      key_id: 'k1',
      merchant_id: 'm_1',
      livemode: false,
      scopes: ['admin'],
      secret_hash: 'h',
      created_at: '2026-03-02T09:30:00.000Z',
      expires_at: null,
      revoked_at: null,
    });
    const statuses = Object.values(LIVES);
    const lives = Array.from({ length: PAYMENTS }, (_, number) => {
      const life = statuses[number % statuses.length] as (typeof statuses)[number];
      const [merchant_id, livemode] = [`m_${number % 3}`, number % 2 === 0];
      return life({ payment_id: `p${number}`, merchant_id, livemode, description: LARGE });
    });
    const saved: Payment[] = [];
    for (let at = 0; at < lives.length; at += 50)
      saved.push(...(await Promise.all(lives.slice(at, at + 50).map((lived) => save(store, lived)))));

    const pausesMs: number[] = [];
    const scanTimers = { sleep: async (ms: number) => void pausesMs.push(ms) };
    const found: Payment[] = [];
    for await (const payment of scanPayments({ client, tableName, timers: scanTimers })) found.push(payment);
    const byName = (a: Payment, b: Payment) => (versionName(a) < versionName(b) ? -1 : 1);
    expect(found.sort(byName)).toEqual(saved.sort(byName));
    expect(pausesMs.length).toBeGreaterThan(0);
    expect(Math.min(...pausesMs)).toBeGreaterThan(100);
  });
});
