import type { Principal } from '../app/authenticate.ts';
import { UnavailableError } from '../ports/faults.ts';
import type { Ids } from '../ports/ids.ts';
import type { Logger } from '../ports/logger.ts';
import type { Metrics } from '../ports/metrics.ts';
import { decodePercent, type Outgoing, type Pipeline, RETRY_AFTER } from './pipeline.ts';
import { PROBLEMS, type Problem, problem, renderProblem } from './problems.ts';
import type { RequestHead } from './request-head.ts';
import type { Answer, Route } from './route.ts';
import { createRouter, type Routed } from './router.ts';

/** Pages of another party under our address: the simulator's challenge page. They answer in their own form. */
export interface Mount {
  /** What their paths begin with. */
  prefix: string;
  handle(request: Request): Promise<Response>;
}

/** A request as the edge sees it, wherever it came from. */
export interface Asked {
  method: string;
  /** Path and query as they were sent. */
  path: string;
  query: string;
  head: RequestHead;
}

/** An answer, ready to be written. */
export interface Reply {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export interface HttpApp {
  /** Never rejects: whatever goes wrong is an answer too. */
  answer(asked: Asked): Promise<Reply>;
  /** Whose page this path is; null if it is ours. */
  mountAt(path: string): Mount | null;
  /** A page in its own form; with a Request-Id, counted and logged all the same. */
  show(mount: Mount, request: Request): Promise<Response>;
}

interface Deps {
  routes: readonly Route[];
  mounts: readonly Mount[];
  pipeline: Pipeline;
  ids: Ids;
  logger: Logger;
  metrics: Pick<Metrics, 'stopwatch' | 'request'>;
}

/** The HTTP application, between a request and its answer: the same behind Node's server and behind Lambda. */
export function createHttpApp({ routes, mounts, pipeline, ids, logger, metrics }: Deps): HttpApp {
  const router = createRouter(routes);

  async function outgoing({ path, query, head }: Asked, routed: Routed): Promise<Outgoing> {
    if (!routed || 'allowed' in routed) return nobody({ problem: unrouted(path, routed?.allowed) });
    return pipeline(routed.route, { head, path, query, params: routed.params });
  }

  function observe(
    template: string,
    method: string,
    requestId: string,
    status: number,
    seconds: number,
    principal: Principal | undefined,
  ): void {
    metrics.request(template, method, status, seconds);
    const fields = {
      request_id: requestId,
      method,
      route: template,
      status,
      ms: Math.round(seconds * 1_000),
    };
    if (!principal) logger.info(fields, 'request');
    else {
      const { merchant_id, key_id } = principal;
      logger.info({ ...fields, merchant_id, key_id }, 'request');
    }
  }

  function faultProblem(error: unknown, requestId: string): Problem {
    const message = error instanceof Error ? error.message : String(error);
    if (error instanceof UnavailableError) {
      logger.error({ request_id: requestId, error: message }, 'unavailable');
      const detail =
        'The service cannot do this now. If you sent an id or an Idempotency-Key, the same request asked again tells.';
      return problem('unavailable', detail, { headers: RETRY_AFTER });
    }
    const stack = error instanceof Error ? error.stack : undefined;
    logger.error({ request_id: requestId, error: message, stack }, 'fault');
    return problem(
      'internal_error',
      'This is a fault of the service. Quote the request_id when you report it.',
    );
  }

  return {
    async answer(asked) {
      const elapsed = metrics.stopwatch();
      const requestId = ids.next('req');
      const routed = router(asked.method, asked.path);
      const { answer, principal, headers } = await outgoing(asked, routed).catch(unadmitted);
      const told = 'fault' in answer ? { problem: faultProblem(answer.fault, requestId) } : answer;
      const made = reply(told, headers, requestId);
      const template = routed && 'route' in routed ? routed.route.path : 'none';
      observe(template, asked.method, requestId, made.status, elapsed(), principal);
      return made;
    },

    mountAt: (path) => mounts.find(({ prefix }) => path.startsWith(prefix)) ?? null,

    async show(mount, request) {
      const elapsed = metrics.stopwatch();
      const requestId = ids.next('req');
      let response: Response;
      try {
        response = await mount.handle(request);
        response.headers.set('Request-Id', requestId);
      } catch (error) {
        const { status, headers, body } = reply(
          { problem: faultProblem(error, requestId) },
          undefined,
          requestId,
        );
        response = new Response(body, { status, headers });
      }
      observe(`${mount.prefix}*`, request.method, requestId, response.status, elapsed(), undefined);
      return response;
    },
  };
}

function nobody(answer: Outgoing['answer']): Outgoing {
  return { answer, principal: undefined, headers: undefined };
}

/** A fault before it was known who asks. */
function unadmitted(fault: unknown): Outgoing {
  return nobody({ fault });
}

function reply(answer: Answer, more: Record<string, string> | undefined, requestId: string): Reply {
  if ('problem' in answer) {
    const { code, headers } = answer.problem;
    return {
      status: PROBLEMS[code][0],
      headers: headersOf('application/problem+json', requestId, more, headers),
      body: renderProblem(answer.problem, requestId),
    };
  }
  const { status, headers } = answer;
  if ('text' in answer) {
    return { status, headers: headersOf(answer.type, requestId, more, headers), body: answer.text };
  }
  return {
    status,
    headers: headersOf('application/json', requestId, more, headers),
    body: JSON.stringify(answer.json),
  };
}

/** Answers about payments must not be kept by anything on the way. */
function headersOf(
  type: string,
  requestId: string,
  more: Record<string, string> | undefined,
  own: Record<string, string> | undefined,
): Record<string, string> {
  const headers: Record<string, string> = {
    'Content-Type': type,
    'Request-Id': requestId,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  };
  if (more) Object.assign(headers, more);
  if (own) Object.assign(headers, own);
  return headers;
}

/** 405 where the path is known and the method is not, else 404. */
function unrouted(path: string, allowed: string[] | undefined): Problem {
  if (!allowed) {
    return problem(
      'not_found',
      `There is no ${decodePercent(path).slice(0, 200)} here. The contract is at /openapi.json and /docs.`,
    );
  }
  const list = allowed.join(', ');
  return problem('method_not_allowed', `This method is not allowed here; use ${list}.`, {
    headers: { Allow: list },
  });
}
