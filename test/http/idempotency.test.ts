import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from './answer-rules.ts';
import { type CallOptions, type RunningService, startService } from './service.fixture.ts';

let service: RunningService;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const keyed = (key: string): CallOptions => ({ headers: { 'Idempotency-Key': key } });

function expectReplay(answer: Answer<unknown>, status: number): void {
  expect([answer.status, answer.headers['idempotent-replayed']]).toEqual([status, 'true']);
}

function expectMismatch({ status, json }: Answer<unknown>, payment_id: string): void {
  expect([status, json]).toMatchObject([422, { code: 'idempotency_mismatch', payment_id }]);
}

describe('creating with a payment_id', () => {
  it('replays the payment as it is now, with 201 and Location', async () => {
    const fields = { payment_id: 'a1', metadata: { a: '1', b: '2' } };
    const first = await service.pay(fields, { headers: { Prefer: '' } });
    expect([first.json.status, first.headers['idempotent-replayed']]).toEqual(['processing', undefined]);
    await service.pay(fields);
    await service.refund('a1', { amount: 400 });
    const again = await service.pay(fields, { headers: { Prefer: '' } });
    expectReplay(again, 201);
    expect(again.headers.location).toBe('/payments/a1');
    expect(again.json).toMatchObject({ status: 'completed', amount_refunded: 400 });
    expect(again.json).toEqual((await service.get('a1')).json);
  });

  it.each([
    ['the currency in another case', { currency: 'EUR' }, { currency: 'eur' }],
    ['null where nothing was', {}, { description: null, metadata: null, currency: null }],
    ['nothing where null was', { capture_method: null }, {}],
    ['another order of fields and keys', { metadata: { a: '1', b: '2' } }, { metadata: { b: '2', a: '1' } }],
  ])('takes for the same request: %s', async (name, one, other) => {
    const payment_id = name.replaceAll(' ', '-');
    await service.pay({ payment_id, ...one });
    expectReplay(await service.pay({ ...other, payment_id }), 201);
  });

  it.each([
    ['another amount', {}, { amount: 1001 }],
    ['another description', { description: 'a' }, { description: 'b' }],
    ['a description that was not there', {}, { description: '' }],
    ['other metadata', { metadata: { a: '1' } }, { metadata: { a: '2' } }],
    ['empty metadata', {}, { metadata: {} }],
    // Defaults are not applied: a changed default never turns an honest retry into another request.
    ['a default that is named', {}, { currency: 'usd' }],
    ['a default method that is named', {}, { payment_method: 'pm_card_visa' }],
    ['a default that is no longer named', { capture_method: 'automatic' }, {}],
    ['text that only looks the same', { description: 'é' }, { description: 'e\u0301' }],
  ])('takes for another request: %s', async (name, one, other) => {
    const payment_id = `other-${name.replaceAll(' ', '-')}`;
    const made = await service.pay({ payment_id, ...one });
    expectMismatch(await service.pay({ payment_id, ...other }), payment_id);
    expect((await service.get(payment_id)).json).toEqual(made.json);
  });

  it('does not take Prefer, the spacing of the body or the encoding of its text for part of the request', async () => {
    await service.pay({ payment_id: 'a2', description: 'é' });
    const raw = ' {"description" : "\\u00e9",\n"payment_id":"a2", "amount":1e3}';
    const headers = { 'Content-Type': 'application/json', Prefer: 'respond-async' };
    expectReplay(await service.call('POST', '/payments', { raw, headers }), 201);
  });

  it('replays what has failed, too: another try is another payment', async () => {
    const fields = { payment_id: 'a3', payment_method: 'pm_card_chargeDeclined' };
    const made = await service.pay(fields);
    const again = await service.pay(fields);
    expectReplay(again, 201);
    expect(again.json).toEqual(made.json);
  });
});

