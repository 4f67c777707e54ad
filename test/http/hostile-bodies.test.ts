import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningService, startService } from './service.fixture.ts';

let service: RunningService;

beforeAll(async () => {
  service = await startService({ MAX_BODY_BYTES: String(MOST_BYTES) });
  await service.pay({ payment_id: 'done' });
  await service.pay({ payment_id: 'held', capture_method: 'manual' });
});
afterAll(() => service.stop());

const ROUTES = ['/payments', '/payments/held/capture', '/payments/held/cancel', '/payments/done/refunds'];
/** More than the default: what is not linear in its length shows. */
const MOST_BYTES = 262_144;
const DEEP = 100_000;

async function send(path: string, raw: string): Promise<[number, unknown]> {
  const { status, json } = await service.call('POST', path, {
    raw,
    headers: { 'Content-Type': 'application/json' },
  });
  return [status, json.code];
}

describe('is refused, and never a fault:', () => {
  it.each([
    ['deep lists', '['.repeat(DEEP) + ']'.repeat(DEEP)],
    ['deep objects', `${'{"a":'.repeat(40_000)}1${'}'.repeat(40_000)}`],
    ['deep lists in metadata', `{"amount":1,"metadata":{"a":${'['.repeat(DEEP)}${']'.repeat(DEEP)}}}`],
    ['nesting that never ends', '['.repeat(DEEP)],
    ['as many digits as there is room for', `{"amount":${'1'.repeat(MOST_BYTES - 20)}}`],
    ['digits with dashes between', `{"x":"${'4-'.repeat(DEEP)}"}`],
    ['digits that are nearly card numbers', `{"x":"${'4242424242424241 '.repeat(15_000)}"}`],
    ['many fields', `{${Array.from({ length: 20_000 }, (_, n) => `"f${n}":1`).join()}}`],
    ['a long name', `{"${'n'.repeat(DEEP)}":1}`],
    ['__proto__', '{"amount":1,"__proto__":{"amount":2}}'],
    ['__proto__ escaped', '{"amount":1,"\\u005f_proto__":{"amount":2}}'],
    ['constructor', '{"amount":1,"constructor":{"prototype":{"polluted":1}}}'],
    ['toString and friends', '{"amount":1,"toString":1,"valueOf":1,"hasOwnProperty":1,"toJSON":1}'],
    ['1e999', '{"amount":1e999}'],
    ['-1e999', '{"amount":-1e999}'],
    ['1e-999', '{"amount":1e-999}'],
    ['-0', '{"amount":-0}'],
    ['a number just above the safe ones', '{"amount":9007199254740993}'],
    ['true', 'true'],
    ['half a surrogate pair in a name', '{"amount":1,"\\ud83e":1}'],
    ['half a surrogate pair in an id', '{"amount":1,"payment_id":"\\udfff","refund_id":"\\udfff"}'],
    ['NUL in an id', '{"amount":1,"payment_id":"a\\u0000","refund_id":"a\\u0000"}'],
    ['a raw NUL', '{"amount":1}\u0000'],
    ['an array in the shape of an object', '[["amount",1]]'],
    [
      'objects where texts belong',
      '{"amount":{"$gt":0},"reason":{"toString":"x"},"payment_id":{"a":1},"currency":[]}',
    ],
  ])('%s', async (_, raw) => {
    for (const path of ROUTES) {
      const [status, code] = await send(path, raw);
      expect([400, 'invalid_request malformed_json'.includes(String(code))]).toEqual([status, true]);
    }
  });

  it('__proto__ in metadata, in a query and in a header', async () => {
    expect(await send('/payments', '{"amount":1,"metadata":{"__proto__":"x"}}')).toEqual([
      400,
      'invalid_request',
    ]);
    const { status } = await service.call('POST', '/payments?__proto__[x]=1', { body: { amount: 1 } });
    expect(status).toBe(400);
    const headers = { __proto__x: '1', 'Idempotency-Key': '__proto__' };
    expect((await service.pay({}, { headers })).status).toBe(201);
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe('is taken for what it says:', () => {
  it('the last of repeated keys, as JSON parsers do', async () => {
    const raw = '{"payment_id":"twice","amount":1,"amount":2}';
    expect((await send('/payments', raw))[0]).toBe(201);
    expect((await service.get('twice')).json.amount).toBe(2);
  });

  it.each(['1000', '1e3', '1000.0', '10.00E2'])('the number %s', async (amount) => {
    expect(
      (await send('/payments', `{"payment_id":"n-${amount.replace('.', '_')}","amount":${amount}}`))[0],
    ).toBe(201);
    expect((await service.get(`n-${amount.replace('.', '_')}`)).json.amount).toBe(1000);
  });

  it('text with NUL, bidirectional marks and everything else that is Unicode', async () => {
    const description = `\u0000\u0001\u200b\u202e\ufeff\ufffe\u2028\u{10ffff}'";--\\u0000<!--`;
    const metadata = {
      constructor: 'x',
      toString: 'y',
      hasOwnProperty: 'z',
      '\u0000': '\u0000',
      length: '0',
    };
    const made = await service.pay({ payment_id: 'odd', description, metadata });
    expect(made.status).toBe(201);
    expect((await service.get('odd')).json).toMatchObject({ status: 'completed', description, metadata });
    const { json } = await service.call<{ data: { description: string }[] }>('GET', '/payments?limit=100');
    expect(json.data.some((payment) => payment.description === description)).toBe(true);
    expect((await service.refund('odd', { reason: description })).json.reason).toBe(description);
  });

  it('names of objects as ids', async () => {
    for (const id of ['__proto__', 'constructor', 'toString', '-', '_', '--help', '0']) {
      expect((await service.get(id)).status).toBe(404);
      expect((await service.pay({ payment_id: id })).json.status).toBe('completed');
      expect((await service.refund(id, { refund_id: id, amount: 1 })).json.status).toBe('succeeded');
      expect((await service.call('GET', `/payments/${id}/refunds/${id}`)).status).toBe(200);
    }
  });
});

describe('where no body is taken', () => {
  it.each(['', '{', 'garbage', '[1]', '\u00ff', '{"amount":1}'])('%j means nothing', async (raw) => {
    for (const path of ['/payments/done', '/payments/done/refunds', '/payments?limit=1', '/health']) {
      expect((await service.call('GET', path, { raw })).status).toBe(200);
    }
  });

  it('a card number is refused all the same', async () => {
    for (const raw of ['4242424242424242', '{"a":"4242 4242 4242 4242"}', '{"a":"\\u0034242424242424242"}']) {
      const { json } = await service.call('GET', '/payments/done', { raw });
      expect(json.code).toBe('card_number_detected');
    }
  });
});

it('after all that, no answer was a fault', async () => {
  const { text } = await service.call('GET', '/metrics');
  expect(text).not.toMatch(/status="5\d\d"/);
  expect(await service.logged()).not.toContain('"stack"');
});
