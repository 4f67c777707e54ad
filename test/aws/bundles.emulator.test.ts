import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { APIGatewayAuthorizerResult, APIGatewayProxyResult, DynamoDBRecord } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type BundleName, bundleFunction, FUNCTION_NAMES } from '../../infra/bundles.ts';
import { createCloudFront, jsonRequest } from '../../infra/edge/cloudfront.fixture.ts';
import { createStreamReader } from '../../src/adapters/dynamodb/stream-feed.fixture.ts';
import { createLineLogger } from '../../src/adapters/lines/line-logger.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { runIn } from '../../src/cli/cli.fixture.ts';
import type { AuthorizerContext } from '../../src/lambda/authorizer-context.ts';
import { proxyEvent, sqsEvent, tokenEvent } from '../../src/lambda/events.fixture.ts';
import { awsAuditLog } from '../../src/wiring-aws/audit-log.ts';
import { awsBase, awsQueue, awsStore } from '../../src/wiring-aws/parts.ts';
import { javaMissing } from '../emulators/dynamodb-local.ts';
import { type LoadedFunction, loadFunction } from './child-process.fixture.ts';
import { type Cloud, startCloud } from './cloud.fixture.ts';

/** What the runtime itself sets, beside what the stack gives a function. */
const OF_THE_RUNTIME = /^(?:AWS_|PATH$|HOME$|TZ$)/;
const OF_THE_STACK = [
  'STORE',
  'TABLE_NAME',
  'CONTROL_TABLE_NAME',
  'SIMULATOR_TABLE_NAME',
  'QUEUE_URL',
  'DLQ_URL',
  'BUCKET_NAME',
  'FAILED_EVENTS_BUCKET',
  'SECRET_ID',
  'DEPLOYMENT',
  'PUBLIC_URL',
];

describe.skipIf(javaMissing)('the bundles of the functions', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tollgate-bundles-'));
  const loaded = new Map<BundleName, LoadedFunction>();
  let cloud: Cloud;
  let key: string;
  let context: AuthorizerContext;
  let written: DynamoDBRecord[];

  beforeAll(async () => {
    cloud = await startCloud();
    key = String(
      (await runIn(process.env, 'keys create --merchant m_1 --mode test --json'.split(' '))).json().key,
    );
  }, 90_000);

  afterAll(async () => {
    for (const { signal } of loaded.values()) signal('SIGKILL');
    await Promise.all([...loaded.values()].map(({ exited }) => exited));
    await cloud.stop();
    rmSync(folder, { recursive: true });
  });

  /** Alone in a folder, as it is uploaded: nothing that it has forgotten is found beside it. */
  function load(name: BundleName): LoadedFunction {
    const known = loaded.get(name);
    if (known) return known;
    const alone = join(folder, name);
    mkdirSync(alone);
    cpSync(bundleFunction(name), alone, { recursive: true });
    const environment = Object.entries(process.env).filter(
      (entry): entry is [string, string] =>
        entry[1] !== undefined && (OF_THE_RUNTIME.test(entry[0]) || OF_THE_STACK.includes(entry[0])),
    );
    const made = loadFunction(join(alone, 'index.mjs'), {
      ...Object.fromEntries(environment),
      LOG_LEVEL: 'info',
    });
    loaded.set(name, made);
    return made;
  }

  async function call(method: string, path: string, json?: object) {
    const event = proxyEvent({
      method,
      path,
      headers: [
        ['Authorization', `Bearer ${key}`],
        ['Content-Type', 'application/json'],
      ],
      body: json ? JSON.stringify(json) : null,
      context,
    });
    const { statusCode, body } = (await load('api').invoke(event)) as APIGatewayProxyResult;
    return [statusCode, JSON.parse(body)];
  }

  it('are all that there is a function for', () => {
    expect([...FUNCTION_NAMES].sort()).toEqual([
      'api',
      'audit',
      'authorizer',
      'relay',
      'rotation',
      'sweep',
      'worker',
    ]);
  });

  it('authorizer: knows a key of the deployment', async () => {
    const answer = (await load('authorizer').invoke(
      tokenEvent(`Bearer ${key}`),
    )) as APIGatewayAuthorizerResult;
    expect(answer).toMatchObject({
      policyDocument: { Statement: [{ Effect: 'Allow' }] },
      context: { merchantId: 'm_1', livemode: 'false', overloaded: 'false' },
    });
    context = answer.context as unknown as AuthorizerContext;
  });

  it('api: takes a payment, and has its pages and its contract with it', async () => {
    expect(await call('POST', '/payments', { payment_id: 'p1', amount: 1_000 })).toMatchObject([
      201,
      { payment_id: 'p1', status: 'processing' },
    ]);
    expect(await call('POST', '/payments', { payment_id: 'p2', amount: 0.5 })).toMatchObject([400, {}]);
    expect(await call('GET', '/payments')).toMatchObject([200, { data: [{ payment_id: 'p1' }] }]);
    expect(await call('GET', '/openapi.json')).toMatchObject([
      200,
      { openapi: expect.stringMatching(/^3\.1/) },
    ]);
    expect(await call('GET', '/ready')).toMatchObject([200, { ready: true }]);
  });

  it('url: answers by its URL, with a key that it looks up itself', async () => {
    const event = await createCloudFront()(jsonRequest('GET', '/payments/p1', key));
    const { statusCode, body } = (await load('url').invoke(event)) as APIGatewayProxyResult;
    expect([statusCode, JSON.parse(body)]).toMatchObject([200, { payment_id: 'p1' }]);
  });

  it('relay: sends what the stream dispatches', async () => {
    const read = createStreamReader(cloud.dynamo.endpoint, cloud.config.TABLE_NAME);
    written = ((await read()) as DynamoDBRecord[]).filter(({ dynamodb }) => dynamodb?.NewImage?.record);
    expect(written).toHaveLength(1);
    expect(await load('relay').invoke({ Records: written })).toEqual({ batchItemFailures: [] });
  });

  it('audit: writes the stream to the log', async () => {
    expect(await load('audit').invoke({ Records: written })).toEqual({ batchItemFailures: [] });
    const log = awsAuditLog(awsBase(cloud.config, createLineLogger('silent', createSystemClock())));
    expect(await log.verify()).toMatchObject({ ok: true, head: { records: 1 } });
    // Metrics leave by way of the function's own log.
    expect(load('audit').said()).toMatch(/"Namespace":"Tollgate"/);
  });

  it('worker: settles what the queue holds', async () => {
    const base = awsBase(cloud.config, createLineLogger('silent', createSystemClock()));
    const [delivery] = await awsQueue(base, awsStore(base)).receive(10);
    expect(delivery?.item).toMatchObject({ payment_id: 'p1' });
    const event = sqsEvent(delivery ? [delivery.item, 'no work item'] : []);
    expect(await load('worker').invoke(event)).toEqual({
      batchItemFailures: [{ itemIdentifier: event.Records[1]?.messageId }],
    });
    expect(await call('GET', '/payments/p1')).toMatchObject([200, { status: 'completed' }]);
  });

  it('sweep: looks through everything, and measures', async () => {
    expect(await load('sweep').invoke({ source: 'aws.events' })).toBeNull();
    expect(load('sweep').said()).toMatch(/"Backlog":/);
  });

  it('rotation: asks for the secret that it is told of', async () => {
    const event = { Step: 'createSecret', SecretId: 'nobodys', ClientRequestToken: 't'.repeat(32) };
    await expect(load('rotation').invoke(event)).rejects.toThrow(/can't find the specified secret/);
    expect(cloud.secretsManager.calls.DescribeSecret).toBe(1);
  });
});