describe('creating with only an Idempotency-Key', () => {
  it('names the payment by the key: the same one for the same request, bare or quoted', async () => {
    const first = await service.pay({}, keyed('k-1'));
    expect(first.headers['idempotent-replayed']).toBeUndefined();
    expect(first.json.payment_id).toMatch(/^pay_[0-9a-f]{40}$/);
    for (const key of ['k-1', '"k-1"']) {
      const again = await service.pay({}, keyed(key));
      expectReplay(again, 201);
      expect(again.json.payment_id).toBe(first.json.payment_id);
    }
  });

  it('refuses another request with the same key, naming the payment that has it', async () => {
    const { json } = await service.pay({}, keyed('k-2'));
    expectMismatch(await service.pay({ amount: 5 }, keyed('k-2')), json.payment_id);
  });

  it('makes another payment for another key, for another merchant, and for no key', async () => {
    const other = await service.makeKey({ merchant: 'other' });
    const made = await Promise.all([
      service.pay({}, keyed('k-3')),
      service.pay({}, keyed('K-3')),
      service.pay({}, { ...keyed('k-3'), key: other }),
      service.pay(),
      service.pay(),
    ]);
    expect(made.map(({ headers }) => headers['idempotent-replayed'])).toEqual(Array(5).fill(undefined));
    expect(new Set(made.map(({ json }) => json.payment_id)).size).toBe(5);
  });

  it('takes keys of 1 and of 255 characters', async () => {
    for (const key of ['x', 'y'.repeat(255), `"${'z'.repeat(255)}"`, '"\\"\\\\"']) {
      expect((await service.pay({}, keyed(key))).headers['idempotent-replayed']).toBeUndefined();
      expectReplay(await service.pay({}, keyed(key)), 201);
    }
  });
});

describe('creating with both', () => {
  it('payment_id is the key, and the header is part of the request', async () => {
    await service.pay({ payment_id: 'b1' }, keyed('h1'));
    expectReplay(await service.pay({ payment_id: 'b1' }, keyed('h1')), 201);
    expectReplay(await service.pay({ payment_id: 'b1' }, keyed('"h1"')), 201);
    expectMismatch(await service.pay({ payment_id: 'b1' }, keyed('h2')), 'b1');
    expectMismatch(await service.pay({ payment_id: 'b1' }), 'b1');
  });

  it('the header alone names nothing that a payment_id has named', async () => {
    await service.pay({ payment_id: 'b2' }, keyed('h3'));
    const other = await service.pay({ payment_id: 'b3' }, keyed('h3'));
    const third = await service.pay({}, keyed('h3'));
    expect([other.json.payment_id, third.headers['idempotent-replayed']]).toEqual(['b3', undefined]);
  });
});

describe('captures and cancels with an Idempotency-Key', () => {
  it('replay with 202 and the payment as it is now, long after it has moved on', async () => {
    await service.pay({ payment_id: 'c1', capture_method: 'manual' });
    const first = await service.ask('c1', 'capture', { amount: 700 }, keyed('cap'));
    expect([first.status, first.headers['idempotent-replayed']]).toEqual([202, undefined]);
    await service.refund('c1', { amount: 100 });
    const again = await service.ask('c1', 'capture', { amount: 700 }, keyed('cap'));
    expectReplay(again, 202);
    expect(again.json).toMatchObject({ status: 'completed', amount_captured: 700, amount_refunded: 100 });
    expectMismatch(await service.ask('c1', 'capture', { amount: 701 }, keyed('cap')), 'c1');
    expectMismatch(await service.ask('c1', 'capture', {}, keyed('cap')), 'c1');
  });

  it('are scoped by route and payment: one key does for all of them', async () => {
    for (const payment_id of ['c2', 'c3']) {
      await service.pay({ payment_id, capture_method: 'manual' }, keyed('one'));
      const captured = await service.ask(payment_id, 'capture', {}, keyed('one'));
      expect([captured.json.status, captured.headers['idempotent-replayed']]).toEqual([
        'completed',
        undefined,
      ]);
      const refunded = await service.refund(payment_id, {}, keyed('one'));
      expect([refunded.status, refunded.headers['idempotent-replayed']]).toEqual([202, undefined]);
      const cancel = await service.ask(payment_id, 'cancel', {}, keyed('one'));
      expect(cancel.json).toMatchObject({ code: 'payment_not_cancelable' });
    }
  });

  it('store nothing when they are refused: the same key serves later', async () => {
    await service.pay({ payment_id: 'c4', capture_method: 'manual' });
    const refused = await service.ask('c4', 'capture', { amount: 9_999 }, keyed('later'));
    expect(refused.json).toMatchObject({ code: 'capture_exceeds_authorized' });
    expect((await service.get('c4')).json.version).toBe(2);
    const { json, headers } = await service.ask('c4', 'capture', { amount: 1 }, keyed('later'));
    expect([json.status, headers['idempotent-replayed']]).toEqual(['completed', undefined]);
  });

  it('replay a cancel, null being absent', async () => {
    await service.pay({ payment_id: 'c5', capture_method: 'manual' });
    await service.ask('c5', 'cancel', {}, keyed('stop'));
    expectReplay(await service.ask('c5', 'cancel', { reason: null }, keyed('stop')), 202);
    expectMismatch(await service.ask('c5', 'cancel', { reason: 'why' }, keyed('stop')), 'c5');
  });

  it('replay what has failed: it is not asked for again', async () => {
    await service.pay({ payment_id: 'c6', capture_method: 'manual', payment_method: 'pm_sim_captureFail' });
    const first = await service.ask('c6', 'capture', {}, keyed('fails'));
    expect(first.json.failure).toMatchObject({ code: 'capture_failed' });
    const again = await service.ask('c6', 'capture', {}, keyed('fails'));
    expectReplay(again, 202);
    expect(again.json.version).toBe(first.json.version);
  });
});

