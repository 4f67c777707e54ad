import { CONTENT_HASH, EDGE_HEADERS, EDGE_PREFIX, HASH } from '../../src/lambda/edge-headers.ts';

/** The domain of one's own, in lower case; empty where CloudFront's address is the only one. Set by viewer-code.ts. */
declare const OWN_HOST: string;
/** What paths begin with for whose bodies CloudFront makes the hash itself (body-hash.ts). Set by viewer-code.ts. */
declare const HASHED_PATHS: readonly string[];

export interface HeaderValue {
  value: string;
  /** All values in their order, where the header was sent more than once. */
  multiValue?: readonly { readonly value: string }[];
}

export interface ViewerRequest {
  method: string;
  uri: string;
  querystring: object;
  /** By lower-case names; cookies are not among them. */
  headers: Record<string, HeaderValue>;
  cookies: object;
}

export interface ViewerEvent {
  context: { requestId: string };
  viewer: { ip: string };
  request: ViewerRequest;
}

export interface ViewerResponse {
  statusCode: number;
  statusDescription: string;
  headers: Record<string, HeaderValue>;
  body: { encoding: 'text'; data: string };
}

/** SHA-256 of nothing. */
const HASH_OF_NOTHING = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** Titles and statuses are those of the application. */
const NOT_FOUND = { code: 'not_found', status: 404, phrase: 'Not Found', title: 'There is nothing here' };
const INVALID = {
  code: 'invalid_request',
  status: 400,
  phrase: 'Bad Request',
  title: 'The request is not valid',
};

const HASH_DETAIL =
  'Send "X-Amz-Content-Sha256: <SHA-256 of the body, 64 hexadecimal digits>" with every request that has a body, or ' +
  '"Content-Length: 0" with one that has none. In a shell: printf %s "$BODY" | sha256sum. Nothing was stored.';

function refusal(event: ViewerEvent, problem: typeof INVALID, detail: string): ViewerResponse {
  const body: Record<string, unknown> = {
    type: `/docs#${problem.code}`,
    title: problem.title,
    status: problem.status,
    detail: detail,
    code: problem.code,
    request_id: event.context.requestId,
  };
  if (problem === INVALID) body.errors = [{ pointer: 'X-Amz-Content-Sha256', detail: detail }];
  return {
    statusCode: problem.status,
    statusDescription: problem.phrase,
    headers: {
      'content-type': { value: 'application/problem+json' },
      'request-id': { value: event.context.requestId },
      'cache-control': { value: 'no-store' },
      'x-content-type-options': { value: 'nosniff' },
    },
    body: { encoding: 'text', data: JSON.stringify(body) },
  };
}

function begins(text: string, start: string): boolean {
  return text.indexOf(start) === 0;
}

function isRepeated(header: HeaderValue | undefined): boolean {
  return header !== undefined && header.multiValue !== undefined && header.multiValue.length > 1;
}

function joined(header: HeaderValue): string {
  if (header.multiValue === undefined) return header.value;
  return header.multiValue.map((each) => each.value).join(', ');
}

/** Over HTTP/2 a body may come unannounced: of a method that usually has one, only what says so has none. */
function hasNoBody(request: ViewerRequest): boolean {
  const length = request.headers['content-length'];
  if (length !== undefined) return length.value === '0';
  const usually = request.method === 'POST' || request.method === 'PUT' || request.method === 'PATCH';
  return !usually && request.headers['transfer-encoding'] === undefined;
}

/** Whether CloudFront can sign the request so that Lambda takes it. */
function settleHash(request: ViewerRequest): boolean {
  const headers = request.headers;
  const given = headers[CONTENT_HASH];
  const isReading = request.method === 'GET' || request.method === 'HEAD';
  if (isReading || HASHED_PATHS.some((path) => begins(request.uri, path))) {
    delete headers[CONTENT_HASH];
    return true;
  }
  if (hasNoBody(request)) {
    headers[CONTENT_HASH] = { value: HASH_OF_NOTHING };
    return true;
  }
  if (given === undefined || isRepeated(given) || !HASH.test(given.value)) return false;
  headers[CONTENT_HASH] = { value: given.value.toLowerCase() };
  return true;
}

/**
 * Runs at CloudFront's edge, before the cache, for each request; it sees no body. Its language is an old JavaScript
 * with a few newer features (runtime 2.0), so there is no destructuring, no spread and no `for … of` in it.
 *
 * It moves the client's `Authorization` aside, in the place of which CloudFront puts its signature; says who asked, for
 * which host, and which headers were repeated, all in headers that it lets no client send; and refuses what Lambda
 * would refuse without a reason that a client could act on.
 */
export function handler(event: ViewerEvent): ViewerRequest | ViewerResponse {
  const request = event.request;
  const headers = request.headers;
  const host = headers.host === undefined ? '' : headers.host.value;
  if (OWN_HOST !== '' && host.toLowerCase() !== OWN_HOST) {
    return refusal(event, NOT_FOUND, `The API is at https://${OWN_HOST}.`);
  }
  Object.keys(headers)
    .filter((name) => begins(name, EDGE_PREFIX))
    .map((name) => delete headers[name]);
  // Whoever sends it decides whether a request is traced, which is paid for.
  delete headers['x-amzn-trace-id'];
  const repeated = Object.keys(headers).filter((name) => isRepeated(headers[name]));
  if (!settleHash(request)) return refusal(event, INVALID, HASH_DETAIL);
  const authorization = headers.authorization;
  if (authorization !== undefined) {
    headers[EDGE_HEADERS.authorization] = { value: joined(authorization) };
    delete headers.authorization;
  }
  headers[EDGE_HEADERS.address] = { value: event.viewer.ip };
  headers[EDGE_HEADERS.host] = { value: host };
  if (repeated.length > 0) headers[EDGE_HEADERS.repeated] = { value: repeated.join(',') };
  return request;
}
