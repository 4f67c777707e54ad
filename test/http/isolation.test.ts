import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from './answer-rules.ts';
import { ALL_SCOPES, type PaymentJson, type RunningService, startService } from './service.fixture.ts';

let service: RunningService;
/** The same, but that it has no payments: what an id that exists nowhere is answered with. */
let empty: RunningService;
/** Keys of another merchant, and of the other mode of the merchant who owns the payments. */
let strangers: Record<'another merchant' | 'the other mode', string>;

beforeAll(async () => {
  service = await startService();
  empty = await startService();
  strangers = {
    'another merchant': await service.makeKey({ merchant: 'stranger' }),
    'the other mode': await service.makeKey({ livemode: true, scopes: ALL_SCOPES }),
  };
  await service.pay({ payment_id: 'done', metadata: { mine: 'treasure' } });
  await service.refund('done', { refund_id: 'part', amount: 100 });
  await service.pay({ payment_id: 'held', capture_method: 'manual' });
  await service.pay({ payment_id: 'asked', payment_method: 'pm_card_authenticationRequired' });
  await service.pay({ payment_id: 'failed', payment_method: 'pm_card_chargeDeclined' });
  await service.pay({}, { headers: { 'Idempotency-Key': 'by-key' } });
});
afterAll(async () => {
  await empty.stop();
  await service.stop();
});

const IDS = ['done', 'held', 'asked', 'failed', 'part', 'charge.1'];
const ROUTES = [
  ['GET', ''],
  ['GET', '/history'],
  ['GET', '/refunds'],
  ['GET', '/refunds/part'],
  ['GET', '/refunds/charge.1'],
  ['POST', '/capture'],
  ['POST', '/cancel'],
  ['POST', '/refunds'],
] as const;

function bytes({ status, headers, text }: Answer): string {
  const id = String(headers['request-id']);
  const { date: _, 'request-id': __, ratelimit: ___, ...rest } = headers;
  return JSON.stringify([status, rest, text.replace(id, '')]);
}

describe.each(['another merchant', 'the other mode'] as const)('to %s', (who) => {
  it.each(ROUTES)(
    '%s …%s answers the same 404 for an id that is there and for one that is nowhere',
    async (method, rest) => {
      const key = strangers[who];
      const keyThere = await empty.makeKey({ merchant: 'stranger', livemode: who === 'the other mode' });
      for (const id of IDS) {
        const path = `/payments/${id}${rest}`;
        const here = await service.call(method, path, { key });
        const there = await empty.call(method, path, { key: keyThere });
        expect(here.json.code).toBe('not_found');
        expect(bytes(here)).toBe(bytes(there));
        const keyed = { key, headers: { 'Idempotency-Key': 'by-key' } };
        expect((await service.call(method, path, keyed)).text.length).toBe(there.text.length);
      }
    },
  );

  it('nothing is listed, and no cursor leads there', async () => {
    const { json } = await service.call('GET', '/payments?limit=100', { key: strangers[who] });
    expect(json).toEqual({ data: [], has_more: false, next_cursor: null });
  });

  it('no answer holds anything of it', async () => {
    const paths = ['/payments', '/payments/done', '/payments/done/history', '/payments/done/refunds'];
    const answers = await Promise.all(
      paths.map((path) => service.call('GET', path, { key: strangers[who] })),
    );
    for (const { text } of answers) expect(text).not.toMatch(/treasure|acme|sim_|completed/);
  });
});

it('after all that was asked by strangers, nothing has changed', async () => {
  const payments = await Promise.all(['done', 'held', 'asked', 'failed'].map((id) => service.get(id)));
  expect(payments.map(({ json }) => [json.status, json.version])).toEqual([
    ['completed', 4],
    ['authorized', 2],
    ['requires_action', 2],
    ['failed', 2],
  ]);
});

describe('two merchants with the same payment id', () => {
  it('have two payments and two charges, each its own', async () => {
    const keys = [await service.makeKey({ merchant: 'left' }), await service.makeKey({ merchant: 'right' })];
    const [left, right] = await Promise.all(
      keys.map((key, n) => service.pay({ payment_id: 'order-1', amount: 100 + n }, { key })),
    );
    const payments = [left?.json, right?.json] as [PaymentJson, PaymentJson];
    expect(payments.map(({ status, amount }) => [status, amount])).toEqual([
      ['completed', 100],
      ['completed', 101],
    ]);
    expect(payments[0].psp_reference).not.toBe(payments[1].psp_reference);
    const [key, otherKey] = keys as [string, string];
    await service.refund('order-1', { refund_id: 'r', amount: 100 }, { key });
    const other = await service.get('order-1', { key: otherKey });
    expect(other.json).toMatchObject({ amount_refunded: 0, amount_refundable: 101 });
    expect((await service.call('GET', '/payments/order-1/refunds/r', { key: otherKey })).status).toBe(404);
  });

  it('have two payments by the same Idempotency-Key, and neither learns of the other', async () => {
    const headers = { 'Idempotency-Key': 'same' };
    const mine = await service.pay({ amount: 1 }, { headers });
    const theirs = await service.pay({ amount: 2 }, { headers, key: strangers['another merchant'] });
    expect([mine.status, theirs.status]).toEqual([201, 201]);
    expect(theirs.headers['idempotent-replayed']).toBeUndefined();
    expect(theirs.json.payment_id).not.toBe(mine.json.payment_id);
  });
});

it('no line of the log about one merchant names an id of another', async () => {
  const key = await service.makeKey({ merchant: 'quiet' });
  await service.pay({ payment_id: 'quiet-1' }, { key });
  await service.get('done', { key });
  const logged = await service.logged();
  const lines = logged.split('\n').filter((line) => line.includes('"merchant_id":"quiet"'));
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(line).not.toMatch(/acme|"done"|stranger/);
});