describe('refunds', () => {
  it('are named by refund_id within their payment, and replayed as they are now', async () => {
    await service.pay({ payment_id: 'r1' });
    const first = await service.refund('r1', { refund_id: 'x', amount: 100 }, { headers: { Prefer: '' } });
    expect(first.json.status).toBe('pending');
    const again = await service.refund('r1', { refund_id: 'x', amount: 100 });
    expectReplay(again, 202);
    expect(again.json).toMatchObject({ refund_id: 'x', status: 'succeeded' });
    expectMismatch(await service.refund('r1', { refund_id: 'x', amount: 101 }), 'r1');
    await service.pay({ payment_id: 'r2' });
    const elsewhere = await service.refund('r2', { refund_id: 'x', amount: 5 });
    expect([elsewhere.status, elsewhere.headers['idempotent-replayed']]).toEqual([202, undefined]);
  });

  it('are named by the header where there is no refund_id', async () => {
    await service.pay({ payment_id: 'r3' });
    const first = await service.refund('r3', { amount: 100 }, keyed('back'));
    const again = await service.refund('r3', { amount: 100 }, keyed('back'));
    expectReplay(again, 202);
    expect(again.json.refund_id).toBe(first.json.refund_id);
    expectMismatch(await service.refund('r3', {}, keyed('back')), 'r3');
    expect((await service.get('r3')).json.amount_refunded).toBe(100);
  });

  it('with both: the header is part of the request, and still a key', async () => {
    await service.pay({ payment_id: 'r4' });
    const fields = { refund_id: 'y', amount: 100 };
    await service.refund('r4', fields, keyed('h'));
    expectReplay(await service.refund('r4', fields, keyed('h')), 202);
    expectMismatch(await service.refund('r4', fields, keyed('i')), 'r4');
    expectMismatch(await service.refund('r4', fields), 'r4');
    expectMismatch(await service.refund('r4', { refund_id: 'z', amount: 100 }, keyed('h')), 'r4');
    expect((await service.get('r4')).json.amount_refunded).toBe(100);
  });

  it('of everything, asked again when nothing is left, replay', async () => {
    await service.pay({ payment_id: 'r5' });
    await service.refund('r5', {}, keyed('all'));
    expectReplay(await service.refund('r5', {}, keyed('all')), 202);
    expect((await service.refund('r5')).json).toMatchObject({ code: 'payment_not_refundable' });
  });
});

describe('a request that is refused stores nothing', () => {
  it('an id of which a request was invalid is free', async () => {
    await service.pay({ payment_id: 'free', amount: 0 });
    await service.pay({ payment_id: 'free', nothing: 1 });
    await service.call('POST', '/payments', { body: { payment_id: 'free', amount: 1 }, key: 'tg_test_x' });
    expect((await service.get('free')).status).toBe(404);
    const made = await service.pay({ payment_id: 'free', amount: 2 });
    expect([made.status, made.headers['idempotent-replayed']]).toEqual([201, undefined]);
  });
});
