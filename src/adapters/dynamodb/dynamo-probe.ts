import { type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { asked } from './dynamo-fault.ts';
import { CONTROL_TABLE } from './table-schema.ts';

/** A write that changes nothing that anybody reads: whether the store takes writes. */
export function createDynamoProbe({ client, tableName }: { client: DynamoDBClient; tableName: string }) {
  const item = { [CONTROL_TABLE.partitionKey]: { S: 'probe' }, [CONTROL_TABLE.sortKey]: { S: 'ready' } };
  return async (): Promise<void> => {
    await asked('probing the store', client.send(new PutItemCommand({ TableName: tableName, Item: item })));
  };
}
