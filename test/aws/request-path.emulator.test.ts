import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createDynamoKeyStore } from '../../src/adapters/dynamodb/dynamo-key-store.ts';
import { createSystemIds } from '../../src/adapters/system/system-ids.ts';
import { createSystemTimers } from '../../src/adapters/system/system-timers.ts';
import { newKey } from '../../src/app/api-keys.ts';
import { parseAwsConfig } from '../../src/aws-config.ts';
import type { AuthorizerContext } from '../../src/lambda/authorizer-context.ts';
import { aWorkItem, proxyEvent, sqsEvent, tokenEvent } from '../../src/lambda/events.fixture.ts';
import { apiHandler } from '../../src/wiring-aws/api.ts';
import { authorizerHandler } from '../../src/wiring-aws/authorizer.ts';
import { workerHandler } from '../../src/wiring-aws/worker.ts';
import { type Calls, type CountingProxy, startCountingProxy } from '../emulators/counting-proxy.ts';
import { javaMissing } from '../emulators/dynamodb-local.ts';
import { type Cloud, startCloud } from './cloud.fixture.ts';

const MERCHANT = 'm_1';
const CONTEXT: AuthorizerContext = {
  merchantId: MERCHANT,
  livemode: 'false',
  keyId: 'k1',
  scopes: 'payments:read payments:write refunds:write',
  overloaded: 'false',
};
/** Of one status that can be settled, and of all four of them. */
const OPEN_PARTITIONS = 8;
const PARTITIONS_OF_STATUS = OPEN_PARTITIONS + 2;
const PARTITIONS_OF_ALL = OPEN_PARTITIONS + 4 * 2;
/** 0, 100, 150, 225, 337.5, four times 500, and what is then left of 3 s: the first look and nine more. */
const LOOKS_IN_3_SECONDS = 10;

type Handler = Awaited<ReturnType<typeof apiHandler>>;

