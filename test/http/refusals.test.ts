import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningService, startService } from './service.fixture.ts';

let service: RunningService;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

describe('401', () => {
  it.each([
    ['missing_key', undefined],
    ['missing_key', ''],
    ['invalid_key', 'Bearer'],
    ['invalid_key', 'Bearer '],
    ['invalid_key', 'Basic dXNlcjpwYXNz'],
    ['invalid_key', 'Bearer tg_test_abc_def'],
    [
      'invalid_key',
      'Bearer tg_test_0000000000000000_00000000000000000000000000000000000000000000000000001234AB',
    ],
    ['invalid_key', `Bearer ${'x'.repeat(5_000)}`],
    ['invalid_key', 'Bearer a b'],
  ])('%s for Authorization: %s', async (code, authorization) => {
    const headers = authorization === undefined ? {} : { Authorization: authorization };
    for (const [method, path] of [
      ['GET', '/payments'],
      ['POST', '/payments'],
      ['POST', '/payments/p/refunds'],
    ] as const) {
      const { status, json } = await service.call(method, path, { key: null, headers });
      expect([status, json.code]).toEqual([401, code]);
    }
  });

  it('is one answer, but for its id, to a key that is unknown, revoked, expired, or has a wrong secret', async () => {
    const revoked = await service.makeKey();
    await service.tool.keys.revoke(revoked.split('_')[2] as string, '2026-01-01T00:00:00.000Z');
    const expired = await service.makeKey({ expiresAt: '2020-01-01T00:00:00.000Z' });
    const mistyped = service.key.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    const live = service.key.replace('tg_test_', 'tg_live_');
    const answers = await Promise.all(
      [revoked, expired, mistyped, live].map((key) => service.call('GET', '/payments', { key })),
    );
    const texts = answers.map(({ text, headers }) => text.replace(headers['request-id'] as string, ''));
    expect(new Set(texts).size).toBe(1);
    expect(answers[0]?.json.code).toBe('invalid_key');
  });

  it('refuses a key soon after its revocation, and takes the one beside it', async () => {
    const [old, next] = [await service.makeKey(), await service.makeKey()];
    const statusOf = async (key: string) => (await service.call('GET', '/payments', { key })).status;
    expect([await statusOf(old), await statusOf(next)]).toEqual([200, 200]);
    await service.tool.keys.revoke(old.split('_')[2] as string, '2026-01-01T00:00:00.000Z');
    // A second is promised; were it never refused, this would not end.
    while ((await statusOf(old)) === 200);
    expect([await statusOf(old), await statusOf(next)]).toEqual([401, 200]);
  });

  it('takes the scheme in any case', async () => {
    const headers = { Authorization: `bEARER  ${service.key} ` };
    expect((await service.call('GET', '/payments', { key: null, headers })).status).toBe(200);
  });
});

describe('403 insufficient_scope', () => {
  it.each([
    ['payments:read', 'GET', '/payments'],
    ['payments:read', 'GET', '/payments/p'],
    ['payments:read', 'GET', '/payments/p/history'],
    ['payments:read', 'GET', '/payments/p/refunds'],
    ['payments:read', 'GET', '/payments/p/refunds/r'],
    ['payments:write', 'POST', '/payments'],
    ['payments:write', 'POST', '/payments/p/capture'],
    ['payments:write', 'POST', '/payments/p/cancel'],
    ['refunds:write', 'POST', '/payments/p/refunds'],
  ] as const)('without %s: %s %s', async (scope, method, path) => {
    const others = (['payments:read', 'payments:write', 'refunds:write', 'admin'] as const).filter(
      (other) => other !== scope,
    );
    const without = await service.makeKey({ scopes: others });
    const only = await service.makeKey({ scopes: [scope] });
    expect((await service.call(method, path, { key: without })).json.code).toBe('insufficient_scope');
    expect((await service.call(method, path, { key: only })).status).not.toBe(403);
  });

  it('for a payment with a live key, which no connector here takes', async () => {
    const key = await service.makeKey({ livemode: true });
    const { status, json } = await service.pay({}, { key });
    expect([status, json]).toMatchObject([403, { code: 'insufficient_scope' }]);
    expect((await service.call('GET', '/payments', { key })).json.data).toEqual([]);
  });
});

