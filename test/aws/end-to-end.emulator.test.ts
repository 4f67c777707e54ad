import type { DynamoDBRecord } from 'aws-lambda';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createDynamoKeyStore } from '../../src/adapters/dynamodb/dynamo-key-store.ts';
import { createStreamReader } from '../../src/adapters/dynamodb/stream-feed.fixture.ts';
import { createLineLogger } from '../../src/adapters/lines/line-logger.ts';
import { createSqsClient } from '../../src/adapters/sqs/sqs-client.ts';
import { createSqsDepth } from '../../src/adapters/sqs/sqs-depth.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { createSystemIds } from '../../src/adapters/system/system-ids.ts';
import { createSystemTimers } from '../../src/adapters/system/system-timers.ts';
import { newKey } from '../../src/app/api-keys.ts';
import type { AwsConfig } from '../../src/aws-config.ts';
import type { AuthorizerContext } from '../../src/lambda/authorizer-context.ts';
import { proxyEvent, tokenEvent } from '../../src/lambda/events.fixture.ts';
import { apiHandler } from '../../src/wiring-aws/api.ts';
import { auditHandler } from '../../src/wiring-aws/audit.ts';
import { awsAuditLog } from '../../src/wiring-aws/audit-log.ts';
import { authorizerHandler } from '../../src/wiring-aws/authorizer.ts';
import { awsSimulator } from '../../src/wiring-aws/connectors.ts';
import { awsBase, awsStore } from '../../src/wiring-aws/parts.ts';
import { relayHandler } from '../../src/wiring-aws/relay.ts';
import { awsSecrets } from '../../src/wiring-aws/secrets.ts';
import { sweepHandler } from '../../src/wiring-aws/sweep.ts';
import { workerHandler } from '../../src/wiring-aws/worker.ts';
import { javaMissing } from '../emulators/dynamodb-local.ts';
import { type Cloud, startCloud } from './cloud.fixture.ts';
import { createQueueSource, createStreamSource, type Faults, seeded, shuffled } from './pollers.fixture.ts';

/** CI takes a thousand; each one costs the engine of DynamoDB a dozen writes. */
const PAYMENTS = Number(process.env.END_TO_END_PAYMENTS ?? 300);
const AT_ONCE = 25;
const MERCHANTS = ['m_1', 'm_2', 'm_3'];

/** Each source misbehaves in about a fifth of its batches. */
const FAULTS: Faults = { duplicated: 0.08, answerLost: 0.06, notInvoked: 0.06 };

/** What becomes of payments, by their token. */
const OUTCOMES = [
  { token: 'pm_card_visa', status: 'completed', weight: 32 },
  { token: 'pm_card_visa_chargeDeclined', status: 'failed', weight: 6 },
  { token: 'pm_sim_unavailable_1', status: 'completed', weight: 1 },
  { token: 'pm_sim_timeout', status: 'completed', weight: 1 },
] as const;
const DEALT = OUTCOMES.flatMap((outcome) => Array.from({ length: outcome.weight }, () => outcome));

interface Asked {
  id: string;
  merchant: string;
  status: string;
  captured: number;
  refunded: number;
}

/** Side by side, so many at once. */
async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += AT_ONCE)
    await Promise.all(items.slice(at, at + AT_ONCE).map(work));
}

/** The functions as the event sources and the gateway call them. */
async function functions(config: AwsConfig) {
  const [api, worker, sweep] = await Promise.all([
    apiHandler(config),
    workerHandler(config),
    sweepHandler(config),
  ]);
  return {
    api,
    worker,
    sweep,
    authorizer: authorizerHandler(config),
    relay: relayHandler(config),
    audit: auditHandler(config),
  };
}

