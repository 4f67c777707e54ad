import { describe, expect, it } from 'vitest';
import { createCloudFront, jsonRequest, type Refused } from '../../infra/edge/cloudfront.fixture.ts';
import { newKey } from '../app/api-keys.ts';
import { MERCHANT } from '../app/app.fixture.ts';
import { contentHash } from '../domain/content-hash.ts';
import { startGateway } from './gateway.fixture.ts';
import { addressOf, answerUrlEvent, askedOf } from './url-proxy.ts';

const CHARGE = { payment_id: 'p1', amount: 1_000 };

/** A body as somebody sends it who knows its hash. */
function hashed(body: string | Buffer) {
  return { body, headers: [['X-Amz-Content-Sha256', contentHash(Buffer.from(body))]] as const };
}

describe('the API through CloudFront', () => {
  it('answers as its contract says, from a payment to its refund and the list', async () => {
    const { world, callByUrl: call } = await startGateway();
    const payment = await call('POST', '/payments', { ...CHARGE, capture_method: 'manual' });
    expect(payment).toMatchObject({ status: 201, json: { payment_id: 'p1', status: 'processing' } });
    expect(payment.headers.location).toBe('/payments/p1');
    await world.drain();
    expect(await call('POST', '/payments/p1/capture', { amount: 600 })).toMatchObject({ status: 202 });
    await world.drain();
    const refund = await call('POST', '/payments/p1/refunds', { refund_id: 'r1', amount: 100 });
    expect(refund).toMatchObject({ status: 202 });
    await world.drain();
    expect((await call('GET', '/payments/p1')).json).toMatchObject({
      status: 'completed',
      amount_refunded: 100,
    });
    expect(await call('GET', '/payments')).toMatchObject({ json: { data: [{ payment_id: 'p1' }] } });
  });

  it.each(['/health', '/ready', '/openapi.json', '/docs'])('answers %s without a key', async (path) => {
    const { sendByUrl } = await startGateway();
    expect(await sendByUrl({ path })).toMatchObject({ status: 200 });
  });

  it('says 404 and 405 in the form of the application, and answers HEAD without a body', async () => {
    const { callByUrl: call } = await startGateway();
    await call('POST', '/payments', CHARGE);
    expect(await call('GET', '/nothing')).toMatchObject({ status: 404, json: { code: 'not_found' } });
    expect(await call('DELETE', '/payments/p1')).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD' },
    });
    expect(await call('HEAD', '/payments/p1')).toMatchObject({ status: 200, text: '' });
  });

  it('knows the client’s address and the host it asked, by CloudFront’s word alone', async () => {
    const headers = [
      ['X-Forwarded-For', '127.0.0.1'],
      ['X-Tollgate-Address', '127.0.0.1'],
      ['X-Tollgate-Host', 'evil.example'],
    ] as const;
    const event = await createCloudFront({ domainName: 'pay.example.com' })({ headers });
    if ('status' in event) throw new Error('fixture: refused');
    expect(askedOf(event).head.remoteAddress).toBe('203.0.113.7');
    expect(addressOf(event)).toBe('https://pay.example.com');
    expect(addressOf({ ...event, headers: {} })).toBeUndefined();
  });
});

