import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { deliverOverHttp } from '../adapters/system/http-deliver.ts';
import type { Simulator } from '../connectors/simulator/simulator.ts';
import type { Secrets } from '../ports/secrets.ts';
import type { AwsBase } from './parts.ts';

/** The simulator, where the deployment has a table for it; null where it has none. */
export async function awsSimulator(
  { config, clock, ids, timers, logger }: AwsBase,
  dynamo: DynamoDBClient,
  secrets: Secrets,
  baseUrl: () => string = () => config.PUBLIC_URL,
): Promise<Simulator | null> {
  if (config.CONNECTOR !== 'simulator' || config.SIMULATOR_TABLE_NAME === '') return null;
  // Loaded only where it is deployed.
  const { createSimulator } = await import('../connectors/simulator/simulator.ts');
  const { createDynamoStorage } = await import('../connectors/simulator/dynamo-storage.ts');
  return createSimulator({
    storage: createDynamoStorage({ client: dynamo, tableName: config.SIMULATOR_TABLE_NAME, timers, ids }),
    clock,
    ids,
    timers,
    latencyMs: config.SIMULATOR_LATENCY_MS,
    baseUrl,
    callbackSecret: await secrets.callbackSecret('simulator'),
    deliver: deliverOverHttp,
    logger,
  });
}
