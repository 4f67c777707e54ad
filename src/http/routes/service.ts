import type { Authenticate } from '../../app/authenticate.ts';
import type { HandleCallback } from '../../app/handle-callback.ts';
import type { CheckReadiness } from '../../app/readiness.ts';
import type { Metrics } from '../../ports/metrics.ts';
import { healthAnswer, readyAnswer, received } from '../answer-schemas.ts';
import { problem } from '../problems.ts';
import type { RequestHead } from '../request-head.ts';
import { type Answer, type Route, route } from '../route.ts';
import { noQuery } from '../schemas.ts';

/** Call-backs of PSPs are longer than our own requests, and not under our control. */
const MAX_CALLBACK_BYTES = 64 * 1_024;

/** Headers that a proxy adds: who comes through one is not at this machine, whatever the socket says. */
const FORWARDING = [
  'forwarded',
  'x-forwarded-for',
  'x-forwarded-host',
  'x-forwarded-proto',
  'x-real-ip',
  'via',
];

interface Deps {
  checkReadiness: CheckReadiness;
  metrics: Pick<Metrics, 'render'> | undefined;
  authenticate: Authenticate;
  handleCallback: HandleCallback;
}

export function serviceRoutes({ checkReadiness, metrics, authenticate, handleCallback }: Deps): Route[] {
  return [
    route({
      method: 'get',
      path: '/health',
      operationId: 'health',
      summary: 'Whether the process is alive',
      scope: null,
      query: noQuery,
      answers: { 200: { description: 'It is', schema: healthAnswer } },
      problems: [],
      handle: async () => ({ status: 200, json: { status: 'ok' } }),
    }),

    route({
      method: 'get',
      path: '/ready',
      operationId: 'ready',
      summary: 'Whether payments can be taken now',
      description: 'The store takes writes, the queue answers, and the backlog is below its limit.',
      scope: null,
      query: noQuery,
      answers: {
        200: { description: 'They can', schema: readyAnswer },
        503: { description: 'They cannot', schema: readyAnswer },
      },
      problems: [],
      async handle() {
        const readiness = await checkReadiness();
        return { status: readiness.ready ? 200 : 503, json: readiness };
      },
    }),

    ...(metrics ? [metricsRoute(metrics, authenticate)] : []),

    route({
      method: 'post',
      path: '/callbacks/{connector}',
      operationId: 'callback',
      summary: 'A PSP tells us something',
      description:
        'Signed as the PSP signs (the simulator: Standard Webhooks) over the raw bytes, within 5 minutes; a repeated ' +
        'id is answered and ignored; what it tells of is always looked up at the PSP.',
      scope: null,
      query: noQuery,
      rawBodyBytes: MAX_CALLBACK_BYTES,
      answers: { 200: { description: 'Taken', schema: received } },
      problems: ['not_found', 'invalid_signature', 'unavailable'],
      async handle({ params, head, bytes }): Promise<Answer> {
        const connector = params.connector as string;
        const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
        const headers = Object.fromEntries(names.map((name) => [name, head.header(name)]));
        const answer = await handleCallback(connector, { headers, body: bytes });
        switch (answer) {
          case 'taken':
            return { status: 200, json: { received: true } };
          case 'unknown_connector':
            return { problem: problem('not_found', `There is no connector "${connector}" here.`) };
          case 'not_authentic': {
            const detail =
              'The signature does not fit the body, or the time is more than 5 minutes off. Sign it anew.';
            return { problem: problem('invalid_signature', detail) };
          }
        }
      },
    }),
  ];
}

function metricsRoute(metrics: Pick<Metrics, 'render'>, authenticate: Authenticate): Route {
  async function allowed(head: RequestHead): Promise<boolean> {
    const loopback = /^(::1|(::ffff:)?127\.\d+\.\d+\.\d+)$/.test(head.remoteAddress ?? '');
    if (loopback && FORWARDING.every((name) => head.header(name) === undefined)) return true;
    const key = /^Bearer +([^\s]+) *$/i.exec(head.header('authorization') ?? '')?.[1];
    const principal = key === undefined ? null : await authenticate(key);
    return principal?.scopes.includes('admin') === true;
  }
  return route({
    method: 'get',
    path: '/metrics',
    operationId: 'metrics',
    summary: 'Prometheus metrics',
    description: 'For callers on this machine, or with a key that has the scope `admin`.',
    scope: null,
    query: noQuery,
    answers: { 200: { description: 'Prometheus text', type: 'text/plain' } },
    problems: ['insufficient_scope'],
    async handle({ head }) {
      if (!(await allowed(head))) {
        const detail = 'Metrics are for callers on this machine, or with a key that has the scope admin.';
        return { problem: problem('insufficient_scope', detail) };
      }
      return { status: 200, text: await metrics.render(), type: 'text/plain; version=0.0.4; charset=utf-8' };
    },
  });
}
