import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { LOCAL_CREDENTIALS } from '../../../test/emulators/dynamodb-local.ts';
import { createDynamoClient } from './dynamo-client.ts';
import { createDynamoProbe } from './dynamo-probe.ts';

/** What a worker of the fleet asks PSPs for side by side, unless it is told otherwise. */
const AT_ONCE = 512;

it('asks as much side by side as a worker has in hand: none waits until another is answered', async () => {
  const held: ServerResponse[] = [];
  const server = createServer((request, response) => {
    request.resume();
    held.push(response);
    if (held.length < AT_ONCE) return;
    for (const each of held) each.setHeader('Content-Type', 'application/x-amz-json-1.0').end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = createDynamoClient({
    region: 'us-east-1',
    endpoint: `http://127.0.0.1:${port}`,
    credentials: LOCAL_CREDENTIALS,
    maxAttempts: 1,
  });
  const probe = createDynamoProbe({ client, tableName: 'control' });
  const asked = await Promise.allSettled(Array.from({ length: AT_ONCE }, () => probe()));
  expect(asked.filter(({ status }) => status === 'rejected')).toEqual([]);
  client.destroy();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
