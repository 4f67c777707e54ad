import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createCloudFront, jsonRequest } from '../../infra/edge/cloudfront.fixture.ts';
import { runIn } from '../../src/cli/cli.fixture.ts';
import { aWorkItem, sqsEvent } from '../../src/lambda/events.fixture.ts';
import { apiUrlHandler } from '../../src/wiring-aws/api-url.ts';
import { workerHandler } from '../../src/wiring-aws/worker.ts';
import { type Calls, type CountingProxy, startCountingProxy } from '../emulators/counting-proxy.ts';
import { javaMissing } from '../emulators/dynamodb-local.ts';
import { type Cloud, startCloud } from './cloud.fixture.ts';

const MERCHANT = 'm_1';

describe.skipIf(javaMissing)('a request through CloudFront', () => {
  const calls: Calls = {};
  const proxies: CountingProxy[] = [];
  const throughCloudFront = createCloudFront();
  let cloud: Cloud;
  let api: Awaited<ReturnType<typeof apiUrlHandler>>;
  let worker: Awaited<ReturnType<typeof workerHandler>>;
  let key: string;
  let reader: string;

  async function makeKey(scopes: string): Promise<{ key: string; keyId: string }> {
    const command = `keys create --merchant ${MERCHANT} --mode test --scopes ${scopes} --json`;
    const made = (await runIn(process.env, command.split(' '))).json();
    return { key: String(made.key), keyId: String(made.key_id) };
  }

  beforeAll(async () => {
    // Time stands still: what is remembered for a minute is remembered until the test says otherwise.
    vi.useFakeTimers({ toFake: ['Date'] });
    cloud = await startCloud({ PUBLIC_URL: '' });
    ({ key } = await makeKey('payments:read,payments:write,refunds:write'));
    reader = (await makeKey('payments:read')).key;
    worker = await workerHandler({ ...cloud.config, PUBLIC_URL: 'https://d111111abcdef8.cloudfront.net' });
    await worker(sqsEvent([aWorkItem({ merchant_id: MERCHANT, livemode: false, payment_id: 'none' })]));
    for (const service of ['DYNAMODB', 'SQS']) {
      const name = `AWS_ENDPOINT_URL_${service}`;
      const proxy = await startCountingProxy(service.toLowerCase(), process.env[name] as string, calls);
      proxies.push(proxy);
      process.env[name] = proxy.endpoint;
    }
    api = await apiUrlHandler(cloud.config);
  }, 90_000);

  afterAll(async () => {
    await cloud.stop();
    await Promise.all(proxies.map((proxy) => proxy.stop()));
    vi.useRealTimers();
  });

  /** The answer's status, body, and the calls that it took. */
  async function ask(method: string, path: string, by: string, json?: unknown) {
    for (const name of Object.keys(calls)) delete calls[name];
    const event = await throughCloudFront(jsonRequest(method, path, by, json));
    if ('status' in event) throw new Error(`fixture: the edge refused: ${event.body}`);
    const { statusCode, body = '' } = await api(event);
    return { status: statusCode, json: JSON.parse(body), calls: { ...calls } };
  }

  it('is accepted with a look at its key and the queue, and the next with one write alone', async () => {
    const first = await ask('POST', '/payments', key, { payment_id: 'p1', amount: 1_000 });
    expect([first.status, first.json.status]).toEqual([201, 'processing']);
    expect(first.calls).toEqual({
      'dynamodb GetItem': 1,
      'dynamodb PutItem': 1,
      'sqs GetQueueAttributes': 1,
    });
    const second = await ask('POST', '/payments', key, { payment_id: 'p2', amount: 1_000 });
    expect([second.status, second.calls]).toEqual([201, { 'dynamodb PutItem': 1 }]);
  });

  it('sees the payment completed once the worker has it', async () => {
    await ask('POST', '/payments', key, { payment_id: 'settled', amount: 1_000 });
    const item = { merchant_id: MERCHANT, livemode: false, payment_id: 'settled', operation_id: 'charge.1' };
    await worker(sqsEvent([aWorkItem(item)]));
    const read = await ask('GET', '/payments/settled', key);
    expect([read.status, read.json.status]).toEqual([200, 'completed']);
    expect(read.calls).toEqual({ 'dynamodb GetItem': 1 });
  });

  it('with a key that is nobody’s is refused, and with one that may not too', async () => {
    const payment = { payment_id: 'p3', amount: 1_000 };
    const unknown = await ask('POST', '/payments', `${key.slice(0, -1)}_`, payment);
    expect([unknown.status, unknown.json.code, unknown.calls]).toEqual([401, 'invalid_key', {}]);
    const refused = await ask('POST', '/payments', reader, payment);
    expect([refused.status, refused.json.code]).toEqual([403, 'insufficient_scope']);
    expect((await ask('GET', '/payments/p3', reader)).status).toBe(404);
  });

  it('with a key that was revoked is refused a minute later at the latest', async () => {
    const { key: revoked, keyId } = await makeKey('payments:read');
    expect((await ask('GET', '/payments/p1', revoked)).status).toBe(200);
    await runIn(process.env, `keys revoke ${keyId}`.split(' '));
    vi.setSystemTime(Date.now() + 60_000);
    const refused = await ask('GET', '/payments/p1', revoked);
    expect([refused.status, refused.json.code]).toEqual([401, 'invalid_key']);
  });
});
