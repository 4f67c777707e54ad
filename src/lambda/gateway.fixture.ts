import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import { type ClientRequest, createCloudFront, jsonRequest } from '../../infra/edge/cloudfront.fixture.ts';
import type { Answer } from '../../test/http/answer-rules.ts';
import { type ContractDocument, createContractCheck } from '../../test/http/contract-check.ts';
import { ALL_SCOPES } from '../../test/http/service.fixture.ts';
import { createMemoryKeyStore } from '../adapters/memory/memory-key-store.ts';
import { createPrometheusMetrics } from '../adapters/prometheus/prometheus-metrics.ts';
import { newKey } from '../app/api-keys.ts';
import { createWorld, MERCHANT } from '../app/app.fixture.ts';
import { createAuthenticate } from '../app/authenticate.ts';
import { createAwaitOutcome } from '../app/await-outcome.ts';
import { createListPayments } from '../app/list-payments.ts';
import { createRateLimiter } from '../app/rate-limit.ts';
import { createReadiness } from '../app/readiness.ts';
import { createHttpApp } from '../http/app.ts';
import { createGate } from '../http/gate.ts';
import { createPipeline } from '../http/pipeline.ts';
import { routes, type UseCases } from '../http/routes.ts';
import type { AuthorizerContext } from './authorizer-context.ts';
import { type ProxyRequest, proxyEvent } from './events.fixture.ts';
import { answerProxyEvent } from './rest-proxy.ts';
import { createToldBacklog } from './told-backlog.ts';
import { answerUrlEvent } from './url-proxy.ts';

const CONTRACT = join(import.meta.dirname, '../../openapi.json');
const check = createContractCheck(JSON.parse(readFileSync(CONTRACT, 'utf8')) as ContractDocument, true);

export const MAX_BODY_BYTES = 8_192;

/** The real application behind the proxy's events; each answer is checked against openapi.json. */
export async function startGateway(instead: Partial<UseCases> = {}) {
  const world = createWorld();
  const { clock, store, queue, ids, logger, timers, simulator } = world;
  const keys = createMemoryKeyStore();
  const secrets = { cursorKeys: async () => ['key'], callbackSecret: async () => '' };
  const looked = { up: 0 };
  const authenticateKey = createAuthenticate({ keys, clock });
  const authenticate = (key: string) => {
    looked.up += 1;
    return authenticateKey(key);
  };
  const backlog = createToldBacklog(queue, 100);
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
  const pipeline = createPipeline({ gate, backlog, maxBodyBytes: MAX_BODY_BYTES, maxWaitSeconds: 3 });
  const mounts = [{ prefix: '/simulator/', handle: simulator.handlePage }];
  const app = createHttpApp({ routes: all, mounts, pipeline, ids, logger, metrics });

  const given = { merchantId: MERCHANT.merchant_id, livemode: false, scopes: ALL_SCOPES, nowMs: clock.now() };
  const { key, stored } = newKey({ ids }, { ...given, expiresAt: null });
  await keys.put(stored);

  /** What the authorizer says of the key. */
  const context: AuthorizerContext = {
    merchantId: stored.merchant_id,
    livemode: 'false',
    keyId: stored.key_id,
    scopes: stored.scopes.join(' '),
    overloaded: 'false',
  };

  const answer = (event: APIGatewayProxyEvent) => answerProxyEvent(app, event);

  /** As it comes, with no key and no context but what is given. */
  async function send(request: ProxyRequest): Promise<Answer> {
    const answered = shown(await answer(proxyEvent(request)));
    if (!request.path?.startsWith('/simulator/'))
      check({ method: request.method ?? 'GET', path: request.path ?? '' }, answered);
    return answered;
  }

  /** With the key, and what the authorizer found of it. */
  function call(
    method: string,
    path: string,
    request: ProxyRequest & { json?: unknown } = {},
  ): Promise<Answer> {
    const { json, headers = [], ...rest } = request;
    const typed = json === undefined ? [] : [['Content-Type', 'application/json'] as const];
    return send({
      method,
      path,
      context,
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      ...rest,
      headers: [['Authorization', `Bearer ${key}`], ...typed, ...headers],
    });
  }

  const throughCloudFront = createCloudFront();

  /** The same by the other edge: through CloudFront's functions, to the function's URL. */
  async function sendByUrl(request: ClientRequest): Promise<Answer> {
    const event = await throughCloudFront(request);
    if ('status' in event) return { ...event, text: event.body, json: parsed(event.body) };
    const { statusCode = 0, headers = {}, body = '' } = await answerUrlEvent(app, event);
    const answered = shown({ statusCode, headers, body });
    if (!request.path?.startsWith('/simulator/'))
      check({ method: request.method ?? 'GET', path: request.path ?? '' }, answered);
    return answered;
  }

  /** With the key, and as this edge wants it. */
  const callByUrl = (method: string, path: string, json?: unknown) =>
    sendByUrl(jsonRequest(method, path, key, json));

  return { world, app, backlog, key, keys, context, looked, answer, send, call, sendByUrl, callByUrl };
}

function shown({ statusCode, headers = {}, body }: APIGatewayProxyResult): Answer {
  const lowered = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]);
  return { status: statusCode, headers: Object.fromEntries(lowered), text: body, json: parsed(body) };
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}
