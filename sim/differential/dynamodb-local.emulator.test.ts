import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoDeadLetters } from '../../src/adapters/dynamodb/dynamo-dead-letters.ts';
import { createDynamoPaymentStore } from '../../src/adapters/dynamodb/dynamo-payment-store.ts';
import { createStreamFeed } from '../../src/adapters/dynamodb/stream-feed.fixture.ts';
import type { FakeClock } from '../../src/adapters/memory/fake-clock.ts';
import { createSystemTimers } from '../../src/adapters/system/system-timers.ts';
import { type DynamoDbLocal, javaMissing, startDynamoDbLocal } from '../../test/emulators/dynamodb-local.ts';
import { runHistory } from './run-history.ts';
import { memorySubject, modelQueue, modelSubject, type Subject } from './subject.ts';

const STEPS = 100;

describe.skipIf(javaMissing)('on DynamoDB Local', () => {
  let local: DynamoDbLocal;
  beforeAll(async () => {
    local = await startDynamoDbLocal();
  }, 90_000);
  afterAll(() => local.stop());

  /** The real adapters on Amazon's own engine, so that the model is held against it too. */
  async function localSubject(clock: FakeClock): Promise<Subject> {
    const tables = await local.createTables();
    const client = local.client();
    const store = createDynamoPaymentStore({
      client,
      tableName: tables.payments,
      timers: createSystemTimers(),
    });
    return {
      name: 'DynamoDB Local',
      store,
      feed: createStreamFeed({ endpoint: local.endpoint, tableName: tables.payments, signal: store }),
      queue: modelQueue(clock, createDynamoDeadLetters({ client, tableName: tables.control, clock })),
      close: async () => client.destroy(),
    };
  }

  it.each([1n, 2n])('a history has the same answers as in memory and on the model, seed %i', async (seed) => {
    const open = [memorySubject, modelSubject, localSubject];
    await expect(runHistory({ seed, steps: STEPS, open, inOrder: false })).resolves.toBeUndefined();
  });
});
