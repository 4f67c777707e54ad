import { createDynamoKeyStore } from '../../../src/adapters/dynamodb/dynamo-key-store.ts';
import { createSeededIds } from '../../../src/adapters/memory/seeded-ids.ts';
import { createSystemTimers } from '../../../src/adapters/system/system-timers.ts';
import { newKey } from '../../../src/app/api-keys.ts';
import type { AwsConfig } from '../../../src/aws-config.ts';
import { apiHandler } from '../../../src/wiring-aws/api.ts';
import { relayHandler } from '../../../src/wiring-aws/relay.ts';
import { workerHandler } from '../../../src/wiring-aws/worker.ts';
import type { Mix } from '../../mix/mix.ts';
import type { MeteredCloud } from '../cloud/metered-cloud.ts';
import { createClient } from './client.ts';
import { createCustomer } from './customer.ts';
import type { Functions, PlayDeps } from './play-round.ts';
import { createSources } from './sources.ts';

const MERCHANT = 'm_0123456789abcd';
const KEY_SEED = 3;

/** Everybody who takes part in a payment, and the key of its merchant. */
export interface Cast {
  deps: PlayDeps;
  key: string;
}

/** With the real functions. To be called once for a cloud. */
export async function prepare(cloud: MeteredCloud, mix: Mix): Promise<Cast> {
  const { key, stored } = await makeKey(cloud);
  const deps = {
    cloud,
    functions: await realFunctions(cloud.config),
    client: createClient({ key, stored, mix }),
    customer: await createCustomer(cloud),
    sources: createSources(cloud),
  };
  return { deps, key };
}

/** As the entry points build them. */
async function realFunctions(config: AwsConfig): Promise<Functions> {
  return { api: await apiHandler(config), relay: relayHandler(config), worker: await workerHandler(config) };
}

async function makeKey({ dynamo, tables, nowMs }: MeteredCloud) {
  const store = createDynamoKeyStore({
    client: dynamo.client(),
    tableName: tables.payments,
    timers: createSystemTimers(),
  });
  const made = newKey(
    { ids: createSeededIds(KEY_SEED) },
    {
      merchantId: MERCHANT,
      livemode: false,
      scopes: ['payments:read', 'payments:write', 'refunds:write'],
      expiresAt: null,
      nowMs: nowMs(),
    },
  );
  await store.put(made.stored);
  return made;
}