describe.skipIf(javaMissing)('a deployment on emulators', () => {
  let cloud: Cloud;
  let lambda: Awaited<ReturnType<typeof functions>>;
  let readStream: ReturnType<typeof createStreamReader>;
  const keys = new Map<string, string>();
  const random = seeded(20_261_122);
  const asked: Asked[] = [];
  let misbehaved = 0;

  beforeAll(async () => {
    vi.useFakeTimers({ toFake: ['Date'] });
    cloud = await startCloud({ PSP_TIMEOUT_MS: '1000' });
    lambda = await functions(cloud.config);
    readStream = createStreamReader(cloud.dynamo.endpoint, cloud.config.TABLE_NAME);
    const store = createDynamoKeyStore({
      client: cloud.dynamo.client(),
      tableName: cloud.config.TABLE_NAME,
      timers: createSystemTimers(),
    });
    for (const merchantId of MERCHANTS) {
      const { key, stored } = newKey(
        { ids: createSystemIds() },
        {
          merchantId,
          livemode: false,
          scopes: ['payments:read', 'payments:write', 'refunds:write'],
          expiresAt: null,
          nowMs: Date.now(),
        },
      );
      await store.put(stored);
      keys.set(merchantId, key);
    }
  }, 90_000);

  afterAll(async () => {
    await cloud.stop();
    vi.useRealTimers();
  });

  /** A call as a client makes it: the gateway asks the authorizer, and then the function. */
  async function call(merchant: string, method: string, path: string, body?: object) {
    const authorization = `Bearer ${keys.get(merchant)}`;
    const { context } = await lambda.authorizer(tokenEvent(authorization));
    const [route = '', query = ''] = path.split('?');
    const answer = await lambda.api(
      proxyEvent({
        method,
        path: route,
        query: [...new URLSearchParams(query)],
        headers: [
          ['Authorization', authorization],
          ...(body ? [['Content-Type', 'application/json'] as const] : []),
        ],
        body: body ? JSON.stringify(body) : null,
        ...(context ? { context: context as unknown as AuthorizerContext } : {}),
      }),
    );
    return { status: answer.statusCode, headers: answer.headers ?? {}, json: JSON.parse(answer.body) };
  }

  async function createAll(): Promise<void> {
    await inParallel(
      Array.from({ length: PAYMENTS }, (_, number) => number),
      async (number) => {
        const outcome = DEALT[number % DEALT.length] as (typeof DEALT)[number];
        // Ids are the merchant's own: the same ones in all three.
        const id = `order-${Math.floor(number / MERCHANTS.length)}`;
        const merchant = MERCHANTS[number % MERCHANTS.length] as string;
        const amount = 1_000 + number;
        const created = await call(merchant, 'POST', '/payments', {
          payment_id: id,
          amount,
          payment_method: outcome.token,
        });
        expect(created).toMatchObject({ status: 201, json: { payment_id: id, status: 'processing' } });
        expect(created.headers.Location).toBe(`/prod/payments/${id}`);
        const captured = outcome.status === 'completed' ? amount : 0;
        asked.push({ id, merchant, status: outcome.status, captured, refunded: 0 });
      },
    );
  }

  /** Runs every event source until nothing moves any more. */
  async function pump(): Promise<void> {
    const relay = createStreamSource(
      {
        name: 'relay',
        filter: ({ dynamodb }) => dynamodb?.NewImage?.dispatch !== undefined,
        batchSize: 100,
        handler: lambda.relay,
      },
      FAULTS,
      random,
    );
    const audit = createStreamSource(
      {
        name: 'audit',
        filter: ({ eventName, dynamodb }) =>
          eventName !== 'REMOVE' && dynamodb?.NewImage?.record !== undefined,
        batchSize: 300,
        handler: lambda.audit,
      },
      FAULTS,
      random,
    );
    const sqs = createSqsClient();
    const queue = createQueueSource(
      { client: sqs, queueUrl: cloud.config.QUEUE_URL, handler: lambda.worker },
      FAULTS,
      random,
    );
    const depth = createSqsDepth({ client: sqs, queueUrl: cloud.config.QUEUE_URL });
    for (let idle = 0; idle < 2; ) {
      const records = (await readStream()) as DynamoDBRecord[];
      for (const source of shuffled([relay, audit], random)) source.offer(records);
      const moved = await Promise.all([
        relay.step(),
        audit.step(),
        ...Array.from({ length: 6 }, () => queue.step()),
      ]);
      if (records.length > 0 || moved.some(Boolean)) {
        idle = 0;
        continue;
      }
      // Retries and quick look-ups come after seconds, and what was lost when its visibility is over. Nobody waits: the
      // date, which is the emulated queue's clock too, is moved on.
      const { waiting, delayed, inFlight } = await depth();
      idle = waiting + delayed + inFlight > 0 ? 0 : idle + 1;
      vi.setSystemTime(Date.now() + 2_000);
    }
    sqs.destroy();
    misbehaved += [relay, audit, queue].reduce(
      (sum, { counted }) => sum + counted.duplicated + counted.failed,
      0,
    );
  }

  async function sweep(): Promise<void> {
    await lambda.sweep({}, { getRemainingTimeInMillis: () => 60_000 });
  }

  /** Everything that is due within the next hour comes due: what a busy machine made the PSP time out is looked up. */
  async function drain(): Promise<void> {
    await pump();
    for (let pass = 0; pass < 3; pass++) {
      vi.setSystemTime(Date.now() + 20 * 60_000);
      await sweep();
      await pump();
    }
  }

  it(`takes ${PAYMENTS} payments through duplicated, reordered and failed batches: none lost, none twice`, {
    timeout: 180_000,
  }, async () => {
    await createAll();
    await pump();
    await sweep();
    await inParallel(asked, async (one) => {
      const { json } = await call(one.merchant, 'GET', `/payments/${one.id}`);
      expect(json, one.id).toMatchObject({ status: one.status, amount_captured: one.captured });
    });
    expect(misbehaved, 'batches that were duplicated or failed').toBeGreaterThan(PAYMENTS / 50);
  });

  it('refunds, and refuses what is more than was captured', { timeout: 120_000 }, async () => {
    const refunded = asked.filter(({ captured }) => captured > 0).slice(0, 50);
    for (const one of refunded) {
      one.refunded = Math.floor(one.captured * 0.6);
      const answers = await Promise.all(
        ['r1', 'r2'].map((refund_id) =>
          call(one.merchant, 'POST', `/payments/${one.id}/refunds`, { amount: one.refunded, refund_id }),
        ),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
    }
    await drain();
    for (const one of refunded) {
      const { json } = await call(one.merchant, 'GET', `/payments/${one.id}`);
      expect(json).toMatchObject({ status: 'completed', amount_refunded: one.refunded });
    }
  });

  it('agrees with the PSP about every payment and every sum', async () => {
    const logger = createLineLogger('silent', createSystemClock());
    const base = awsBase(cloud.config, logger);
    const { dynamo } = awsStore(base);
    const psp = await awsSimulator(base, dynamo, awsSecrets(base));
    const charges = new Map<string, number>();
    let held = 0;
    for await (const line of psp?.report() ?? []) {
      if (line.outcome !== 'succeeded') continue;
      if (line.kind === 'charge') {
        const name = `${line.merchant_id}/${line.payment_id}`;
        charges.set(name, (charges.get(name) ?? 0) + 1);
      }
      held += line.kind === 'refund' ? -line.amount : line.amount;
    }
    const paid = asked.filter(({ captured }) => captured > 0);
    expect(charges.size).toBe(paid.length);
    expect([...charges.values()].every((count) => count === 1)).toBe(true);
    expect(held).toBe(asked.reduce((sum, { captured, refunded }) => sum + captured - refunded, 0));
  });

  it('has every change of every payment in the audit log, and the chain is whole', {
    timeout: 60_000,
  }, async () => {
    const log = awsAuditLog(awsBase(cloud.config, createLineLogger('silent', createSystemClock())));
    const verdict = await log.verify();
    expect(verdict).toMatchObject({ ok: true });
    const recorded = new Map<string, Set<number>>();
    for await (const line of log.lines()) {
      const { merchant_id, payment_id, version } = JSON.parse(line);
      const name = `${merchant_id}/${payment_id}`;
      recorded.set(name, (recorded.get(name) ?? new Set()).add(version));
    }
    expect(recorded.size).toBe(PAYMENTS);
    await inParallel(asked, async ({ merchant, id }) => {
      const { json } = await call(merchant, 'GET', `/payments/${id}/history`);
      const versions = json.data.map(({ version }: { version: number }) => version);
      expect([...(recorded.get(`${merchant}/${id}`) ?? [])].sort((a, b) => a - b)).toEqual(versions);
    });
  });

  it('lists a merchant’s payments page by page, each once', async () => {
    for (const merchant of MERCHANTS) {
      const ids: string[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const path = `/payments?limit=100${cursor === '' ? '' : `&cursor=${cursor}`}`;
        const { json } = await call(merchant, 'GET', path);
        ids.push(...json.data.map(({ payment_id }: { payment_id: string }) => payment_id));
        cursor = json.next_cursor;
      }
      const own = asked.filter((one) => one.merchant === merchant).map(({ id }) => id);
      expect(ids.toSorted()).toEqual(own.toSorted());
    }
  });

  it('leaves nothing in the queue and no dead letter', async () => {
    const { json } = await call('m_1', 'GET', '/ready');
    expect(json).toMatchObject({ ready: true });
    await sweep();
  });
});
