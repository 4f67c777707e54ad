import { createMemoryKeyStore } from '../../src/adapters/memory/memory-key-store.ts';
import { createPrometheusMetrics } from '../../src/adapters/prometheus/prometheus-metrics.ts';
import { newKey } from '../../src/app/api-keys.ts';
import { createWorld, MERCHANT } from '../../src/app/app.fixture.ts';
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
import { routes, type UseCases } from '../../src/http/routes.ts';
import type { Answer } from './answer-rules.ts';
import { type ContractDocument, createContractCheck } from './contract-check.ts';
import { ALL_SCOPES } from './service.fixture.ts';

/** The edge over a world on memory adapters, whose clock the test moves; with other use cases where it says so. */
export async function startEdge(instead: Partial<UseCases> = {}) {
  const world = createWorld();
  const { clock, store, queue, ids, logger, timers } = world;
  const keys = createMemoryKeyStore();
  const secrets = { cursorKeys: async () => ['key'], callbackSecret: async () => '' };
  const authenticate = instead.authenticate ?? createAuthenticate({ keys, clock });
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
    ...instead,
  });
  const limiter = createRateLimiter({ clock, perSecond: 1_000, burst: 2_000 });
  const gate = createGate({ authenticate, limiter });
  const pipeline = createPipeline({ gate, backlog, maxBodyBytes: 8_192, maxWaitSeconds: 25 });
  const app = createHttpApp({ routes: all, mounts: [], pipeline, ids, logger, metrics });
  const check = createContractCheck(openApiDocument(all) as unknown as ContractDocument, true);

  const given = { merchantId: MERCHANT.merchant_id, livemode: false, scopes: ALL_SCOPES, nowMs: clock.now() };
  const { key, stored } = newKey({ ids }, { ...given, expiresAt: null });
  await keys.put(stored);

  async function send(method: string, path: string, body?: object): Promise<Answer> {
    const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
    const request = new Request(`http://tollgate.test${path}`, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    const reply = await app.answer({ method, path, query: '', head: webRequestHead(request) });
    const lowered = Object.entries(reply.headers).map(([name, value]) => [name.toLowerCase(), value]);
    return {
      status: reply.status,
      headers: Object.fromEntries(lowered),
      text: reply.body,
      json: JSON.parse(reply.body),
    };
  }

  async function call(method: string, path: string, body?: object): Promise<Answer> {
    const answer = await send(method, path, body);
    check({ method, path }, answer);
    return answer;
  }

  async function pay(fields: object): Promise<void> {
    await call('POST', '/payments', { payment_id: 'p1', amount: 1_000, ...fields });
    await world.drain();
  }

  return { world, send, call, pay, shown: async () => (await call('GET', '/payments/p1')).json };
}
