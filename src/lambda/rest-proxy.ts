import type { APIGatewayProxyEvent, APIGatewayProxyResult } from 'aws-lambda';
import type { Asked, HttpApp, Mount } from '../http/app.ts';
import type { Body } from '../http/read-body.ts';
import { NO_BODY } from '../http/read-body.ts';
import type { RequestHead } from '../http/request-head.ts';
import { principalOf } from './authorizer-context.ts';

/** Headers of which HTTP allows one; of these the first counts, all others are joined (RFC 9110, section 5.3). */
const SINGLE = new Set(['authorization', 'content-type', 'content-length', 'host', 'user-agent']);

/** Longest body of a page that is not ours: a form with one button. */
const MAX_PAGE_BODY_BYTES = 8 * 1_024;

/** What API Gateway hands to a function: a REST API's proxy event, which keeps repeated headers apart. */
export function askedOf(event: APIGatewayProxyEvent): Asked {
  return { method: event.httpMethod, path: event.path, query: queryOf(event), head: headOf(event) };
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

function headOf(event: APIGatewayProxyEvent): RequestHead {
  const values = new Map<string, string[]>();
  for (const [name, given] of Object.entries(event.multiValueHeaders ?? {})) {
    const lower = name.toLowerCase();
    values.set(lower, [...(values.get(lower) ?? []), ...(given ?? [])]);
  }
  const bytes = bytesOf(event);
  // The gateway has read the body: its length is what came, whatever was announced.
  values.delete('transfer-encoding');
  if (bytes.length > 0) values.set('content-length', [String(bytes.length)]);
  else values.delete('content-length');
  return {
    header(name) {
      const given = values.get(name);
      return given && (SINGLE.has(name) ? given[0] : given.join(', '));
    },
    repeated: (name) => (values.get(name)?.length ?? 0) > 1,
    remoteAddress: event.requestContext.identity?.sourceIp,
    principal: principalOf(event.requestContext.authorizer),
    async body(maxBytes): Promise<Body> {
      if (bytes.length === 0) return NO_BODY;
      return bytes.length > maxBytes ? 'too_large' : { bytes };
    },
  };
}

/**
 * What stands before every path for a client: the stage, on API Gateway's own address; nothing on a domain of one's
 * own. Paths that an answer gives must begin with it.
 */
function basePathOf({ path, requestContext }: APIGatewayProxyEvent): string {
  const whole = requestContext.path ?? path;
  return whole.endsWith(path) ? whole.slice(0, whole.length - path.length) : '';
}

/** Answers a proxy event; never rejects but by a fault of ours. */
export async function answerProxyEvent(
  app: HttpApp,
  event: APIGatewayProxyEvent,
): Promise<APIGatewayProxyResult> {
  const basePath = basePathOf(event);
  const mount = app.mountAt(event.path);
  if (mount) return showPage(app, mount, event, basePath);
  const { status, headers, body } = await app.answer(askedOf(event));
  if (headers.Location?.startsWith('/')) headers.Location = `${basePath}${headers.Location}`;
  return toResult(event, status, headers, body);
}

/** Without a body in answer to HEAD, which Node's own server leaves out by itself. */
function toResult(
  { httpMethod }: APIGatewayProxyEvent,
  statusCode: number,
  headers: Record<string, string>,
  body: string,
): APIGatewayProxyResult {
  return { statusCode, headers, body: httpMethod === 'HEAD' ? '' : body, isBase64Encoded: false };
}

async function showPage(
  app: HttpApp,
  mount: Mount,
  event: APIGatewayProxyEvent,
  basePath: string,
): Promise<APIGatewayProxyResult> {
  const { path, query, method, head } = askedOf(event);
  const bytes = bytesOf(event);
  const type = head.header('content-type');
  // What is too long for us is too long for the page, which says so in its own form.
  const body =
    bytes.length > MAX_PAGE_BODY_BYTES ? new Uint8Array(MAX_PAGE_BODY_BYTES + 1) : new Uint8Array(bytes);
  const request = new Request(`http://localhost${path}${query === '' ? '' : `?${query}`}`, {
    // There is no `Request` of TRACE; the page allows neither of the two.
    method: method === 'TRACE' ? 'OPTIONS' : method,
    headers: type === undefined ? {} : { 'Content-Type': type },
    body: method === 'GET' || method === 'HEAD' ? null : body,
  });
  const response = await app.show(mount, request);
  const headers = Object.fromEntries(response.headers);
  if (headers.location?.startsWith('/')) headers.location = `${basePath}${headers.location}`;
  return toResult(event, response.status, headers, await response.text());
}
