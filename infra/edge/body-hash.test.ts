import type { CloudFrontRequestEvent } from 'aws-lambda';
import { expect, it } from 'vitest';
import { contentHash } from '../../src/domain/content-hash.ts';
import { PROBLEMS } from '../../src/http/problems.ts';
import { handler } from './body-hash.ts';

type Request = CloudFrontRequestEvent['Records'][number]['cf']['request'];

function event(given: Partial<Request>): CloudFrontRequestEvent {
  const config = {
    distributionDomainName: 'd1.cloudfront.net',
    distributionId: 'E1',
    eventType: 'origin-request' as const,
    requestId: 'r1',
  };
  const request = {
    clientIp: '203.0.113.7',
    method: 'POST',
    uri: '/callbacks/x',
    querystring: '',
    headers: {},
  };
  return { Records: [{ cf: { config, request: { ...request, ...given } } }] };
}

const body = (data: Buffer, inputTruncated = false): Request['body'] => ({
  inputTruncated,
  action: 'read-only',
  encoding: 'base64',
  data: data.toString('base64'),
});

function hashOf(answer: Awaited<ReturnType<typeof handler>>): unknown {
  return answer && 'headers' in answer ? answer.headers?.['x-amz-content-sha256'] : undefined;
}

it.each([Buffer.from('{"a":"ß"}\n'), Buffer.from([0xff, 0x00, 0xfe]), Buffer.alloc(0)])(
  'hashes the bytes as they were sent',
  async (bytes) => {
    const value = contentHash(bytes);
    expect(hashOf(await handler(event({ body: body(bytes) })))).toEqual([
      { key: 'X-Amz-Content-Sha256', value },
    ]);
  },
);

it('takes no hash for good that came from outside', async () => {
  const headers = { 'x-amz-content-sha256': [{ key: 'X-Amz-Content-Sha256', value: 'ab'.repeat(32) }] };
  const answer = await handler(event({ headers, body: body(Buffer.from('x')) }));
  expect(hashOf(answer)).toEqual([{ key: 'X-Amz-Content-Sha256', value: contentHash(Buffer.from('x')) }]);
});

it('leaves what reads alone', async () => {
  expect(hashOf(await handler(event({ method: 'GET', body: body(Buffer.alloc(0)) })))).toBeUndefined();
});

it('refuses a body of which it saw only the beginning: its hash would be of something else', async () => {
  const answer = await handler(event({ body: body(Buffer.from('x'), true) }));
  const [status, title] = PROBLEMS.body_too_large;
  expect(answer).toMatchObject({ status: String(status) });
  const problem = JSON.parse(answer && 'body' in answer ? String(answer.body) : '');
  expect(problem).toMatchObject({ code: 'body_too_large', status, title, type: '/docs#body_too_large' });
});
