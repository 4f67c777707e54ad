import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningService, startService } from './service.fixture.ts';

let service: RunningService;

beforeAll(async () => {
  service = await startService();
  await service.pay({ payment_id: 'done' });
  await service.pay({ payment_id: 'held', capture_method: 'manual' });
});
afterAll(() => service.stop());

/** Where the faults of a body are, as JSON pointers. */
async function pointersOf(path: string, body: unknown): Promise<unknown> {
  const { status, json } = await service.call<{ code: string; errors: { pointer: string }[] }>('POST', path, {
    body,
  });
  expect([status, json.code]).toEqual([400, 'invalid_request']);
  return json.errors.map(({ pointer }) => pointer);
}

const long = (length: number) => 'x'.repeat(length);
const keys = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, '']));

describe('POST /payments refuses, with the place of the fault', () => {
  it.each([
    ['no amount', {}, ['/amount']],
    ['an amount of null', { amount: null }, ['/amount']],
    ['an amount of 0', { amount: 0 }, ['/amount']],
    ['a negative amount', { amount: -1 }, ['/amount']],
    ['an amount that is too large', { amount: 1_000_000_000_000 }, ['/amount']],
    ['a fraction of a minor unit', { amount: 10.5 }, ['/amount']],
    ['an amount as text', { amount: '1000' }, ['/amount']],
    ['an unknown field', { amount: 1, amuont: 2 }, ['/amuont']],
    ['an unknown field whose name needs escaping', { amount: 1, 'a/b~c': 2 }, ['/a~1b~0c']],
    ['two unknown fields', { amount: 1, a: 1, b: 1 }, ['/a', '/b']],
    [
      'faults in several fields',
      { amount: 0, currency: 'usdd', payment_id: 'a b' },
      ['/payment_id', '/amount', '/currency'],
    ],
    ['a currency that is none', { amount: 1, currency: 'xyz' }, ['/currency']],
    ['a currency without money', { amount: 1, currency: 'xau' }, ['/currency']],
    ['an empty currency', { amount: 1, currency: '' }, ['/currency']],
    ['an empty id', { amount: 1, payment_id: '' }, ['/payment_id']],
    ['an id that is too long', { amount: 1, payment_id: long(65) }, ['/payment_id']],
    ['an id with a dot', { amount: 1, payment_id: 'a.b' }, ['/payment_id']],
    ['an id with a line break', { amount: 1, payment_id: 'a\n' }, ['/payment_id']],
    ['an id that is a number', { amount: 1, payment_id: 12 }, ['/payment_id']],
    ['an unknown capture method', { amount: 1, capture_method: 'Manual' }, ['/capture_method']],
    ['an empty payment method', { amount: 1, payment_method: '' }, ['/payment_method']],
    ['a payment method that is too long', { amount: 1, payment_method: long(256) }, ['/payment_method']],
    ['a description that is too long', { amount: 1, description: long(501) }, ['/description']],
    ['half of a surrogate pair', { amount: 1, description: '\ud83e' }, ['/description']],
    ['metadata that is a list', { amount: 1, metadata: ['a'] }, ['/metadata']],
    ['a metadata value that is a number', { amount: 1, metadata: { a: 1 } }, ['/metadata/a']],
    ['a metadata value that is null', { amount: 1, metadata: { a: null } }, ['/metadata/a']],
    ['a metadata value that is too long', { amount: 1, metadata: { a: long(501) } }, ['/metadata/a']],
    [
      'a metadata key that is too long',
      { amount: 1, metadata: { [long(41)]: '' } },
      [`/metadata/${long(41)}`],
    ],
    ['an empty metadata key', { amount: 1, metadata: { '': '' } }, ['/metadata/']],
    ['51 metadata keys', { amount: 1, metadata: keys(51) }, ['/metadata']],
    ['a return address that is none', { amount: 1, return_url: 'shop.example' }, ['/return_url']],
    ['a return address that is a script', { amount: 1, return_url: 'javascript:alert(1)' }, ['/return_url']],
    ['a list', [], ['']],
    ['a text', 'amount', ['']],
    ['null', null, ['']],
  ])('%s', async (_, body, pointers) => {
    expect(await pointersOf('/payments', body)).toEqual(pointers);
  });

  it('no body at all', async () => {
    const { status, json } = await service.call('POST', '/payments');
    expect([status, json.errors]).toMatchObject([400, [{ pointer: '/amount' }]]);
  });

  it('more faults than it tells: the rest would repeat the lesson', async () => {
    const unknown = Object.fromEntries(Array.from({ length: 300 }, (_, n) => [`f${n}`, 1]));
    expect(await pointersOf('/payments', { amount: 1, ...unknown })).toHaveLength(20);
  });

  it('nothing at the limits themselves', async () => {
    const most = {
      payment_id: long(64),
      amount: 1,
      description: long(500),
      payment_method: `pm_${long(252)}`,
    };
    const metadata = { ...keys(49), [long(40)]: '💳'.repeat(500) };
    expect((await service.pay({ ...most, metadata })).status).toBe(201);
  });
});

