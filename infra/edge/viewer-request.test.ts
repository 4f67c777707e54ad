import { describe, expect, it } from 'vitest';
import { PROBLEMS } from '../../src/http/problems.ts';
import {
  CLIENT,
  type ClientRequest,
  DISTRIBUTION,
  HASHED_PATHS,
  runViewer,
  viewerEvent,
} from './cloudfront.fixture.ts';
import { viewerCode } from './viewer-code.ts';
import type { ViewerRequest, ViewerResponse } from './viewer-request.ts';

const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const HASH = 'ab'.repeat(32);

/** As it is deployed. */
const code = viewerCode({ hashedPaths: HASHED_PATHS });
const codeOfDomain = viewerCode({ domainName: 'pay.example.com', hashedPaths: HASHED_PATHS });

function pass(request: ClientRequest): ViewerRequest {
  const answer = runViewer(code, viewerEvent(request));
  expect(answer).not.toHaveProperty('statusCode');
  return answer as ViewerRequest;
}

function refuse(request: ClientRequest & { host?: string }, by = code) {
  const answer = runViewer(by, viewerEvent(request)) as ViewerResponse;
  return { ...answer, json: JSON.parse(answer.body.data) };
}

describe('the code', () => {
  it('keeps to what runtime 2.0 knows, and to its size', () => {
    for (const each of [code, codeOfDomain]) {
      const withoutTexts = each.replace(/\/\*[\s\S]*?\*\/|\/\/.*|"[^"\n]*"|'[^'\n]*'/g, '');
      expect(Buffer.byteLength(each)).toBeLessThan(10 * 1_024);
      expect(withoutTexts).not.toMatch(/\?\.|\?\?|\.\.\.|\bof\b|\bclass\b|\bimport\b|\bexport\b|\bawait\b/);
      // Names that are nowhere declared are refused when the function is made, not when it runs.
      expect(withoutTexts).not.toMatch(/OWN_HOST|\bHASHED_PATHS\b/);
    }
  });
});

describe('the key', () => {
  it('is moved aside, since CloudFront writes its signature in its place', () => {
    const { headers } = pass({ headers: [['Authorization', 'Bearer tg_test_1']] });
    expect(headers['x-tollgate-authorization']).toEqual({ value: 'Bearer tg_test_1' });
    expect(headers).not.toHaveProperty('authorization');
  });

  it('cannot be given under the name that the application believes', () => {
    const { headers } = pass({
      headers: [
        ['X-Tollgate-Authorization', 'Bearer stolen'],
        ['x-tollgate-address', '127.0.0.1'],
        ['X-TOLLGATE-HOST', 'evil.example'],
        ['x-tollgate-repeated', 'prefer'],
        ['x-tollgate-merchant', 'm_2'],
      ],
    });
    const told = Object.entries(headers).filter(([name]) => name.startsWith('x-tollgate-'));
    expect(Object.fromEntries(told)).toEqual({
      'x-tollgate-address': { value: CLIENT },
      'x-tollgate-host': { value: DISTRIBUTION },
    });
  });

  it('that is sent twice is told to be, with both, so that the application can refuse it', () => {
    const { headers } = pass({
      headers: [
        ['Authorization', 'Bearer a'],
        ['AUTHORIZATION', 'Bearer b'],
      ],
    });
    expect(headers['x-tollgate-authorization']).toEqual({ value: 'Bearer a, Bearer b' });
    expect(headers['x-tollgate-repeated']).toEqual({ value: 'authorization' });
  });
});

describe('other headers', () => {
  it('are left as they are, and named where they are repeated: they arrive joined', () => {
    const { headers } = pass({
      headers: [
        ['Idempotency-Key', 'a'],
        ['idempotency-key', 'a'],
        ['Prefer', 'wait=1'],
        ['Accept', 'text/html'],
        ['Accept', 'application/json'],
      ],
    });
    expect(headers.prefer).toEqual({ value: 'wait=1' });
    expect(headers['x-tollgate-repeated']).toEqual({ value: 'idempotency-key,accept' });
    expect(headers['idempotency-key']?.multiValue).toEqual([{ value: 'a' }, { value: 'a' }]);
  });

  it('do not decide whether a request is traced', () => {
    const { headers } = pass({ headers: [['X-Amzn-Trace-Id', 'Root=1-5e1b4151-5ac6c58f;Sampled=1']] });
    expect(headers).not.toHaveProperty('x-amzn-trace-id');
  });

  it('and path and query are not touched, whatever stands in them', () => {
    const event = viewerEvent({ path: '/payments/%34242424242424242' });
    event.request.querystring = { a: { value: '4242 4242 4242 4242', multiValue: [{ value: '1' }] } };
    const { uri, querystring } = runViewer(code, event) as ViewerRequest;
    expect([uri, querystring]).toEqual([event.request.uri, event.request.querystring]);
  });
});

