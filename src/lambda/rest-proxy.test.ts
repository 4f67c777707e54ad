import { describe, expect, it } from 'vitest';
import { proxyEvent } from './events.fixture.ts';
import { MAX_BODY_BYTES, startGateway } from './gateway.fixture.ts';
import { askedOf } from './rest-proxy.ts';

const CHARGE = { payment_id: 'p1', amount: 1_000 };
const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64');

describe('the API through the gateway', () => {
  it('answers as its contract says, from a payment to its refund and the list', async () => {
    const { world, call } = await startGateway();
    const payment = await call('POST', '/payments', { json: { ...CHARGE, capture_method: 'manual' } });
    expect(payment).toMatchObject({ status: 201, json: { payment_id: 'p1', status: 'processing' } });
    await world.drain();
    expect(await call('POST', '/payments/p1/capture', { json: { amount: 600 } })).toMatchObject({
      status: 202,
    });
    await world.drain();
    const refund = await call('POST', '/payments/p1/refunds', { json: { refund_id: 'r1', amount: 100 } });
    expect(refund).toMatchObject({ status: 202 });
    await world.drain();
    expect((await call('GET', '/payments/p1')).json).toMatchObject({
      status: 'completed',
      amount_refunded: 100,
    });
    expect(await call('GET', '/payments/p1/refunds/r1')).toMatchObject({ status: 200 });
    expect(await call('GET', '/payments/p1/history')).toMatchObject({ status: 200 });
    const list = await call('GET', '/payments', { query: [['limit', '5']] });
    expect(list.json).toMatchObject({ data: [{ payment_id: 'p1' }] });
  });

  it('takes who asks from the authorizer, and looks no key up', async () => {
    const { looked, context, call } = await startGateway();
    expect(await call('GET', '/payments')).toMatchObject({ status: 200 });
    const other = { ...context, merchantId: 'm_2' };
    await call('POST', '/payments', { json: CHARGE, context: other });
    expect(await call('GET', '/payments/p1')).toMatchObject({ status: 404 });
    expect(await call('GET', '/payments/p1', { context: other })).toMatchObject({ status: 200 });
    expect(looked.up).toBe(0);
  });

  it.each(['payments:read', 'payments:everything', ''])(
    'refuses what the scopes "%s" do not hold',
    async (scopes) => {
      const { context, call } = await startGateway();
      const refused = await call('POST', '/payments', { json: CHARGE, context: { ...context, scopes } });
      expect(refused).toMatchObject({ status: 403, json: { code: 'insufficient_scope' } });
    },
  );

  it.each(['/health', '/ready', '/openapi.json', '/docs'])(
    'answers %s without any authorizer',
    async (path) => {
      const { send } = await startGateway();
      expect(await send({ path })).toMatchObject({ status: 200 });
    },
  );

  it('looks the key up by itself where no authorizer did', async () => {
    const { key, looked, send } = await startGateway();
    const path = '/payments';
    const asked = (authorization: string) => send({ path, headers: [['Authorization', authorization]] });
    expect(await send({ path })).toMatchObject({ status: 401, json: { code: 'missing_key' } });
    expect(await asked('Bearer tg_test_x')).toMatchObject({ status: 401, json: { code: 'invalid_key' } });
    expect(await asked(`Bearer ${key}`)).toMatchObject({ status: 200 });
    expect(looked.up).toBe(2);
  });

  it('says 404 and 405 in its own form, also for what the router would take apart differently', async () => {
    const { call, send } = await startGateway();
    expect(await call('GET', '/nothing')).toMatchObject({ status: 404 });
    expect(await call('GET', '/payments/')).toMatchObject({ status: 404 });
    expect(await call('GET', '/payments/p%2F1')).toMatchObject({ status: 404 });
    expect(await call('GET', '/payments/%zz')).toMatchObject({ status: 404 });
    expect(await call('DELETE', '/payments/p1')).toMatchObject({
      status: 405,
      headers: { allow: 'GET, HEAD' },
    });
    expect(await send({ method: 'TRACE', path: '/payments' })).toMatchObject({ status: 405 });
  });

  it('answers HEAD as GET, without the body', async () => {
    const { call } = await startGateway();
    await call('POST', '/payments', { json: CHARGE });
    const answer = await call('HEAD', '/payments/p1');
    expect(answer).toMatchObject({ status: 200, text: '', headers: { 'content-type': 'application/json' } });
    expect(await call('HEAD', '/payments/p2')).toMatchObject({ status: 404, text: '' });
  });

  it('refuses payments while the backlog is told to be full, and nothing else', async () => {
    const { backlog, call } = await startGateway();
    backlog.tell(true);
    expect(await call('POST', '/payments', { json: CHARGE })).toMatchObject({ status: 503 });
    expect(await call('GET', '/payments')).toMatchObject({ status: 200 });
    backlog.tell(false);
    expect(await call('POST', '/payments', { json: CHARGE })).toMatchObject({ status: 201 });
  });
});

