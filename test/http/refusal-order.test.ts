import type { OutgoingHttpHeaders } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningService, startService } from './service.fixture.ts';

let service: RunningService;
/** Of merchants who have used up their quota; the first may not refund either. */
let reader: string;
let busy: string;

beforeAll(async () => {
  service = await startService({ RATE_LIMIT_PER_SECOND: '1', RATE_LIMIT_BURST: '400' });
  reader = await service.makeKey({ merchant: 'reader', scopes: ['payments:read', 'payments:write'] });
  busy = await service.makeKey({ merchant: 'busy' });
  await service.pay({ payment_id: 'p1' });
  await service.refund('p1', { refund_id: 'used', amount: 1 });
});
afterAll(() => service.stop());

interface Request {
  method: string;
  path: string;
  query: string;
  key: string | null;
  headers: OutgoingHttpHeaders;
  raw: string;
}

interface Fault {
  code: string;
  /** What it changes of the request. */
  change(): Partial<Request> | Promise<Partial<Request>>;
}

/** Uses up the quota of the merchant. */
async function exhausted(key: string): Promise<Partial<Request>> {
  let status = 0;
  while (status !== 429) status = (await service.call('GET', '/payments', { key })).status;
  return { key };
}

/** What can be wrong with a refund of a payment that can be refunded, in the order of api.md. */
const FAULTS: readonly Fault[] = [
  { code: 'not_found', change: () => ({ path: '/payments/p1/nothing' }) },
  { code: 'method_not_allowed', change: () => ({ method: 'PUT' }) },
  { code: 'missing_key', change: () => ({ key: null }) },
  { code: 'invalid_key', change: () => ({ key: 'tg_test_4242424242424242' }) },
  { code: 'insufficient_scope', change: () => exhausted(reader) },
  { code: 'rate_limited', change: () => exhausted(busy) },
  { code: 'body_too_large', change: () => ({ raw: '{'.padEnd(8_193, '4242-') }) },
  { code: 'unsupported_media_type', change: () => ({ headers: { 'Content-Type': 'text/plain' } }) },
  { code: 'not_acceptable', change: () => ({ headers: { Accept: 'text/html' } }) },
  { code: 'duplicate_header', change: () => ({ headers: { Prefer: ['wait=1', 'wait=1'] } }) },
  { code: 'malformed_json', change: () => ({ raw: '{"amount": 4242424242424242' }) },
  { code: 'card_number_detected', change: () => ({ headers: { 'Idempotency-Key': '4242 4242 4242 4242' } }) },
  { code: 'invalid_request', change: () => ({ query: '?nothing=1' }) },
];

/** What can be wrong with the payment itself: one at a time. */
const STATES: readonly Fault[] = [
  { code: 'not_found', change: () => ({ path: '/payments/none/refunds' }) },
  { code: 'idempotency_mismatch', change: () => ({ raw: '{"refund_id":"used","amount":2}' }) },
  { code: 'refund_exceeds_captured', change: () => ({ raw: '{"amount":1000001}' }) },
];

async function withFault(request: Request, fault: Fault): Promise<Request> {
  const changed = await fault.change();
  return { ...request, ...changed, headers: { ...request.headers, ...changed.headers } };
}

function aRefund(): Request {
  const headers = { 'Content-Type': 'application/json' };
  return {
    method: 'POST',
    path: '/payments/p1/refunds',
    query: '',
    key: service.key,
    headers,
    raw: '{"amount":1}',
  };
}

async function codeOf(request: Request): Promise<unknown> {
  const { method, path, query, ...options } = request;
  const { json } = await service.call(method, path + query, options);
  // A token comes back each second, and may have done so just now; then it is used up, and there is no other.
  if (request.key === busy && json.code !== 'rate_limited') {
    return (await service.call(method, path + query, options)).json.code;
  }
  return json.code;
}

describe('of several faults, the one that api.md names first is told', () => {
  it('when nothing is wrong, the refund is accepted', async () => {
    expect(await codeOf(aRefund())).toBeUndefined();
  });

  const all = [...FAULTS, ...STATES];
  const pairs = FAULTS.flatMap((first, place) =>
    all.slice(place + 1).map((later) => [first, later] as const),
  );
  const told = pairs.map(([first, later]) => [first.code, later.code, first, later] as const);

  it.each(told)('%s before %s', async (_, __, first, later) => {
    const wrong = await withFault(aRefund(), later);
    expect(await codeOf(wrong)).toBe(later.code);
    expect(await codeOf(await withFault(wrong, first))).toBe(first.code);
  });

  it('a replay or a mismatch before the state of the payment', async () => {
    const key = await service.makeKey({ merchant: 'replays' });
    const headers = { 'Idempotency-Key': 'k1' };
    await service.pay({ payment_id: 'p1', capture_method: 'manual' }, { key });
    await service.ask('p1', 'capture', { amount: 400 }, { key, headers });
    const replayed = await service.ask('p1', 'capture', { amount: 400 }, { key, headers });
    expect([replayed.status, replayed.json.status]).toEqual([202, 'completed']);
    const codes = [
      (await service.ask('p1', 'capture', { amount: 500 }, { key, headers })).json,
      (await service.ask('p1', 'capture', { amount: 400 }, { key })).json,
    ];
    expect(codes).toMatchObject([{ code: 'idempotency_mismatch' }, { code: 'payment_not_capturable' }]);
  });
});
