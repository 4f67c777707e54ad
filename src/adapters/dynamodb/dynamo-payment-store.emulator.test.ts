import { afterAll, beforeAll, describe } from 'vitest';
import {
  type DynamoDbLocal,
  javaMissing,
  startDynamoDbLocal,
} from '../../../test/emulators/dynamodb-local.ts';
import { describePaymentStore } from '../../ports/payment-store.contract.ts';
import { createSystemTimers } from '../system/system-timers.ts';
import { createDynamoPaymentStore } from './dynamo-payment-store.ts';
import { createStreamFeed } from './stream-feed.fixture.ts';

describe.skipIf(javaMissing)('on DynamoDB Local', () => {
  let local: DynamoDbLocal;
  beforeAll(async () => {
    local = await startDynamoDbLocal();
  }, 90_000);
  afterAll(() => local.stop());

  describePaymentStore('the DynamoDB payment store', async () => {
    const { payments: tableName } = await local.createTables();
    const client = local.client();
    const store = createDynamoPaymentStore({ client, tableName, timers: createSystemTimers() });
    const feed = createStreamFeed({ endpoint: local.endpoint, tableName, signal: store });
    return {
      store,
      feed,
      signal: store,
      consumers: ['relay', 'audit'],
      close: async () => client.destroy(),
    };
  });
});