describe('who asks', () => {
  it('is looked up by the key, which is not CloudFront’s signature', async () => {
    const { callByUrl: call, looked } = await startGateway();
    expect(await call('GET', '/payments')).toMatchObject({ status: 200 });
    expect(looked.up).toBe(1);
  });

  it('is refused without a key, with one that is nobody’s, and with one that may not', async () => {
    const { world, keys, sendByUrl, key } = await startGateway();
    const given = { merchantId: MERCHANT.merchant_id, livemode: false, expiresAt: null, nowMs: 0 };
    const reader = newKey({ ids: world.ids }, { ...given, scopes: ['payments:read'] });
    await keys.put(reader.stored);
    const unknown = newKey({ ids: world.ids }, { ...given, scopes: ['admin'] });
    const post = (authorization: string | null) => {
      const { body, headers } = hashed(JSON.stringify(CHARGE));
      const named = authorization === null ? [] : [['Authorization', authorization] as const];
      const type = ['Content-Type', 'application/json'] as const;
      return sendByUrl({ method: 'POST', path: '/payments', body, headers: [...named, type, ...headers] });
    };
    const answers = [
      await post(null),
      await post(`Bearer ${unknown.key}`),
      await post('Basic dTpw'),
      await post(`Bearer ${reader.key}`),
      await post(`Bearer ${key}`),
    ];
    expect(answers.map(({ status, json }) => [status, json.code])).toEqual([
      [401, 'missing_key'],
      [401, 'invalid_key'],
      [401, 'invalid_key'],
      [403, 'insufficient_scope'],
      [201, undefined],
    ]);
  });

  it('cannot be said in the name of the edge', async () => {
    const { key, sendByUrl } = await startGateway();
    const headers = [['X-Tollgate-Authorization', `Bearer ${key}`]] as const;
    const answer = await sendByUrl({ path: '/payments', headers });
    expect(answer).toMatchObject({ status: 401, json: { code: 'missing_key' } });
  });
});

describe('headers', () => {
  it('that may stand once are refused when they are sent twice', async () => {
    const { key, sendByUrl } = await startGateway();
    const own = [
      ['Authorization', `Bearer ${key}`],
      ['Content-Type', 'application/json'],
    ] as const;
    for (const twice of [
      [['Idempotency-Key', 'a'] as const, ['idempotency-key', 'a'] as const],
      [['authorization', `Bearer ${key}`] as const],
      [['content-type', 'text/plain'] as const],
    ]) {
      const { body, headers } = hashed(JSON.stringify(CHARGE));
      const request = { method: 'POST', path: '/payments', body, headers: [...own, ...headers, ...twice] };
      expect(await sendByUrl(request)).toMatchObject({ status: 400, json: { code: 'duplicate_header' } });
    }
  });

  it('with commas of their own are not taken for several', async () => {
    const event = await createCloudFront()({
      headers: [
        ['User-Agent', 'shop (linux, arm64)'],
        ['Accept', 'text/html'],
        ['Accept', 'application/json'],
      ],
    });
    if ('status' in event) throw new Error('fixture: refused');
    const { head } = askedOf(event);
    expect(head.header('user-agent')).toBe('shop (linux, arm64)');
    expect(head.header('accept')).toBe('text/html, application/json');
    expect([head.repeated('user-agent'), head.repeated('accept')]).toEqual([false, true]);
    expect(head.header('x-tollgate-host')).toBeUndefined();
  });
});

