import { describe, expect, it } from 'vitest';
import { type Exchange, readCall } from './call-units.ts';

function exchange(
  given: Partial<Omit<Exchange, 'body' | 'answer'>> & { body?: object; answer?: object },
): Exchange {
  return {
    service: 'dynamodb',
    method: 'POST',
    url: '/',
    headers: {},
    status: 200,
    wireBytes: 1_500,
    ...given,
    body: Buffer.from(JSON.stringify(given.body ?? {})),
    answer: Buffer.from(JSON.stringify(given.answer ?? {})),
  };
}

const target = (operation: string) => ({ 'x-amz-target': `DynamoDB_20120810.${operation}` });

describe('a call of DynamoDB', () => {
  it('costs what DynamoDB says, by table and index', () => {
    const call = readCall(
      exchange({
        headers: target('PutItem'),
        body: { TableName: 'payments-1' },
        answer: {
          ConsumedCapacity: {
            TableName: 'payments-1',
            CapacityUnits: 3,
            Table: { CapacityUnits: 1 },
            GlobalSecondaryIndexes: { 'status-index': { CapacityUnits: 2 } },
          },
        },
      }),
    );
    expect(call).toEqual({
      service: 'dynamodb',
      operation: 'PutItem',
      units: {
        'calls.dynamodb.PutItem': 1,
        'dynamodb.write.payments': 1,
        'dynamodb.write.payments/status-index': 2,
      },
    });
  });

  it('is a read of each table that a batch reads', () => {
    const { units } = readCall(
      exchange({
        headers: target('BatchGetItem'),
        body: { RequestItems: { 'payments-1': {} } },
        answer: { ConsumedCapacity: [{ TableName: 'payments-1', Table: { CapacityUnits: 5 } }] },
      }),
    );
    expect(units).toEqual({ 'calls.dynamodb.BatchGetItem': 1, 'dynamodb.read.payments': 5 });
  });

  it('costs the table its units when the condition refuses a put, by the larger item, and the index nothing', () => {
    const refused = (given: string, stored: string) =>
      readCall(
        exchange({
          headers: target('PutItem'),
          status: 400,
          body: { TableName: 'payment-control-1', Item: { text: { S: given } } },
          answer: { __type: 'com.amazonaws#ConditionalCheckFailedException', Item: { text: { S: stored } } },
        }),
      ).units;
    expect(refused('a', 'b')).toEqual({ 'calls.dynamodb.PutItem': 1, 'dynamodb.write.control': 1 });
    expect(refused('a', 'b'.repeat(1_100))['dynamodb.write.control']).toBe(2);
    expect(refused('a'.repeat(2_100), 'b')['dynamodb.write.control']).toBe(3);
  });

  it('of the simulated PSP’s own table is a wait for the PSP, and costs nothing', () => {
    const call = readCall(
      exchange({ headers: target('PutItem'), body: { TableName: 'payment-simulator-1' } }),
    );
    expect(call).toEqual({ service: 'psp', operation: 'PutItem', units: {} });
  });
});

describe('a call of another service', () => {
  it('is counted by its operation, with its bytes where it goes by the NAT', () => {
    const headers = { 'x-amz-target': 'AmazonSQS.SendMessageBatch' };
    expect(readCall(exchange({ service: 'sqs', headers })).units).toEqual({
      'sqs.SendMessageBatch': 1,
      'nat.bytes': 1_500,
    });
    const secret = { 'x-amz-target': 'secretsmanager.GetSecretValue' };
    expect(readCall(exchange({ service: 'secretsmanager', headers: secret })).units).toEqual({
      'secretsmanager.GetSecretValue': 1,
      'nat.bytes': 1_500,
    });
  });

  it.each([
    ['PUT', '/bucket/audit/000000000001.ndjson.gz?x-id=PutObject', 's3.PutObject'],
    ['GET', '/bucket?list-type=2&prefix=audit', 's3.ListObjectsV2'],
    ['GET', '/bucket/audit/1', 's3.GetObject'],
    ['HEAD', '/bucket/audit/1', 's3.HeadObject'],
    ['DELETE', '/bucket/audit/1', 's3.DeleteObject'],
    ['HEAD', '/bucket', 's3.HeadBucket'],
  ])('of S3 is told by its form: %s %s', (method, url, name) => {
    expect(readCall(exchange({ service: 's3', method, url })).units[name]).toBe(1);
  });

  it('stores its body where S3 takes it, and nothing where it refuses', () => {
    const put = { service: 's3', method: 'PUT', url: '/bucket/1', body: { some: 'text' } } as const;
    expect(readCall(exchange(put)).units).toEqual({ 's3.PutObject': 1, 's3.put_bytes': 15 });
    expect(readCall(exchange({ ...put, status: 412 })).units).toEqual({ 's3.PutObject': 1 });
  });
});