describe('a body', () => {
  const post = (headers: ClientRequest['headers'], body = '{}') => ({ method: 'POST', headers, body });

  it('passes with its hash, which Lambda compares in lower case', () => {
    expect(pass(post([['x-amz-content-sha256', HASH]])).headers['x-amz-content-sha256']).toEqual({
      value: HASH,
    });
    const upper = pass(post([['X-AMZ-CONTENT-SHA256', HASH.toUpperCase()]]));
    expect(upper.headers['x-amz-content-sha256']).toEqual({ value: HASH });
  });

  it.each([
    ['none', []],
    ['an empty one', [['X-Amz-Content-Sha256', '']]],
    ['what says that there is none', [['X-Amz-Content-Sha256', 'UNSIGNED-PAYLOAD']]],
    ['one that is too short', [['X-Amz-Content-Sha256', HASH.slice(1)]]],
    ['one in base64', [['X-Amz-Content-Sha256', '47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=']]],
    ['one with a line after it', [['X-Amz-Content-Sha256', `${HASH}\n`]]],
    [
      'two',
      [
        ['X-Amz-Content-Sha256', HASH],
        ['x-amz-content-sha256', HASH],
      ],
    ],
  ] as const)('is refused in the form of all problems with %s', (_what, headers) => {
    const { statusCode, headers: answered, json } = refuse(post(headers));
    const [status, title] = PROBLEMS.invalid_request;
    expect(statusCode).toBe(status);
    expect(json).toMatchObject({ type: '/docs#invalid_request', title, status, code: 'invalid_request' });
    expect(json.errors).toEqual([{ pointer: 'X-Amz-Content-Sha256', detail: json.detail }]);
    expect(json.detail).toContain('sha256sum');
    expect(answered).toEqual({
      'content-type': { value: 'application/problem+json' },
      'request-id': { value: json.request_id },
      'cache-control': { value: 'no-store' },
      'x-content-type-options': { value: 'nosniff' },
    });
  });

  it('that is announced to be empty needs no hash, and gets the right one', () => {
    for (const headers of [[], [['X-Amz-Content-Sha256', HASH] as const]]) {
      expect(pass(post(headers, '')).headers['x-amz-content-sha256']).toEqual({ value: EMPTY });
    }
  });

  it('that may come unannounced, as over HTTP/2, needs one', () => {
    expect(refuse({ method: 'POST' }).statusCode).toBe(400);
    expect(refuse({ method: 'PATCH' }).statusCode).toBe(400);
    expect(refuse({ method: 'DELETE', headers: [['Transfer-Encoding', 'chunked']] }).statusCode).toBe(400);
    expect(pass({ method: 'DELETE' }).headers['x-amz-content-sha256']).toEqual({ value: EMPTY });
  });

  it.each(['GET', 'HEAD'])('is nothing that %s has, so a hash of it means nothing', (method) => {
    const { headers } = pass({ method, headers: [['X-Amz-Content-Sha256', HASH]] });
    expect(headers).not.toHaveProperty('x-amz-content-sha256');
  });

  it.each(HASHED_PATHS)('below %s is hashed by CloudFront, which is left to it', (path) => {
    const request = { path: `${path}x`, ...post([['X-Amz-Content-Sha256', HASH]]) };
    expect(pass(request).headers).not.toHaveProperty('x-amz-content-sha256');
    expect(pass({ ...request, headers: [] }).headers).not.toHaveProperty('x-amz-content-sha256');
  });
});

describe('with a domain of one’s own', () => {
  it('CloudFront’s own address, which takes old versions of TLS, answers nothing', () => {
    const { statusCode, json } = refuse({ host: DISTRIBUTION }, codeOfDomain);
    const [status, title] = PROBLEMS.not_found;
    expect([statusCode, json.status, json.title]).toEqual([404, status, title]);
    expect(json.detail).toBe('The API is at https://pay.example.com.');
    expect(json).not.toHaveProperty('errors');
  });

  it('it answers in whatever case the domain is written', () => {
    const answer = runViewer(codeOfDomain, viewerEvent({ host: 'Pay.Example.Com' }));
    expect(answer).toHaveProperty('uri');
  });
});
