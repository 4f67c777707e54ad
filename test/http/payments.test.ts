import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PaymentJson, type RefundJson, type RunningService, startService } from './service.fixture.ts';

let service: RunningService;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

/** Everything that the smallest request leaves to the service. */
const DEFAULTS = {
  livemode: false,
  amount: 1000,
  currency: 'usd',
  capture_method: 'automatic',
  payment_method: 'pm_card_visa',
  amount_capturable: 0,
  amount_captured: 0,
  amount_refunded: 0,
  amount_refundable: 0,
  failure: null,
  next_action: null,
  cancellation_reason: null,
  description: null,
  metadata: {},
  connector: 'simulator',
  psp_reference: null,
  authorization_expires_at: null,
};

describe('POST /payments', () => {
  it('accepts the smallest request at once, with 201, Location and every field of the payment', async () => {
    const { call } = service;
    const body = { payment_id: 'p1', amount: 1000 };
    const answer = await call<PaymentJson>('POST', '/payments', { body });
    expect(answer.status).toBe(201);
    expect(answer.headers.location).toBe('/payments/p1');
    expect(answer.headers['idempotent-replayed']).toBeUndefined();
    expect(answer.headers['preference-applied']).toBeUndefined();
    const { created_at, updated_at, ...rest } = answer.json;
    expect(rest).toEqual({ ...DEFAULTS, payment_id: 'p1', status: 'processing', version: 1 });
    expect(updated_at).toBe(created_at);
  });

  it('keeps what was sent, character for character, and answers the currency in lower case', async () => {
    const sent = {
      payment_id: 'A-z_0',
      amount: 999_999_999_999,
      currency: 'KWD',
      payment_method: 'pm_card_mastercard',
      description: 'Tee & "Gebäck" 🫖 \u0000 </script>',
      metadata: { 'order id': 'ß', constructor: 'a key like any other', 'ключ/~': '' },
      return_url: 'https://shop.example/back?a=1&b=ü',
    };
    const made = await service.pay(sent);
    const { return_url: _, ...shown } = sent;
    expect(made.json).toMatchObject({ ...shown, currency: 'kwd', status: 'completed' });
    expect((await service.get('A-z_0')).json).toEqual(made.json);
  });

  it('makes an id where none is given, a new one each time', async () => {
    const [one, other] = await Promise.all([service.pay(), service.pay()]);
    expect(one.json.payment_id).toMatch(/^pay_[0-9a-z]{26}$/);
    expect(other.json.payment_id).not.toBe(one.json.payment_id);
    expect(one.headers.location).toBe(`/payments/${one.json.payment_id}`);
  });

  it('takes null for absent, in every field that may be left out', async () => {
    const nulls = { payment_id: null, currency: null, payment_method: null, capture_method: null };
    const answer = await service.pay({ ...nulls, description: null, metadata: null, return_url: null });
    expect(answer.json).toMatchObject({ currency: 'usd', metadata: {}, description: null });
  });

  it('uses the default currency of the configuration', async () => {
    const elsewhere = await startService({ DEFAULT_CURRENCY: 'JPY' });
    expect((await elsewhere.pay()).json.currency).toBe('jpy');
    await elsewhere.stop();
  });
});

describe('GET /payments/{payment_id}', () => {
  it('answers the payment as it is now: completed, with its reference and amounts', async () => {
    const made = await service.pay({ payment_id: 'g1' });
    const answer = await service.get('g1');
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual(made.json);
    expect(answer.json).toMatchObject({
      status: 'completed',
      amount_captured: 1000,
      amount_refundable: 1000,
    });
    expect(answer.json.psp_reference).toEqual(expect.any(String));
  });
});

