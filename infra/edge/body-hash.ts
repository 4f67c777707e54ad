import type { CloudFrontRequestEvent, CloudFrontRequestResult } from 'aws-lambda';
import { contentHash } from '../../src/domain/content-hash.ts';
import { CONTENT_HASH } from '../../src/lambda/edge-headers.ts';

/** Where a PSP's call-back is longer than this, CloudFront shows the function no more of it. */
const TOO_LARGE = {
  status: '413',
  statusDescription: 'Content Too Large',
  headers: {
    'content-type': [{ key: 'Content-Type', value: 'application/problem+json' }],
    'cache-control': [{ key: 'Cache-Control', value: 'no-store' }],
  },
  body: JSON.stringify({
    type: '/docs#body_too_large',
    title: 'The body is too large',
    status: 413,
    detail: 'The body is longer than the edge takes. Send less.',
    code: 'body_too_large',
    request_id: 'edge',
  }),
};

/**
 * Lambda@Edge, before CloudFront signs: hashes bodies whose senders cannot be asked to. A PSP sends its call-backs as
 * it does to everybody, and a browser its forms. Merchants hash theirs themselves: here each request is paid for.
 */
export async function handler({
  Records: [record],
}: CloudFrontRequestEvent): Promise<CloudFrontRequestResult> {
  if (!record) throw new Error('CloudFront sent no request.');
  const { request } = record.cf;
  const { body, method, headers } = request;
  if (body?.inputTruncated) return TOO_LARGE;
  if (method === 'GET' || method === 'HEAD') return request;
  const bytes = Buffer.from(body?.data ?? '', body?.encoding === 'text' ? 'utf8' : 'base64');
  headers[CONTENT_HASH] = [{ key: 'X-Amz-Content-Sha256', value: contentHash(bytes) }];
  return request;
}
