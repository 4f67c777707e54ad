import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { Asked, HttpApp } from '../http/app.ts';
import { principalOf } from './authorizer-context.ts';
import { answerInvocation, headOf, type Invocation } from './invocation.ts';

/** What API Gateway hands to a function: a REST API's proxy event, which keeps repeated headers apart. */
export function askedOf(event: APIGatewayProxyEvent): Asked {
  return invocationOf(event).asked;
}

function invocationOf(event: APIGatewayProxyEvent): Invocation {
  const bytes = bytesOf(event);
  const head = headOf({
    values: headersOf(event),
    bytes,
    remoteAddress: event.requestContext.identity?.sourceIp,
    principal: principalOf(event.requestContext.authorizer),
  });
  const asked = { method: event.httpMethod, path: event.path, query: queryOf(event), head };
  return { asked, bytes, basePath: basePathOf(event) };
}

/** The gateway has taken the query apart; it is put together again in the form that clients send. */
function queryOf({ multiValueQueryStringParameters }: APIGatewayProxyEvent): string {
  const query = new URLSearchParams();
  for (const [name, values] of Object.entries(multiValueQueryStringParameters ?? {})) {
    for (const value of values ?? []) query.append(name, value);
  }
  return query.toString();
}

function bytesOf({ body, isBase64Encoded }: APIGatewayProxyEvent): Buffer {
  return Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8');
}

function headersOf({ multiValueHeaders }: APIGatewayProxyEvent): Map<string, string[]> {
  const values = new Map<string, string[]>();
  for (const [name, given] of Object.entries(multiValueHeaders ?? {})) {
    const lower = name.toLowerCase();
    values.set(lower, [...(values.get(lower) ?? []), ...(given ?? [])]);
  }
  return values;
}

/** The stage, on API Gateway's own address; nothing on a domain of one's own. */
function basePathOf({ path, requestContext }: APIGatewayProxyEvent): string {
  const whole = requestContext.path ?? path;
  return whole.endsWith(path) ? whole.slice(0, whole.length - path.length) : '';
}

/** Answers a proxy event; never rejects but by a fault of ours. */
export async function answerProxyEvent(
  app: HttpApp,
  event: APIGatewayProxyEvent,
): Promise<APIGatewayProxyResult> {
  const { status, headers, body } = await answerInvocation(app, invocationOf(event));
  return { statusCode: status, headers, body, isBase64Encoded: false };
}
