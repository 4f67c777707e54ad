import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningService, startService } from './service.fixture.ts';

let service: RunningService;

beforeAll(async () => {
  // Long enough that an operation is found in flight by the very next request.
  service = await startService({ SIMULATOR_LATENCY_MS: '120' });
});
afterAll(() => service.stop());

describe('409', () => {
  it.each([
    ['operation_in_progress', 'processing', {}, false],
    ['payment_not_capturable', 'completed', {}, true],
    ['payment_not_capturable', 'failed', { payment_method: 'pm_card_chargeDeclined' }, true],
    ['payment_not_capturable', 'requires_action', { payment_method: 'pm_card_authenticationRequired' }, true],
  ])('%s for a capture of what is %s', async (code, status, fields, waits) => {
    const headers = waits ? { Prefer: 'wait=20' } : { Prefer: 'handling=strict' };
    const made = await service.pay(fields, { headers });
    expect(made.json.status).toBe(status);
    const { json } = await service.ask(made.json.payment_id, 'capture');
    expect(json).toMatchObject({ code, payment_id: made.json.payment_id });
  });

  it.each([
    ['operation_in_progress', 'processing', {}, false],
    ['payment_not_cancelable', 'completed', {}, true],
    ['payment_not_cancelable', 'failed', { payment_method: 'pm_card_chargeDeclined' }, true],
  ])('%s for a cancel of what is %s', async (code, status, fields, waits) => {
    const headers = waits ? { Prefer: 'wait=20' } : { Prefer: 'handling=strict' };
    const made = await service.pay(fields, { headers });
    expect(made.json.status).toBe(status);
    expect((await service.ask(made.json.payment_id, 'cancel')).json).toMatchObject({ code });
  });

  it.each([
    ['operation_in_progress', 'processing', {}, false],
    ['payment_not_refundable', 'authorized', { capture_method: 'manual' }, true],
    ['payment_not_refundable', 'failed', { payment_method: 'pm_card_chargeDeclined' }, true],
    ['payment_not_refundable', 'requires_action', { payment_method: 'pm_card_authenticationRequired' }, true],
    ['refund_exceeds_captured', 'completed', {}, true],
  ])('%s for a refund of what is %s', async (code, status, fields, waits) => {
    const headers = waits ? { Prefer: 'wait=20' } : { Prefer: 'handling=strict' };
    const made = await service.pay(fields, { headers });
    expect(made.json.status).toBe(status);
    expect((await service.refund(made.json.payment_id, { amount: 1001 })).json).toMatchObject({ code });
  });

  it('operation_in_progress while a capture is in flight, payment_not_refundable for a refund of it', async () => {
    const { payment_id } = (await service.pay({ capture_method: 'manual' })).json;
    await service.ask(payment_id, 'capture', {}, { headers: { Prefer: '' } });
    const refused = await Promise.all([
      service.ask(payment_id, 'capture'),
      service.ask(payment_id, 'cancel'),
      service.refund(payment_id),
    ]);
    expect(refused.map(({ json }) => json)).toMatchObject([
      { code: 'operation_in_progress' },
      { code: 'operation_in_progress' },
      { code: 'payment_not_refundable' },
    ]);
  });

  it('of what is canceled: not capturable, not cancelable, not refundable', async () => {
    const { payment_id } = (await service.pay({ capture_method: 'manual' })).json;
    await service.ask(payment_id, 'cancel');
    expect((await service.ask(payment_id, 'capture')).json).toMatchObject({ code: 'payment_not_capturable' });
    expect((await service.ask(payment_id, 'cancel')).json).toMatchObject({ code: 'payment_not_cancelable' });
    expect((await service.refund(payment_id)).json).toMatchObject({ code: 'payment_not_refundable' });
  });

  it('capture_exceeds_authorized, and nothing left to refund', async () => {
    const { payment_id } = (await service.pay({ capture_method: 'manual' })).json;
    const more = await service.ask(payment_id, 'capture', { amount: 1001 });
    expect(more.json).toMatchObject({ code: 'capture_exceeds_authorized' });
    await service.ask(payment_id, 'capture', { amount: 1000 });
    await service.refund(payment_id);
    expect((await service.refund(payment_id)).json).toMatchObject({ code: 'payment_not_refundable' });
    expect((await service.refund(payment_id, { amount: 1 })).json).toMatchObject({
      code: 'payment_not_refundable',
    });
  });

  it('too_many_operations after the charge and 97 refunds', async () => {
    const { payment_id } = (await service.pay()).json;
    const codes: unknown[] = [];
    for (let batch = 0; batch < 10; batch += 1) {
      const asked = Array.from({ length: 10 }, () =>
        service.refund(payment_id, { amount: 1 }, { headers: { Prefer: '' } }),
      );
      const answers = await Promise.all(asked);
      codes.push(
        ...answers.map(({ status, json }) => (status === 202 ? status : (json as { code?: string }).code)),
      );
    }
    // The last ten are asked for at once, and with several threads any of them may be the last.
    expect(codes.slice(0, 90)).toEqual(Array(90).fill(202));
    expect(codes.filter((code) => code === 202).length).toBe(97);
    expect(codes.filter((code) => code === 'too_many_operations').length).toBe(3);
  });
});