describe('captures and cancels', () => {
  it('authorize first with manual capture, for seven days', async () => {
    const { json } = await service.pay({ payment_id: 'm1', capture_method: 'manual' });
    expect(json).toMatchObject({ status: 'authorized', amount_capturable: 1000, amount_captured: 0 });
    const heldMs = Date.parse(json.authorization_expires_at as string) - Date.parse(json.created_at);
    expect(Math.round(heldMs / 86_400_000)).toBe(7);
  });

  it('capture the whole with no body at all', async () => {
    await service.pay({ payment_id: 'm2', capture_method: 'manual' });
    const headers = { Prefer: 'wait=20' };
    const { status, json } = await service.call<PaymentJson>('POST', '/payments/m2/capture', { headers });
    expect([status, json.status, json.amount_captured]).toEqual([202, 'completed', 1000]);
  });

  it('capture a part, and release the rest', async () => {
    await service.pay({ payment_id: 'm3', capture_method: 'manual' });
    const { status, json } = await service.ask('m3', 'capture', { amount: 400 });
    expect([status, json.status]).toEqual([202, 'completed']);
    expect(json).toMatchObject({
      amount: 1000,
      amount_captured: 400,
      amount_capturable: 0,
      amount_refundable: 400,
    });
    expect((await service.refund('m3', { amount: 401 })).json).toMatchObject({
      code: 'refund_exceeds_captured',
    });
  });

  it('void an authorization, with the reason that was given', async () => {
    await service.pay({ payment_id: 'm4', capture_method: 'manual' });
    const { status, json } = await service.ask('m4', 'cancel', { reason: 'out of stock' });
    expect([status, json.status]).toEqual([202, 'canceled']);
    expect(json).toMatchObject({
      cancellation_reason: 'out of stock',
      amount_capturable: 0,
      amount_captured: 0,
    });
  });
});

describe('refunds', () => {
  it('refund a part, then with no amount all that is left', async () => {
    await service.pay({ payment_id: 'r1' });
    const part = await service.refund('r1', { amount: 300, reason: 'one was broken', refund_id: 'one' });
    expect(part.status).toBe(202);
    const { created_at: _, updated_at, ...rest } = part.json;
    expect(rest).toEqual({
      refund_id: 'one',
      payment_id: 'r1',
      amount: 300,
      currency: 'usd',
      reason: 'one was broken',
      status: 'succeeded',
      failure: null,
    });
    expect((await service.refund('r1')).json).toMatchObject({ amount: 700, status: 'succeeded' });
    const { json } = await service.get('r1');
    expect(json).toMatchObject({ status: 'completed', amount_refunded: 1000, amount_refundable: 0 });
    expect(updated_at <= json.updated_at).toBe(true);
  });

  it('are listed oldest first, and found one by one', async () => {
    await service.pay({ payment_id: 'r2' });
    for (const refund_id of ['b', 'a']) await service.refund('r2', { refund_id, amount: 1 });
    const { status, json } = await service.call<{ data: RefundJson[] }>('GET', '/payments/r2/refunds');
    expect([status, json.data.map(({ refund_id }) => refund_id)]).toEqual([200, ['b', 'a']]);
    const one = await service.call('GET', '/payments/r2/refunds/a');
    expect(one.json).toEqual(json.data[1]);
  });

  it('are none at first; and another operation of the payment is not one', async () => {
    await service.pay({ payment_id: 'r3' });
    expect((await service.call('GET', '/payments/r3/refunds')).json).toEqual({ data: [] });
    for (const id of ['charge.1', 'none']) {
      const { json } = await service.call('GET', `/payments/r3/refunds/${id}`);
      expect(json.code).toBe('not_found');
    }
  });
});

describe('GET /payments/{payment_id}/history', () => {
  it('tells each version in order: what, by whom, and where it led', async () => {
    await service.pay({ payment_id: 'h1', capture_method: 'manual' });
    await service.ask('h1', 'capture', { amount: 600 });
    await service.refund('h1', { refund_id: 'back', amount: 100 });
    const { status, json } = await service.call<{ data: Record<string, unknown>[] }>(
      'GET',
      '/payments/h1/history',
    );
    expect(status).toBe(200);
    const keyId = service.key.split('_')[2];
    const told = json.data.map(({ at: _, ...entry }) => Object.values(entry));
    expect(told).toEqual([
      [1, 'authorize', 'authorize.1', 'pending', 'processing', keyId],
      [2, 'authorize', 'authorize.1', 'succeeded', 'authorized', 'worker'],
      [3, 'capture', 'capture.3', 'pending', 'authorized', keyId],
      [4, 'capture', 'capture.3', 'succeeded', 'completed', 'worker'],
      [5, 'refund', 'back', 'pending', 'completed', keyId],
      [6, 'refund', 'back', 'succeeded', 'completed', 'worker'],
    ]);
    expect((await service.get('h1')).json.version).toBe(6);
  });
});
