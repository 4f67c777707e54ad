import type { APIGatewayProxyStructuredResultV2, LambdaFunctionURLEvent } from 'aws-lambda';
import { contentHash } from '../domain/content-hash.ts';
import type { Asked, HttpApp } from '../http/app.ts';
import { CONTENT_HASH, EDGE_HEADERS, EDGE_PREFIX, HASH } from './edge-headers.ts';
import { answerInvocation, headOf, type Invocation } from './invocation.ts';

/** No text in UTF-8 has this byte. */
const IN_NO_TEXT = 0xff;

/** What a function's URL hands to it: one value for each header, and what CloudFront's function says beside it. */
export function askedOf(event: LambdaFunctionURLEvent): Asked {
  return invocationOf(event).asked;
}

/** The address by which the client reached us, without a slash at its end; undefined if CloudFront did not say. */
export function addressOf({ headers }: LambdaFunctionURLEvent): string | undefined {
  const host = headers[EDGE_HEADERS.host];
  return host === undefined ? undefined : `https://${host}`;
}

function invocationOf(event: LambdaFunctionURLEvent): Invocation {
  const { headers, rawPath, rawQueryString, requestContext } = event;
  const bytes = bytesOf(event);
  const head = headOf({
    values: headersOf(headers),
    bytes,
    remoteAddress: headers[EDGE_HEADERS.address],
    principal: undefined,
  });
  const { method } = requestContext.http;
  return { asked: { method, path: rawPath, query: rawQueryString, head }, bytes, basePath: '' };
}

/**
 * The client's own headers: its `Authorization` at its place again, where CloudFront's signature was, and those that
 * were sent more than once taken apart.
 */
function headersOf(headers: LambdaFunctionURLEvent['headers']): Map<string, string[]> {
  const repeated = new Set(headers[EDGE_HEADERS.repeated]?.split(','));
  const values = new Map<string, string[]>();
  const put = (name: string, value: string) =>
    values.set(name, repeated.has(name) ? value.split(',').map((part) => part.trim()) : [value]);
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && name !== 'authorization' && !name.startsWith(EDGE_PREFIX)) put(name, value);
  }
  const authorization = headers[EDGE_HEADERS.authorization];
  if (authorization !== undefined) put('authorization', authorization);
  return values;
}

/**
 * Lambda hands on what calls itself JSON as text, and bytes that are no text come out as others. The client vouched for
 * those that it sent, and Lambda has compared: if they are not these, they were not UTF-8, and must be refused as such.
 */
function bytesOf({ body, isBase64Encoded, headers }: LambdaFunctionURLEvent): Buffer {
  const bytes = Buffer.from(body ?? '', isBase64Encoded ? 'base64' : 'utf8');
  const vouched = headers[CONTENT_HASH];
  if (bytes.length === 0 || vouched === undefined || !HASH.test(vouched)) return bytes;
  return contentHash(bytes) === vouched.toLowerCase() ? bytes : Buffer.alloc(bytes.length, IN_NO_TEXT);
}

/** Answers an event of the function's URL; never rejects but by a fault of ours. */
export async function answerUrlEvent(
  app: HttpApp,
  event: LambdaFunctionURLEvent,
): Promise<APIGatewayProxyStructuredResultV2> {
  const { status, headers, body } = await answerInvocation(app, invocationOf(event));
  return { statusCode: status, headers, body, isBase64Encoded: false };
}