describe('a body', () => {
  it('is the bytes that were sent, as text or in base64', async () => {
    const { app, key, callByUrl: call } = await startGateway();
    const json = { ...CHARGE, description: 'Ünïcode ✓ 漢字' };
    expect((await call('POST', '/payments', json)).json.description).toBe(json.description);
    const event = await createCloudFront()(jsonRequest('POST', '/payments', key, json));
    if ('status' in event) throw new Error('fixture: refused');
    const body = Buffer.from(event.body ?? '').toString('base64');
    const again = await answerUrlEvent(app, { ...event, body, isBase64Encoded: true });
    expect([again.statusCode, again.headers?.['Idempotent-Replayed']]).toEqual([201, 'true']);
  });

  it('that is not UTF-8 is refused, though Lambda hands on something that is', async () => {
    const { key, sendByUrl } = await startGateway();
    const bytes = Buffer.concat([
      Buffer.from('{"payment_id":"p1","amount":1,"description":"'),
      Buffer.from([0xff]),
      Buffer.from('"}'),
    ]);
    const { body, headers } = hashed(bytes);
    const refused = await sendByUrl({
      method: 'POST',
      path: '/payments',
      body,
      headers: [['Authorization', `Bearer ${key}`], ['Content-Type', 'application/json'], ...headers],
    });
    expect(refused).toMatchObject({ status: 400, json: { code: 'malformed_json' } });
    expect(refused.json.detail).toContain('UTF-8');
  });

  it('that is too long is refused, counted in bytes', async () => {
    const { callByUrl: call } = await startGateway();
    const refused = await call('POST', '/payments', { ...CHARGE, description: 'é'.repeat(8_192) });
    expect(refused).toMatchObject({ status: 413, json: { code: 'body_too_large' } });
  });

  it('may be missing where nothing is required', async () => {
    const { world, key, callByUrl: call, sendByUrl } = await startGateway();
    await call('POST', '/payments', { ...CHARGE, capture_method: 'manual' });
    await world.drain();
    const headers = [['Authorization', `Bearer ${key}`]] as const;
    const capture = await sendByUrl({ method: 'POST', path: '/payments/p1/capture', body: '', headers });
    expect(capture).toMatchObject({ status: 202 });
  });

  it('of a call-back needs no hash of its sender, and is passed on byte by byte', async () => {
    const taken: unknown[] = [];
    const { sendByUrl } = await startGateway({
      handleCallback: async (connector, callback) => {
        taken.push([connector, callback.headers['webhook-signature'], Buffer.from(callback.body)]);
        return 'taken';
      },
    });
    const body = Buffer.from('{ "a" : "ß✓" }\n');
    const headers = [
      ['Content-Type', 'application/json'],
      ['Webhook-Id', 'msg_1'],
      ['Webhook-Timestamp', '1772445600'],
      ['Webhook-Signature', 'v1,abc v1,def'],
    ] as const;
    const answer = await sendByUrl({ method: 'POST', path: '/callbacks/simulator', body, headers });
    expect(answer).toMatchObject({ status: 200, json: { received: true } });
    expect(taken).toEqual([['simulator', 'v1,abc v1,def', body]]);
  });

  it('of a browser’s form needs none either: the challenge page works', async () => {
    const { world, callByUrl: call, sendByUrl } = await startGateway();
    await call('POST', '/payments', { ...CHARGE, payment_method: 'pm_card_authenticationRequired' });
    await world.drain();
    const { operations } = await world.get();
    const path = new URL(operations[0]?.next_action?.url as string).pathname;
    expect(await sendByUrl({ path })).toMatchObject({ status: 200 });
    const headers = [['Content-Type', 'application/x-www-form-urlencoded']] as const;
    const decided = await sendByUrl({ method: 'POST', path, headers, body: 'decision=accept' });
    expect(decided).toMatchObject({ status: 200 });
    await world.drain();
    expect((await world.get()).status).toBe('completed');
  });

  it('with a hash of something else does not reach the function', async () => {
    const { headers } = hashed('{"amount":1}');
    const answer = await createCloudFront()({ method: 'POST', body: '{"amount":9}', headers });
    expect((answer as Refused).status).toBe(403);
  });
});

describe('a query', () => {
  it('comes as it was sent', async () => {
    const event = await createCloudFront()({
      query: 'limit=1&created_after=2026-01-01T00%3A00%3A00%2B01%3A00&limit=2',
    });
    if ('status' in event) throw new Error('fixture: refused');
    expect(askedOf(event).query).toBe('limit=1&created_after=2026-01-01T00%3A00%3A00%2B01%3A00&limit=2');
  });

  it('with a parameter twice, or with a card number, is refused', async () => {
    const { key, sendByUrl } = await startGateway();
    const headers = [['Authorization', `Bearer ${key}`]] as const;
    const ask = (query: string) => sendByUrl({ path: '/payments', query, headers });
    expect(await ask('limit=1&limit=2')).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
    expect(await ask('cursor=4242%204242%204242%204242')).toMatchObject({
      status: 400,
      json: { code: 'card_number_detected' },
    });
  });
});