describe('where a payment is', () => {
  it('begins with the stage on the address of the gateway, which clients must go through', async () => {
    const { call } = await startGateway();
    const { headers } = await call('POST', '/payments', { json: CHARGE });
    expect(headers.location).toBe('/prod/payments/p1');
  });

  it('is the path itself on a domain of one’s own', async () => {
    const { call } = await startGateway();
    const { headers } = await call('POST', '/payments', { json: CHARGE, domainName: 'pay.example.com' });
    expect(headers.location).toBe('/payments/p1');
  });
});

describe('a body', () => {
  it('is the bytes that were sent, in text or in base64', async () => {
    const { call } = await startGateway();
    const json = { ...CHARGE, description: 'Ünïcode ✓ 漢字' };
    const sent = await call('POST', '/payments', { json });
    const again = await call('POST', '/payments', {
      headers: [['Content-Type', 'application/json']],
      body: base64(JSON.stringify(json)),
      isBase64Encoded: true,
    });
    expect([sent.status, again.status]).toEqual([201, 201]);
    expect(again.headers['idempotent-replayed']).toBe('true');
    expect(again.json.description).toBe(json.description);
  });

  it('that is not UTF-8 is refused, and not taken for something else', async () => {
    const { call } = await startGateway();
    const bytes = Buffer.concat([
      Buffer.from('{"payment_id":"'),
      Buffer.from([0xff]),
      Buffer.from('","amount":1}'),
    ]);
    const refused = await call('POST', '/payments', {
      headers: [['Content-Type', 'application/json']],
      body: base64(bytes),
      isBase64Encoded: true,
    });
    expect(refused).toMatchObject({ status: 400, json: { code: 'malformed_json' } });
  });

  it('may be missing where nothing is required, and is an empty object then', async () => {
    const { world, call } = await startGateway();
    await call('POST', '/payments', { json: { ...CHARGE, capture_method: 'manual' } });
    await world.drain();
    expect(await call('POST', '/payments', { body: null })).toMatchObject({ status: 400 });
    expect(await call('POST', '/payments/p1/capture', { body: null })).toMatchObject({ status: 202 });
    expect(await call('POST', '/payments/p1/capture', { body: '' })).toMatchObject({ status: 409 });
  });

  it('is what came, whatever its head announces', async () => {
    const { world, call } = await startGateway();
    const none = {
      json: { ...CHARGE, capture_method: 'manual' },
      headers: [['Content-Length', '0']] as const,
    };
    expect(await call('POST', '/payments', none)).toMatchObject({ status: 201 });
    await world.drain();
    const announced = [['Content-Length', '900000'] as const, ['Transfer-Encoding', 'chunked'] as const];
    for (const [index, header] of announced.entries()) {
      const answer = await call('POST', '/payments/p1/capture', { headers: [header] });
      expect(answer).toMatchObject({ status: index === 0 ? 202 : 409 });
    }
  });

  it('that is too long is refused, counted in bytes', async () => {
    const { call } = await startGateway();
    const json = (length: number) => JSON.stringify({ ...CHARGE, description: 'é'.repeat(length) });
    const type = [['Content-Type', 'application/json']] as const;
    const most = (MAX_BODY_BYTES - Buffer.byteLength(json(0))) / 2;
    const atLimit = await call('POST', '/payments', { body: json(Math.floor(most)), headers: type });
    expect(atLimit).toMatchObject({ status: 400, json: { code: 'invalid_request' } });
    const refused = await call('POST', '/payments', { body: json(Math.floor(most) + 1), headers: type });
    expect(refused).toMatchObject({ status: 413, json: { code: 'body_too_large' } });
  });

  it('of a call-back is passed on byte by byte, with what it was signed with', async () => {
    const taken: unknown[] = [];
    const { send } = await startGateway({
      handleCallback: async (connector, callback) => {
        taken.push([connector, callback.headers, Buffer.from(callback.body)]);
        return 'taken';
      },
    });
    const body = Buffer.from('{ "a" : "ß✓" }\n');
    const headers = [
      ['Webhook-Id', 'msg_1'],
      ['webhook-timestamp', '1772445600'],
      ['WEBHOOK-SIGNATURE', 'v1,abc v1,def'],
    ] as const;
    const names = {
      'webhook-id': 'msg_1',
      'webhook-timestamp': '1772445600',
      'webhook-signature': 'v1,abc v1,def',
    };
    for (const given of [{ body: base64(body), isBase64Encoded: true }, { body: body.toString() }]) {
      const answer = await send({ method: 'POST', path: '/callbacks/simulator', headers, ...given });
      expect(answer).toMatchObject({ status: 200, json: { received: true } });
    }
    expect(taken).toEqual([
      ['simulator', names, body],
      ['simulator', names, body],
    ]);
  });
});