describe('operations refuse, with the place of the fault', () => {
  it.each([
    ['/payments/held/capture', { amount: 0 }, ['/amount']],
    ['/payments/held/capture', { reason: 'x' }, ['/reason']],
    ['/payments/held/cancel', { reason: long(501) }, ['/reason']],
    ['/payments/held/cancel', { reason: 1, amount: 1 }, ['/reason', '/amount']],
    ['/payments/done/refunds', { amount: 0.1 }, ['/amount']],
    ['/payments/done/refunds', { refund_id: 'a/b' }, ['/refund_id']],
    ['/payments/done/refunds', { reason: '\udc00' }, ['/reason']],
    ['/payments/none/refunds', [], ['']],
  ])('%s with %j', async (path, body, pointers) => {
    expect(await pointersOf(path, body)).toEqual(pointers);
  });

  it.each([
    ['an empty key', ''],
    ['a quoted empty key', '""'],
    ['a key that is too long', long(256)],
    ['a quote that is not closed', '"abc'],
    ['parameters after a quoted key', '"abc";q=1'],
    ['what is not ASCII', 'caf\u00e9'],
  ])('an Idempotency-Key that is %s', async (_, value) => {
    for (const path of ['/payments', '/payments/done/refunds', '/payments/held/cancel']) {
      const { json } = await service.call('POST', path, {
        body: { amount: 1 },
        headers: { 'Idempotency-Key': value },
      });
      expect(json).toMatchObject({ code: 'invalid_request', errors: [{ pointer: 'Idempotency-Key' }] });
    }
  });

  it('after all that was refused, nothing has changed', async () => {
    expect((await service.get('held')).json).toMatchObject({ status: 'authorized', version: 2 });
    expect((await service.get('done')).json).toMatchObject({ amount_refundable: 1000, version: 2 });
  });
});

describe('GET /payments refuses', () => {
  it.each([
    ['limit=0', '?limit'],
    ['limit=101', '?limit'],
    ['limit=-1', '?limit'],
    ['limit=1e1', '?limit'],
    ['limit=', '?limit'],
    ['limit=1&limit=2', '?limit'],
    ['status=paid', '?status'],
    ['status=', '?status'],
    ['cursor=', '?cursor'],
    ['cursor=abc', '?cursor'],
    ['created_after=yesterday', '?created_after'],
    ['created_after=2026-02-30T00:00:00Z', '?created_after'],
    ['created_before=2026-01-01', '?created_before'],
    ['created_before=2026-01-01T00:00:00', '?created_before'],
    ['created_before=1767225600000', '?created_before'],
    ['Limit=1', '?Limit'],
    ['?limit=1', '??limit'],
    ['__proto__=1', '?__proto__'],
  ])('?%s', async (query, pointer) => {
    const { status, json } = await service.call('GET', `/payments?${query}`);
    expect([status, json]).toMatchObject([400, { code: 'invalid_request', errors: [{ pointer }] }]);
  });

  it.each([
    'created_after=2026-01-01T00:00:00Z',
    'created_after=2026-01-01T00:00:00.123456789Z',
    'created_before=2026-01-01T00:00:00%2B01:00',
    'created_before=9999-12-31T23:59:59-23:59',
    'created_after=0000-01-01T00:00:00%2B23:59',
    '',
  ])('not ?%s', async (query) => {
    expect((await service.call('GET', `/payments?${query}`)).status).toBe(200);
  });
});
