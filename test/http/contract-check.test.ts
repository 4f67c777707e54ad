import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from './answer-rules.ts';
import { type ContractCheck, createContractCheck } from './contract-check.ts';
import { type RunningService, startService } from './service.fixture.ts';

let service: RunningService;
let check: ContractCheck;
let payment: Answer;
let refused: Answer;

beforeAll(async () => {
  service = await startService();
  check = createContractCheck(service.document, true);
  await service.pay({ payment_id: 'p1' });
  payment = await service.call('GET', '/payments/p1');
  refused = await service.call('GET', '/payments/none');
});
afterAll(() => service.stop());

const GET = { method: 'GET', path: '/payments/p1' };

function without(answer: Answer, header: string): Answer {
  const { [header]: _, ...headers } = answer.headers;
  return { ...answer, headers };
}

describe('the check of the contract', () => {
  it('lets pass what is documented', () => {
    expect(() => check(GET, payment)).not.toThrow();
    expect(() => check(GET, refused)).not.toThrow();
  });

  it.each<[string, () => Answer]>([
    ['a status that is not documented', () => ({ ...payment, status: 202 })],
    ['a field that is not documented', () => ({ ...payment, json: { ...payment.json, secret: 1 } })],
    ['a field that is missing', () => ({ ...payment, json: { ...payment.json, amount: undefined } })],
    ['a field of another type', () => ({ ...payment, json: { ...payment.json, amount: '1000' } })],
    ['a time that is none', () => ({ ...payment, json: { ...payment.json, created_at: 'today' } })],
    [
      'a header that is not documented',
      () => ({ ...payment, headers: { ...payment.headers, 'x-debug': '1' } }),
    ],
    ['no Request-Id', () => without(payment, 'request-id')],
    ['no RateLimit', () => without(payment, 'ratelimit')],
    ['no Cache-Control', () => without(payment, 'cache-control')],
    [
      'another content type',
      () => ({ ...payment, headers: { ...payment.headers, 'content-type': 'text/html' } }),
    ],
    [
      'a code that is not documented',
      () => ({ ...refused, json: { ...refused.json, code: 'rate_limited' } }),
    ],
    [
      'another request_id than the header',
      () => ({ ...refused, json: { ...refused.json, request_id: 'req_x' } }),
    ],
    ['13 digits in the detail', () => ({ ...refused, json: { ...refused.json, detail: '1234567890123' } })],
  ])('does not let pass %s', (_, changed) => {
    const original = changed();
    expect(() => check(GET, original)).toThrow(/GET \/payments\/p1/);
  });

  it('does not let pass an answer where there is no route, nor another method, nor a wrong Allow', () => {
    expect(() => check({ method: 'GET', path: '/nowhere' }, payment)).toThrow(
      'a path that is not documented',
    );
    expect(() => check({ method: 'PUT', path: '/payments/p1' }, payment)).toThrow(
      'the method is not documented',
    );
    const notAllowed = { ...refused, status: 405, headers: { ...refused.headers, allow: 'GET' } };
    const json = {
      ...refused.json,
      status: 405,
      code: 'method_not_allowed',
      type: '/docs#method_not_allowed',
    };
    expect(() => check({ method: 'PUT', path: '/payments/p1' }, { ...notAllowed, json })).toThrow(
      'Allow is GET',
    );
  });
});