describe('headers', () => {
  it('that may stand once are refused when they are sent twice, in whatever case', async () => {
    const { key, call } = await startGateway();
    for (const headers of [
      [['Idempotency-Key', 'a'] as const, ['Idempotency-Key', 'b'] as const],
      [['Idempotency-Key', 'a'] as const, ['idempotency-key', 'a'] as const],
      [['authorization', `Bearer ${key}`] as const],
      [['content-type', 'text/plain'] as const],
    ]) {
      const refused = await call('POST', '/payments', { json: CHARGE, headers });
      expect(refused).toMatchObject({ status: 400, json: { code: 'duplicate_header' } });
    }
  });

  it('that may be repeated are joined, and those of which one counts are the first', () => {
    const { head } = askedOf(
      proxyEvent({
        headers: [
          ['Accept', 'text/html'],
          ['accept', 'application/json'],
          ['Content-Type', 'application/json'],
          ['Content-Type', 'text/plain'],
        ],
      }),
    );
    expect(head.header('accept')).toBe('text/html, application/json');
    expect(head.header('content-type')).toBe('application/json');
    expect([head.repeated('accept'), head.repeated('prefer')]).toEqual([true, false]);
    expect(head.header('prefer')).toBeUndefined();
  });

  it('tell where the request came from by the gateway’s own word', () => {
    const { head } = askedOf(proxyEvent({ headers: [['X-Forwarded-For', '127.0.0.1']] }));
    expect(head.remoteAddress).toBe('203.0.113.7');
  });
});

describe('a query', () => {
  it('comes to the application as it was meant, with its special characters', async () => {
    const { call } = await startGateway();
    await call('POST', '/payments', { json: CHARGE });
    const since = (time: string) => call('GET', '/payments', { query: [['created_after', time]] });
    expect((await since('2025-12-31T23:00:00+01:00')).json).toMatchObject({ data: [{ payment_id: 'p1' }] });
    expect((await since('2026-01-01T03:00:00+01:00')).json).toMatchObject({ data: [] });
  });

  it('keeps what was given twice, so that it is refused', async () => {
    const { call } = await startGateway();
    const query = [
      ['limit', '1'],
      ['limit', '2'],
    ] as const;
    expect(await call('GET', '/payments', { query })).toMatchObject({ status: 400 });
  });

  it('is put together again so that taking it apart gives the same', () => {
    const query = [
      ['a', '1&b=2'],
      ['a', ''],
      ['ä?#/+ %', '100% + ✓'],
    ] as const;
    const asked = askedOf(proxyEvent({ query }));
    expect([...new URLSearchParams(asked.query)]).toEqual(query);
    expect(askedOf(proxyEvent()).query).toBe('');
  });

  it('may not carry a card number, and neither may the path', async () => {
    const { call } = await startGateway();
    const detected = { status: 400, json: { code: 'card_number_detected' } };
    expect(await call('GET', '/payments', { query: [['cursor', '4242 4242 4242 4242']] })).toMatchObject(
      detected,
    );
    expect(await call('GET', '/payments/%34242424242424242')).toMatchObject(detected);
  });
});
