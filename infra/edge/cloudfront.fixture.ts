import { runInNewContext } from 'node:vm';
import type { CloudFrontRequestEvent, CloudFrontRequestResult, LambdaFunctionURLEvent } from 'aws-lambda';
import { contentHash } from '../../src/domain/content-hash.ts';
import { handler as hashBody } from './body-hash.ts';
import { viewerCode } from './viewer-code.ts';
import type { HeaderValue, ViewerEvent, ViewerRequest, ViewerResponse } from './viewer-request.ts';

type Pairs = readonly (readonly [name: string, value: string])[];

/** As a client sends it. */
export interface ClientRequest {
  method?: string;
  path?: string;
  query?: string;
  headers?: Pairs;
  body?: string | Uint8Array;
}

export interface Refused {
  status: number;
  headers: Record<string, string>;
  body: string;
}

export const DISTRIBUTION = 'd111111abcdef8.cloudfront.net';
export const CLIENT = '203.0.113.7';
export const HASHED_PATHS = ['/callbacks/', '/simulator/'];
const URL_HOST = 'abcdefghijklmnop.lambda-url.us-east-1.on.aws';
/** As Lambda looks at it: what is not of these types it hands on in base64. */
const IS_TEXT = /^(?:text\/|application\/(?:json|javascript|xml|problem\+json))/i;
const SIGNED = 'AWS4-HMAC-SHA256 Credential=cloudfront/20260302/us-east-1/lambda/aws4_request';

/** Runs the code as CloudFront does: alone, with an event that is nothing but data. */
export function runViewer(code: string, event: ViewerEvent): ViewerRequest | ViewerResponse {
  const answer: unknown = runInNewContext(`${code}\nJSON.stringify(handler(JSON.parse(given)))`, {
    given: JSON.stringify(event),
  });
  return JSON.parse(String(answer)) as ViewerRequest | ViewerResponse;
}

/** Header names in lower case; what was sent more than once with all its values. */
function headerMap(pairs: Pairs): Record<string, HeaderValue> {
  const headers: Record<string, HeaderValue> = {};
  for (const [given, value] of pairs) {
    const name = given.toLowerCase();
    const known = headers[name];
    if (!known) headers[name] = { value };
    else known.multiValue = [...(known.multiValue ?? [{ value: known.value }]), { value }];
  }
  return headers;
}

export function viewerEvent(request: ClientRequest & { host?: string } = {}): ViewerEvent {
  const { method = 'GET', path = '/payments', headers = [], body, host = DISTRIBUTION } = request;
  const length = body === undefined ? [] : [['Content-Length', String(Buffer.byteLength(body))] as const];
  return {
    context: { requestId: 'edge-request-1' },
    viewer: { ip: CLIENT },
    request: {
      method,
      uri: path,
      querystring: {},
      headers: headerMap([['Host', host], ...length, ...headers]),
      cookies: {},
    },
  };
}

/** CloudFront with both of its functions, and what Lambda does before it invokes: event or refusal of one of them. */
export function createCloudFront({ domainName = null }: { domainName?: string | null } = {}) {
  const code = viewerCode({ domainName, hashedPaths: HASHED_PATHS });
  const host = domainName ?? DISTRIBUTION;

  return async (request: ClientRequest): Promise<LambdaFunctionURLEvent | Refused> => {
    const { path = '/payments', query = '', body = '' } = request;
    const bytes = Buffer.from(body);
    const seen = runViewer(code, viewerEvent({ ...request, host }));
    if ('statusCode' in seen) return refusedBy(seen);
    if (HASHED_PATHS.some((prefix) => path.startsWith(prefix))) {
      const hashed = await hashBody(originEvent(seen, bytes));
      if (hashed && 'status' in hashed)
        return { status: Number(hashed.status), headers: {}, body: hashed.body ?? '' };
      takeHeaders(seen, hashed);
    }
    const hash = seen.headers['x-amz-content-sha256']?.value ?? contentHash(Buffer.alloc(0));
    if (hash !== contentHash(bytes)) {
      return {
        status: 403,
        headers: {},
        body: '{"message":"The request signature we calculated does not match"}',
      };
    }
    return urlEvent(seen, query, bytes);
  };
}

function refusedBy({ statusCode, headers, body }: ViewerResponse): Refused {
  return {
    status: statusCode,
    headers: Object.fromEntries(Object.entries(headers).map(([name, { value }]) => [name, value])),
    body: body.data,
  };
}

function originEvent({ method, uri, headers }: ViewerRequest, bytes: Buffer): CloudFrontRequestEvent {
  const request = {
    method,
    uri,
    clientIp: CLIENT,
    querystring: '',
    headers: Object.fromEntries(Object.entries(headers).map(([key, { value }]) => [key, [{ key, value }]])),
    body: {
      inputTruncated: bytes.length > 1_048_576,
      action: 'read-only' as const,
      encoding: 'base64' as const,
      data: bytes.toString('base64'),
    },
  };
  const config = {
    distributionDomainName: DISTRIBUTION,
    distributionId: 'E1',
    eventType: 'origin-request' as const,
    requestId: 'edge-request-1',
  };
  return { Records: [{ cf: { config, request } }] };
}

function takeHeaders(request: ViewerRequest, hashed: CloudFrontRequestResult): void {
  const hash = hashed && 'headers' in hashed ? hashed.headers?.['x-amz-content-sha256']?.[0] : undefined;
  if (hash) request.headers['x-amz-content-sha256'] = { value: hash.value };
}

/** Payload format 2.0: one value for each header, and CloudFront's signature where the client's key was. */
function urlEvent(
  { method, uri, headers }: ViewerRequest,
  query: string,
  bytes: Buffer,
): LambdaFunctionURLEvent {
  const flat = Object.fromEntries(
    Object.entries(headers).map(([name, { value, multiValue }]) => [
      name,
      multiValue ? multiValue.map((each) => each.value).join(',') : value,
    ]),
  );
  const isText = IS_TEXT.test(flat['content-type'] ?? '');
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath: uri,
    rawQueryString: query,
    headers: { ...flat, host: URL_HOST, authorization: SIGNED, 'x-forwarded-for': CLIENT },
    requestContext: {
      accountId: '123456789012',
      apiId: 'abcdefghijklmnop',
      domainName: URL_HOST,
      domainPrefix: 'abcdefghijklmnop',
      http: {
        method,
        path: uri,
        protocol: 'HTTP/1.1',
        sourceIp: '198.51.100.9',
        userAgent: 'Amazon CloudFront',
      },
      requestId: '9d1f3a52-7b0c-4f1e-8a53-2f6c0c9f1d11',
      routeKey: '$default',
      stage: '$default',
      time: '02/Mar/2026:10:00:00 +0000',
      timeEpoch: 1_772_445_600_000,
    },
    ...(bytes.length > 0 && { body: isText ? bytes.toString('utf8') : bytes.toString('base64') }),
    isBase64Encoded: bytes.length > 0 && !isText,
  };
}

/** The headers of a client that knows what this edge wants. */
export function jsonRequest(method: string, path: string, key: string, json?: unknown): ClientRequest {
  const body = json === undefined ? undefined : JSON.stringify(json);
  const authorization = ['Authorization', `Bearer ${key}`] as const;
  if (body === undefined) return { method, path, headers: [authorization] };
  return {
    method,
    path,
    body,
    headers: [
      authorization,
      ['Content-Type', 'application/json'],
      ['X-Amz-Content-Sha256', contentHash(Buffer.from(body))],
    ],
  };
}
