import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningService, startService } from './service.fixture.ts';

let service: RunningService;

beforeAll(async () => {
  service = await startService({ PSP_TIMEOUT_MS: '150' });
});
afterAll(() => service.stop());

interface Told {
  kind: string;
  outcome: string;
  status: string;
}

async function told(paymentId: string): Promise<string[]> {
  const { json } = await service.call<{ data: Told[] }>('GET', `/payments/${paymentId}/history`);
  return json.data.map(({ kind, outcome, status }) => `${kind} ${outcome} ${status}`);
}

/** How often the simulator was asked to do it, which only the store tells. */
async function attempts(payment_id: string): Promise<number | undefined> {
  const payment = await service.tool.store.get({ merchant_id: 'acme', livemode: false, payment_id });
  return payment?.operations[0]?.attempts;
}

const authorized = (payment_method: string) => service.pay({ payment_method, capture_method: 'manual' });

describe('the simulator behaves by its token', { concurrent: true }, () => {
  it.each([
    'pm_card_visa',
    'pm_card_mastercard',
    'pm_card_amex',
    'pm_card_discover',
    'pm_card_visa_debit',
    'pm_card_pendingRefund',
    'pm_card_refundFail',
    'pm_sim_captureFail',
    'pm_sim_cancelFail',
  ])('%s succeeds', async (payment_method) => {
    const { json } = await service.pay({ payment_method });
    expect(json).toMatchObject({ payment_method, status: 'completed', amount_captured: 1000, failure: null });
  });

  it.each([
    ['pm_card_visa_chargeDeclined', 'card_declined', 'generic_decline', 'try_again_later'],
    [
      'pm_card_visa_chargeDeclinedInsufficientFunds',
      'card_declined',
      'insufficient_funds',
      'try_again_later',
    ],
    ['pm_card_visa_chargeDeclinedLostCard', 'card_declined', 'lost_card', 'do_not_try_again'],
    ['pm_card_visa_chargeDeclinedStolenCard', 'card_declined', 'stolen_card', 'do_not_try_again'],
    ['pm_card_chargeDeclinedExpiredCard', 'expired_card', null, 'confirm_card_data'],
    ['pm_card_chargeDeclinedIncorrectCvc', 'incorrect_cvc', null, 'confirm_card_data'],
    ['pm_card_chargeDeclinedProcessingError', 'processing_error', null, 'try_again_later'],
    ['pm_card_chargeDeclinedFraudulent', 'card_declined', 'fraudulent', 'do_not_try_again'],
    ['pm_card_of_nobody', 'invalid_payment_method', null, 'do_not_try_again'],
  ])('%s fails: %s', async (payment_method, code, decline_code, advice) => {
    for (const capture_method of ['automatic', 'manual']) {
      const { status, json } = await service.pay({ payment_method, capture_method });
      expect([status, json.status]).toEqual([201, 'failed']);
      expect(json.failure).toEqual({ code, decline_code, advice, message: expect.any(String) });
      expect([json.amount_captured, json.amount_refundable, json.amount_capturable]).toEqual([0, 0, 0]);
    }
  });

  it('pm_card_refundFail: the refund fails, and what it claimed can be refunded again', async () => {
    const { payment_id } = (await service.pay({ payment_method: 'pm_card_refundFail' })).json;
    const { status, json } = await service.refund(payment_id, { amount: 400 });
    expect([status, json]).toMatchObject([202, { status: 'failed', failure: { code: 'refund_failed' } }]);
    const payment = (await service.get(payment_id)).json;
    expect(payment).toMatchObject({
      status: 'completed',
      amount_refunded: 0,
      amount_refundable: 1000,
      failure: null,
    });
  });

  it('pm_card_pendingRefund: the refund is pending, counts against the bound, and then succeeds', async () => {
    const { payment_id } = (await service.pay({ payment_method: 'pm_card_pendingRefund' })).json;
    const asked = await service.refund(
      payment_id,
      { amount: 400, refund_id: 'r' },
      { headers: { Prefer: 'wait=1' } },
    );
    expect(asked.json.status).toBe('pending');
    expect((await service.get(payment_id)).json).toMatchObject({
      amount_refunded: 0,
      amount_refundable: 600,
    });
    const waited = await service.refund(payment_id, { amount: 400, refund_id: 'r' });
    expect(waited.json.status).toBe('succeeded');
    expect((await service.get(payment_id)).json).toMatchObject({
      amount_refunded: 400,
      amount_refundable: 600,
    });
  });

  it('pm_sim_captureFail: the capture fails, the payment stays authorized and says why', async () => {
    const { payment_id } = (await authorized('pm_sim_captureFail')).json;
    const { status, json } = await service.ask(payment_id, 'capture');
    expect([status, json]).toMatchObject([
      202,
      { status: 'authorized', failure: { code: 'capture_failed' } },
    ]);
    expect(json.amount_capturable).toBe(1000);
    expect((await service.ask(payment_id, 'cancel')).json).toMatchObject({
      status: 'canceled',
      failure: null,
    });
  });

  it('pm_sim_cancelFail: the cancel fails, the payment stays authorized and can be captured', async () => {
    const { payment_id } = (await authorized('pm_sim_cancelFail')).json;
    const { status, json } = await service.ask(payment_id, 'cancel');
    expect([status, json]).toMatchObject([202, { status: 'authorized', failure: { code: 'cancel_failed' } }]);
    expect((await service.ask(payment_id, 'capture')).json).toMatchObject({
      status: 'completed',
      failure: null,
    });
  });

  it('pm_sim_timeout: the charge happens, nobody answers, and a look-up settles it', async () => {
    const { json } = await service.pay({ payment_method: 'pm_sim_timeout' });
    expect(json.status).toBe('completed');
    expect(await told(json.payment_id)).toEqual([
      'charge pending processing',
      'charge unknown processing',
      'charge succeeded completed',
    ]);
    expect(await attempts(json.payment_id)).toBe(1);
  });

  it('pm_sim_timeout_lost: neither happens, the look-up finds nothing, and it is asked again', async () => {
    const { json } = await service.pay({ payment_method: 'pm_sim_timeout_lost' });
    expect(json.status).toBe('completed');
    expect(await told(json.payment_id)).toEqual([
      'charge pending processing',
      'charge unknown processing',
      'charge succeeded completed',
    ]);
    expect(await attempts(json.payment_id)).toBe(2);
  });

  it('while an outcome is unknown, nothing else is done to the payment', async () => {
    const made = await service.pay({ payment_method: 'pm_sim_timeout' }, { headers: { Prefer: 'wait=1' } });
    const { payment_id, status } = made.json;
    expect([status, (await told(payment_id)).at(-1)]).toEqual(['processing', 'charge unknown processing']);
    for (const what of ['capture', 'cancel'] as const) {
      expect((await service.ask(payment_id, what)).json).toMatchObject({ code: 'operation_in_progress' });
    }
    expect((await service.refund(payment_id)).json).toMatchObject({ code: 'operation_in_progress' });
  });

  it('pm_sim_unavailable_2: two attempts find nobody, the third succeeds', async () => {
    const { json } = await service.pay({ payment_method: 'pm_sim_unavailable_2' });
    expect(json.status).toBe('completed');
    expect(await told(json.payment_id)).toEqual([
      'charge pending processing',
      'attempt pending processing',
      'attempt pending processing',
      'charge succeeded completed',
    ]);
    expect(await attempts(json.payment_id)).toBe(3);
  });
});
