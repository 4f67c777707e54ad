import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { Hono } from 'hono';
import { UnavailableError } from '../ports/faults.ts';
import type { Ids } from '../ports/ids.ts';
import type { Logger } from '../ports/logger.ts';
import type { Metrics } from '../ports/metrics.ts';
import { type Outgoing, type Pipeline, RETRY_AFTER } from './pipeline.ts';
import { PROBLEMS, type Problem, problem, renderProblem } from './problems.ts';
import { nodeRequestHead, type RequestHead, webRequestHead } from './request-head.ts';
import type { Answer, Route } from './route.ts';

export type Env = { Bindings: Partial<HttpBindings> };

/** Pages of another party under our address: the simulator's challenge page. They answer in their own form. */
export interface Mount {
  path: string;
  handle(request: Request): Promise<Response>;
}

interface Deps {
  routes: readonly Route[];
  mounts: readonly Mount[];
  pipeline: Pipeline;
  ids: Ids;
  logger: Logger;
  metrics: Metrics;
}

/** On every answer. Answers about payments must not be kept by anything on the way. */
const ALWAYS = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' };

/** The HTTP application: the same on Node and on Lambda. */
export function createHttpApp({ routes, mounts, pipeline, ids, logger, metrics }: Deps): Hono<Env> {
  const app = new Hono<Env>();

  async function answered(c: Context<Env>, template: string, ask: (head: RequestHead) => Promise<Outgoing>) {
    const elapsed = metrics.stopwatch();
    const requestId = ids.next('req');
    const head = c.env?.incoming ? nodeRequestHead(c.env.incoming) : webRequestHead(c.req.raw);
    let outgoing: Outgoing;
    try {
      outgoing = await ask(head);
    } catch (error) {
      outgoing = {
        answer: { problem: faultProblem(error, requestId) },
        principal: undefined,
        headers: undefined,
      };
    }
    const response = respond(outgoing, requestId);
    const seconds = elapsed();
    metrics.request(template, c.req.method, response.status, seconds);
    const { principal } = outgoing;
    logger.info(
      {
        request_id: requestId,
        method: c.req.method,
        route: template,
        status: response.status,
        ms: Math.round(seconds * 1_000),
        ...(principal && { merchant_id: principal.merchant_id, key_id: principal.key_id }),
      },
      'request',
    );
    return response;
  }

  function faultProblem(error: unknown, requestId: string): Problem {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof UnavailableError) {
      logger.error({ request_id: requestId, error: message }, 'unavailable');
      const detail =
        'The service cannot do this now. If you sent an id or an Idempotency-Key, the same request asked again tells.';
      return problem('unavailable', detail, { headers: RETRY_AFTER });
    }
    logger.error(
      { request_id: requestId, error: message, stack: error instanceof Error ? error.stack : undefined },
      'fault',
    );
    return problem(
      'internal_error',
      'This is a fault of the service. Quote the request_id when you report it.',
    );
  }

  for (const one of routes) {
    const path = one.path.replaceAll(/\{(\w+)\}/g, ':$1');
    app.on(one.method.toUpperCase(), path, (c) =>
      answered(c, one.path, (head) => {
        const { path: pathname, query } = target(c.req.url);
        const params = c.req.param() as Record<string, string>;
        return pipeline(one, { request: c.req.raw, head, path: pathname, query, params });
      }),
    );
  }

  for (const mount of mounts) app.all(mount.path, (c) => mount.handle(c.req.raw));

  app.notFound((c) =>
    answered(c, 'none', async () => {
      const answer: Answer = { problem: unrouted(routes, c.req.method, target(c.req.url).path) };
      return { answer, principal: undefined, headers: undefined };
    }),
  );
  return app;
}

/** Path and query of an absolute URL, without building a `URL`. */
function target(url: string): { path: string; query: string } {
  const start = url.indexOf('/', url.indexOf('://') + 3);
  const mark = url.indexOf('?', start);
  if (mark === -1) return { path: url.slice(start), query: '' };
  const hash = url.indexOf('#', mark);
  return { path: url.slice(start, mark), query: url.slice(mark + 1, hash === -1 ? undefined : hash) };
}

function respond({ answer, headers }: Outgoing, requestId: string): Response {
  if ('problem' in answer) {
    const [status] = PROBLEMS[answer.problem.code];
    return new Response(renderProblem(answer.problem, requestId), {
      status,
      headers: {
        'Content-Type': 'application/problem+json',
        'Request-Id': requestId,
        ...ALWAYS,
        ...headers,
        ...answer.problem.headers,
      },
    });
  }
  const text = 'text' in answer ? answer.text : JSON.stringify(answer.json);
  return new Response(text, {
    status: answer.status,
    headers: {
      'Content-Type': 'text' in answer ? answer.type : 'application/json',
      'Request-Id': requestId,
      ...ALWAYS,
      ...headers,
      ...answer.headers,
    },
  });
}

/** 405 where the path is known and the method is not, else 404. */
function unrouted(routes: readonly Route[], method: string, path: string): Problem {
  const allowed = routes
    .filter((one) => templateMatches(one.path, path))
    .map((one) => one.method.toUpperCase());
  if (allowed.length === 0) {
    return problem(
      'not_found',
      `There is no ${path.slice(0, 200)} here. The contract is at /openapi.json and /docs.`,
    );
  }
  if (allowed.includes('GET')) allowed.push('HEAD');
  const list = allowed.join(', ');
  return problem('method_not_allowed', `${method.slice(0, 20)} is not allowed here; use ${list}.`, {
    headers: { Allow: list },
  });
}

function templateMatches(template: string, path: string): boolean {
  const pattern = template.replaceAll(/[.]/g, '\\.').replaceAll(/\{\w+\}/g, '[^/]+');
  return new RegExp(`^${pattern}$`).test(path);
}