describe.skipIf(javaMissing)('what a request costs on AWS', () => {
  const calls: Calls = {};
  const proxies: Record<string, CountingProxy> = {};
  let cloud: Cloud;
  let api: Handler;
  let worker: Awaited<ReturnType<typeof workerHandler>>;

  beforeAll(async () => {
    // Time stands still: what is remembered for a moment stays remembered.
    vi.useFakeTimers({ toFake: ['Date'] });
    cloud = await startCloud();
    worker = await workerHandler(cloud.config);
    // Clients find their endpoint at their first request: the worker's calls are not to be counted.
    await settle('none');
    for (const service of ['DYNAMODB', 'SQS', 'S3', 'SECRETS_MANAGER']) {
      const name = `AWS_ENDPOINT_URL_${service}`;
      const proxy = await startCountingProxy(service.toLowerCase(), process.env[name] as string, calls);
      proxies[service] = proxy;
      process.env[name] = proxy.endpoint;
    }
    api = await apiHandler(cloud.config);
  }, 90_000);

  afterAll(async () => {
    await cloud.stop();
    await Promise.all(Object.values(proxies).map((proxy) => proxy.stop()));
    vi.useRealTimers();
  });

  function settle(payment_id: string, operation_id = 'charge.1') {
    return worker(
      sqsEvent([aWorkItem({ merchant_id: MERCHANT, livemode: false, payment_id, operation_id })]),
    );
  }

  interface Request {
    method?: string;
    json?: object;
    headers?: readonly (readonly [string, string])[];
    query?: readonly (readonly [string, string])[];
    handler?: Handler;
  }

  /** The answer, and the calls that it took. */
  async function ask(path: string, request: Request = {}) {
    const { method = request.json ? 'POST' : 'GET', json, headers = [], query = [], handler = api } = request;
    take();
    const answer = await handler(
      proxyEvent({
        method,
        path,
        query,
        headers: [
          // The gateway has looked at it, and says whose it is.
          ['Authorization', 'Bearer looked-at'],
          ...(json ? [['Content-Type', 'application/json'] as const] : []),
          ...headers,
        ],
        body: json ? JSON.stringify(json) : null,
        context: CONTEXT,
      }),
    );
    return {
      status: answer.statusCode,
      headers: answer.headers,
      json: JSON.parse(answer.body),
      calls: take(),
    };
  }

  /** What was called since. */
  function take(): Calls {
    const taken = { ...calls };
    for (const name of Object.keys(calls)) delete calls[name];
    return taken;
  }

  const pay = (payment_id: string, headers: Request['headers'] = []) =>
    ask('/payments', { json: { payment_id, amount: 1_000 }, headers });

  async function paid(payment_id: string): Promise<void> {
    await pay(payment_id);
    await settle(payment_id);
  }

  it('accepts a payment with one write, and nothing else', async () => {
    expect(await pay('p1')).toMatchObject({ status: 201, json: { status: 'processing' } });
    expect((await pay('p2')).calls).toEqual({ 'dynamodb PutItem': 1 });
  });

  it('replays and refuses a payment id that is there with the same one call', async () => {
    await pay('again');
    const replay = await pay('again');
    expect([replay.status, replay.headers?.['Idempotent-Replayed'], replay.calls]).toEqual([
      201,
      'true',
      { 'dynamodb PutItem': 1 },
    ]);
    const other = await ask('/payments', { json: { payment_id: 'again', amount: 2_000 } });
    expect([other.status, other.json.code, other.calls]).toEqual([
      422,
      'idempotency_mismatch',
      { 'dynamodb PutItem': 1 },
    ]);
  });

  it('refuses without a call what it can see to be wrong', async () => {
    const invalid = await ask('/payments', { json: { payment_id: 'bad', amount: -1 } });
    const nowhere = await ask('/nowhere');
    const wrongMethod = await ask('/payments', { method: 'DELETE' });
    expect([invalid, nowhere, wrongMethod].map(({ status, calls }) => [status, calls])).toEqual([
      [400, {}],
      [404, {}],
      [405, {}],
    ]);
    expect((await ask('/health')).calls).toEqual({});
  });

  it.each(['', '/history', '/refunds'])('reads /payments/{id}%s with one read', async (rest) => {
    await pay('read');
    const answer = await ask(`/payments/read${rest}`);
    expect([answer.status, answer.calls]).toEqual([200, { 'dynamodb GetItem': 1 }]);
    const unknown = await ask(`/payments/unknown${rest}`);
    expect([unknown.status, unknown.calls]).toEqual([404, { 'dynamodb GetItem': 1 }]);
  });

  it('takes a refund with a read and a write, and replays or refuses one with the read', async () => {
    await paid('refunded');
    const refund = (json: object) => ask('/payments/refunded/refunds', { json });
    const taken = await refund({ amount: 600, refund_id: 'r1' });
    expect([taken.status, taken.calls]).toEqual([202, { 'dynamodb GetItem': 1, 'dynamodb PutItem': 1 }]);
    const replay = await refund({ amount: 600, refund_id: 'r1' });
    expect([replay.status, replay.calls]).toEqual([202, { 'dynamodb GetItem': 1 }]);
    const tooMuch = await refund({ amount: 600, refund_id: 'r2' });
    expect([tooMuch.status, tooMuch.calls]).toEqual([409, { 'dynamodb GetItem': 1 }]);
  });

  it.each(['capture', 'cancel'])('takes a %s with a read and a write', async (operation) => {
    const payment_id = `to-${operation}`;
    await ask('/payments', { json: { payment_id, amount: 1_000, capture_method: 'manual' } });
    await settle(payment_id, 'authorize.1');
    const taken = await ask(`/payments/${payment_id}/${operation}`, { json: {} });
    expect([taken.status, taken.calls]).toEqual([202, { 'dynamodb GetItem': 1, 'dynamodb PutItem': 1 }]);
  });

  it('lists with one query for each index partition and one read of the page', async () => {
    await paid('listed');
    const all = await ask('/payments', { query: [['limit', '100']] });
    expect([all.status, all.json.data.length > 0]).toEqual([200, true]);
    expect(all.calls).toEqual({ 'dynamodb Query': PARTITIONS_OF_ALL, 'dynamodb BatchGetItem': 1 });
    const completed = await ask('/payments', {
      query: [
        ['limit', '100'],
        ['status', 'completed'],
      ],
    });
    expect(completed.calls).toEqual({ 'dynamodb Query': PARTITIONS_OF_STATUS, 'dynamodb BatchGetItem': 1 });
  });

  it('reads the secret for a cursor alone, and then keeps it', async () => {
    await Promise.all([pay('page-1'), pay('page-2')]);
    // Without the simulator, whose call-backs are signed from the same secret when a process starts.
    const settings = { ...process.env, SIMULATOR_TABLE_NAME: '' };
    const handler = await apiHandler(parseAwsConfig(settings));
    expect((await ask('/payments/page-1', { handler })).calls).toEqual({ 'dynamodb GetItem': 1 });
    const query = [['limit', '1']] as const;
    const list = { 'dynamodb Query': PARTITIONS_OF_ALL, 'dynamodb BatchGetItem': 1 };
    const first = await ask('/payments', { handler, query });
    expect(first.json.has_more).toBe(true);
    // The current key and, in vain, the previous one.
    expect(first.calls).toEqual({ ...list, 'secrets_manager GetSecretValue': 2 });
    const second = await ask('/payments', { handler, query: [...query, ['cursor', first.json.next_cursor]] });
    expect([second.status, second.calls]).toEqual([200, list]);
  });

  it('asks about a key and the backlog once, and nothing while it remembers both', async () => {
    const { key, stored } = newKey(
      { ids: createSystemIds() },
      {
        merchantId: MERCHANT,
        livemode: false,
        scopes: ['payments:read'],
        expiresAt: null,
        nowMs: Date.now(),
      },
    );
    const { TABLE_NAME: tableName } = cloud.config;
    await createDynamoKeyStore({
      client: cloud.dynamo.client(),
      tableName,
      timers: createSystemTimers(),
    }).put(stored);
    const authorize = authorizerHandler(cloud.config);
    const asked = async (token: string) => {
      take();
      const { policyDocument } = await authorize(tokenEvent(`Bearer ${token}`));
      return [policyDocument.Statement[0]?.Effect, take()];
    };
    expect(await asked(key)).toEqual(['Allow', { 'dynamodb GetItem': 1, 'sqs GetQueueAttributes': 1 }]);
    expect(await asked(key)).toEqual(['Allow', {}]);
    // What is no key by its checksum is not looked up; what may be one is, each time.
    expect(await asked(`${key.slice(0, -1)}_`)).toEqual(['Deny', {}]);
    vi.setSystemTime(Date.now() + 1_000);
    expect(await asked(key)).toEqual(['Allow', { 'dynamodb GetItem': 1 }]);
  });

  it('sees an outcome that somebody waits for at its next look', async () => {
    proxies.DYNAMODB?.holdNext('GetItem', async () => {
      proxies.DYNAMODB?.holdNext('GetItem', () => settle('waited'));
    });
    const waited = await pay('waited', [['Prefer', 'wait=3']]);
    expect([waited.status, waited.json.status]).toEqual([201, 'completed']);
    expect(waited.calls).toEqual({ 'dynamodb PutItem': 1, 'dynamodb GetItem': 2 });
  });

  it('waits for 3 s at most, with ten looks', async () => {
    const waited = await pay('slow', [['Prefer', 'wait=25']]);
    expect([waited.status, waited.json.status]).toEqual([201, 'processing']);
    expect(waited.headers?.['Preference-Applied']).toBe('wait=3');
    expect(waited.calls).toEqual({ 'dynamodb PutItem': 1, 'dynamodb GetItem': LOOKS_IN_3_SECONDS });
  });

  it('says that a part does not answer, and nothing of what AWS said', async () => {
    const broken = await apiHandler({ ...cloud.config, CONTROL_TABLE_NAME: 'no-such-table' });
    const { statusCode, body } = await broken(proxyEvent({ path: '/ready' }));
    expect(statusCode).toBe(503);
    expect(JSON.parse(body).checks.store).toEqual({ ok: false, detail: 'The store does not answer.' });
    expect(body).not.toMatch(/no-such-table|Exception|arn:/);
  });

  it('starts no worker whose PSP may take longer than the function lives', async () => {
    await expect(workerHandler({ ...cloud.config, PSP_TIMEOUT_MS: 20_000 })).rejects.toThrow(
      'PSP_TIMEOUT_MS is 20000',
    );
  });
});
