import type {
  APIGatewayAuthorizerResult,
  APIGatewayRequestAuthorizerEvent,
  APIGatewayTokenAuthorizerEvent,
} from 'aws-lambda';
import type { Authenticate } from '../app/authenticate.ts';
import type { Clock } from '../ports/clock.ts';
import type { Logger } from '../ports/logger.ts';
import type { WorkQueue } from '../ports/work-queue.ts';
import { toContext } from './authorizer-context.ts';
import { createMeasuredBacklog } from './measured-backlog.ts';

const BEARER = /^Bearer +([^\s]+) *$/i;

/** How long a measurement of the queue is good for; the gateway remembers the whole answer for a minute anyway. */
const BACKLOG_MS = 5_000;

interface Deps {
  authenticate: Authenticate;
  queue: Pick<WorkQueue, 'depth'>;
  clock: Clock;
  logger: Logger;
  maxBacklog: number;
}

export type AuthorizerEvent = APIGatewayTokenAuthorizerEvent | APIGatewayRequestAuthorizerEvent;

/**
 * Whether a key is good, for API Gateway to remember. The policy covers the whole stage: it is remembered for the key
 * and not for the route, and one for the first route alone would deny all others. What the key may do there, its scopes
 * tell the application.
 *
 * A key that is not good is denied, which the gateway answers with `invalid_key`; without a header there is no call.
 */
export function createAuthorize({ authenticate, queue, clock, logger, maxBacklog }: Deps) {
  const backlog = createMeasuredBacklog({ queue, clock, logger, limit: maxBacklog, everyMs: BACKLOG_MS });

  return async (event: AuthorizerEvent): Promise<APIGatewayAuthorizerResult> => {
    const stage = stageOf(event.methodArn);
    const key = BEARER.exec(authorizationOf(event))?.[1];
    const [principal, admits] = await Promise.all([
      key === undefined ? null : authenticate(key),
      // Of no consequence for who may come in.
      backlog.admit(),
    ]);
    if (!principal) return policy('unknown', 'Deny', stage);
    return { ...policy(principal.key_id, 'Allow', stage), context: { ...toContext(principal, !admits) } };
  };
}

function authorizationOf(event: AuthorizerEvent): string {
  if (event.type === 'TOKEN') return event.authorizationToken;
  for (const [name, value] of Object.entries(event.headers ?? {})) {
    if (name.toLowerCase() === 'authorization') return value ?? '';
  }
  return '';
}

/** `arn:aws:execute-api:region:account:api/stage/GET/path` → every method and path of that stage. */
function stageOf(methodArn: string): string {
  const [api = '', stage = ''] = methodArn.split('/');
  return `${api}/${stage}/*`;
}

function policy(principalId: string, effect: 'Allow' | 'Deny', resource: string): APIGatewayAuthorizerResult {
  return {
    principalId,
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Action: 'execute-api:Invoke', Effect: effect, Resource: resource }],
    },
  };
}