describe('406, 413 and 415', () => {
  it.each(['application/xml', 'text/*', 'application/json;q=0', '*/*;q=0', 'application/*;q=0, text/html'])(
    'Accept: %s is not_acceptable',
    async (accept) => {
      const { status, json } = await service.call('GET', '/payments', { headers: { Accept: accept } });
      expect([status, json.code]).toEqual([406, 'not_acceptable']);
    },
  );

  it.each([
    '*/*',
    'application/*',
    'text/html, */*;q=0.1',
    'APPLICATION/JSON',
    'application/json; charset=utf-8',
    '',
  ])('Accept: %s is', async (accept) => {
    expect((await service.call('GET', '/payments', { headers: { Accept: accept } })).status).toBe(200);
  });

  it.each([
    undefined,
    'text/plain',
    'application/x-www-form-urlencoded',
    'application/json; charset=latin1',
    'json',
    '',
  ])('a body with Content-Type: %s is unsupported_media_type', async (type) => {
    const headers = type === undefined ? {} : { 'Content-Type': type };
    const { status, json } = await service.call('POST', '/payments', { raw: '{"amount":1}', headers });
    expect([status, json.code]).toEqual([415, 'unsupported_media_type']);
  });

  it.each(['application/json; charset=UTF-8', 'Application/JSON;charset="utf-8"'])(
    '%s is supported',
    async (type) => {
      const headers = { 'Content-Type': type };
      expect((await service.call('POST', '/payments', { raw: '{"amount":1}', headers })).status).toBe(201);
    },
  );

  it('takes a body of exactly the limit, and refuses one more byte as body_too_large', async () => {
    const headers = { 'Content-Type': 'application/json' };
    const most = '{"amount":1}'.padEnd(8_192);
    expect((await service.call('POST', '/payments', { raw: most, headers })).status).toBe(201);
    const { status, json } = await service.call('POST', '/payments', { raw: `${most} `, headers });
    expect([status, json.code]).toEqual([413, 'body_too_large']);
  });
});

describe('400', () => {
  it.each([
    '{',
    '{"amount":1,}',
    "{'amount':1}",
    '{"amount":1}{}',
    'amount=1',
    '\ufeff{"amount":1}',
    '{"amount":01}',
    'NaN',
    '{"a":"\n"}',
    ' ',
  ])('malformed_json for %j', async (raw) => {
    const headers = { 'Content-Type': 'application/json' };
    expect((await service.call('POST', '/payments', { raw, headers })).json.code).toBe('malformed_json');
  });

  it('malformed_json for bytes that are not UTF-8', async () => {
    const raw = Buffer.from('{"amount":1,"description":"caf\u00e9"}', 'latin1');
    const headers = { 'Content-Type': 'application/json' };
    expect((await service.call('POST', '/payments', { raw, headers })).json.code).toBe('malformed_json');
  });

  it.each(['Authorization', 'Idempotency-Key', 'Content-Type', 'Prefer'])(
    'duplicate_header for %s, sent twice with one value or two',
    async (name) => {
      const values: Record<string, [string, string]> = {
        Authorization: [`Bearer ${service.key}`, `Bearer ${await service.makeKey()}`],
        'Idempotency-Key': ['a', 'b'],
        'Content-Type': ['application/json', 'text/plain'],
        Prefer: ['wait=1', 'respond-async'],
      };
      const [one, other] = values[name] as [string, string];
      for (const twice of [
        [one, one],
        [one, other],
      ]) {
        const { status, json } = await service.pay({}, { headers: { [name]: twice } });
        expect([status, json]).toMatchObject([
          400,
          { code: 'duplicate_header', detail: expect.stringContaining(name) },
        ]);
      }
    },
  );
});
