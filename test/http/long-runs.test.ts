import { describe, expect, it } from 'vitest';
import { createMemoryKeyStore } from '../../src/adapters/memory/memory-key-store.ts';
import { createPrometheusMetrics } from '../../src/adapters/prometheus/prometheus-metrics.ts';
import { newKey } from '../../src/app/api-keys.ts';
import { createWorld, DAY_MS, HOUR_MS, MERCHANT, MINUTE_MS } from '../../src/app/app.fixture.ts';
import { createAuthenticate } from '../../src/app/authenticate.ts';
import { createAwaitOutcome } from '../../src/app/await-outcome.ts';
import { createBacklog } from '../../src/app/backlog.ts';
import { createListPayments } from '../../src/app/list-payments.ts';
import { createRateLimiter } from '../../src/app/rate-limit.ts';
import { createReadiness } from '../../src/app/readiness.ts';
import { createHttpApp } from '../../src/http/app.ts';
import { createGate } from '../../src/http/gate.ts';
import { openApiDocument } from '../../src/http/openapi.ts';
import { createPipeline } from '../../src/http/pipeline.ts';
import { webRequestHead } from '../../src/http/request-head.ts';
import { routes } from '../../src/http/routes.ts';
import type { Answer } from './answer-rules.ts';
import { type ContractDocument, createContractCheck } from './contract-check.ts';
import { ALL_SCOPES } from './service.fixture.ts';

/** What takes too long to be waited for: the edge over a world whose clock the test moves. */
async function startEdge() {
  const world = createWorld();
  const { clock, store, queue, ids, logger, timers } = world;
  const keys = createMemoryKeyStore();
  const secrets = { cursorKeys: async () => ['key'], callbackSecret: async () => '' };
  const authenticate = createAuthenticate({ keys, clock });
  const backlog = createBacklog({ feed: store, queue, clock, limit: 100 });
  const metrics = createPrometheusMetrics({});
  const all = routes({
    ...world,
    get: store.get,
    list: createListPayments({ store, secrets }),
    outcome: createAwaitOutcome({ store, signal: store, timers, maxWaiters: 0 }),
    checkReadiness: createReadiness({ probes: {}, backlog, clock }),
    metrics,
    authenticate,
  });
  const limiter = createRateLimiter({ clock, perSecond: 1_000, burst: 2_000 });
  const gate = createGate({ authenticate, limiter });
  const pipeline = createPipeline({ gate, backlog, maxBodyBytes: 8_192, maxWaitSeconds: 25 });
  const app = createHttpApp({ routes: all, mounts: [], pipeline, ids, logger, metrics });
  const check = createContractCheck(openApiDocument(all) as unknown as ContractDocument, true);

  const given = { merchantId: MERCHANT.merchant_id, livemode: false, scopes: ALL_SCOPES, nowMs: clock.now() };
  const { key, stored } = newKey({ ids }, { ...given, expiresAt: null });
  await keys.put(stored);

  async function call(method: string, path: string, body?: object): Promise<Answer> {
    const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
    const request = new Request(`http://tollgate.test${path}`, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    const reply = await app.answer({ method, path, query: '', head: webRequestHead(request) });
    const lowered = Object.entries(reply.headers).map(([name, value]) => [name.toLowerCase(), value]);
    const answer = {
      status: reply.status,
      headers: Object.fromEntries(lowered),
      text: reply.body,
      json: JSON.parse(reply.body),
    };
    check({ method, path }, answer);
    return answer;
  }

  async function pay(fields: object): Promise<void> {
    await call('POST', '/payments', { payment_id: 'p1', amount: 1_000, ...fields });
    await world.drain();
  }

  return { world, call, pay, shown: async () => (await call('GET', '/payments/p1')).json };
}

describe('in the long run', () => {
  it('pm_sim_unavailable_99 fails with psp_unavailable after eight attempts, and can be tried as another payment', async () => {
    const { world, call, pay, shown } = await startEdge();
    await pay({ payment_method: 'pm_sim_unavailable_99' });
    expect((await shown()).status).toBe('processing');
    await world.live(10 * MINUTE_MS);
    expect(await shown()).toMatchObject({ status: 'failed', failure: { code: 'psp_unavailable' } });
    const { json } = await call('GET', '/payments/p1/history');
    expect((json.data as unknown[]).length).toBe(9);
  });

  it('an authorization that nobody captures is canceled after seven days', async () => {
    const { world, call, pay, shown } = await startEdge();
    await pay({ capture_method: 'manual' });
    await world.live(7 * DAY_MS - MINUTE_MS, HOUR_MS);
    expect((await shown()).status).toBe('authorized');
    await world.live(HOUR_MS);
    expect(await shown()).toMatchObject({
      status: 'canceled',
      cancellation_reason: 'authorization_expired',
      amount_capturable: 0,
    });
    expect((await call('POST', '/payments/p1/capture')).json.code).toBe('payment_not_capturable');
  });

  it('a challenge that nobody answers is canceled after a day', async () => {
    const { world, pay, shown } = await startEdge();
    await pay({ payment_method: 'pm_card_authenticationRequired' });
    await world.live(DAY_MS - MINUTE_MS, HOUR_MS);
    expect((await shown()).status).toBe('requires_action');
    await world.live(HOUR_MS);
    expect(await shown()).toMatchObject({
      status: 'canceled',
      cancellation_reason: 'challenge_expired',
      next_action: null,
    });
  });

  it('the same request replays however long ago it was first made', async () => {
    const { world, call, pay } = await startEdge();
    await pay({});
    await world.advance(400 * DAY_MS);
    const again = await call('POST', '/payments', { payment_id: 'p1', amount: 1_000 });
    expect([again.status, again.headers['idempotent-replayed']]).toEqual([201, 'true']);
    expect((await call('POST', '/payments', { payment_id: 'p1', amount: 1 })).status).toBe(422);
  });
});
