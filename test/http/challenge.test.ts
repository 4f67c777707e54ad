import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from './answer-rules.ts';
import { type PaymentJson, type RunningService, startService } from './service.fixture.ts';

let service: RunningService;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

const RETURN_URL = 'https://shop.example/back?order=1&x=%20#top';

/** A payment that waits for its customer, and the path of the page that the customer is sent to. */
async function challenged(
  fields: object = {},
): Promise<{ paymentId: string; page: string; json: PaymentJson }> {
  const { json } = await service.pay({ payment_method: 'pm_card_authenticationRequired', ...fields });
  const { pathname } = new URL(json.next_action?.url as string);
  return { paymentId: json.payment_id, page: pathname, json };
}

function decide(page: string, decision: string): Promise<Answer> {
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  return service.call('POST', page, { key: null, raw: decision, headers });
}

describe('a payment that requires action', () => {
  it('says where the customer goes, and until when, behind a token that nobody can guess', async () => {
    const { json } = await challenged();
    expect(json).toMatchObject({ status: 'requires_action', amount_captured: 0, failure: null });
    const { type, url, expires_at } = json.next_action as NonNullable<PaymentJson['next_action']>;
    expect(type).toBe('redirect_to_url');
    expect(url.startsWith(`${service.url}/simulator/challenges/`)).toBe(true);
    expect(url.split('/').at(-1)?.length).toBeGreaterThan(25);
    expect(url).not.toContain(json.payment_id);
    const openMs = Date.parse(expires_at) - Date.parse(json.created_at);
    expect(Math.round(openMs / 3_600_000)).toBe(24);
  });

  it('shows a page with the two buttons, that runs and loads nothing', async () => {
    const { page, paymentId } = await challenged();
    const { status, headers, text } = await service.call('GET', page, { key: null });
    expect([status, headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(text).toContain('id="accept"');
    expect(text).toContain('id="refuse"');
    expect(text).toContain(paymentId);
    expect(text).toContain('10.00 USD');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['cache-control']).toBe('no-store');
    expect(text).not.toMatch(/<script|(?:src|href)=/);
  });

  it('is looked at by HEAD without a body, and by nothing else but GET and POST', async () => {
    const { page } = await challenged();
    expect((await service.call('HEAD', page, { key: null })).status).toBe(200);
    const { status, headers } = await service.call('DELETE', page, { key: null });
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD, POST']);
  });
});

describe('when the customer accepts', () => {
  it('goes back to the shop, and the payment completes', async () => {
    const { page, paymentId } = await challenged({ return_url: RETURN_URL });
    const { status, headers } = await decide(page, 'decision=accept');
    expect([status, headers.location]).toEqual([303, RETURN_URL]);
    expect((await service.get(paymentId)).json).toMatchObject({
      status: 'completed',
      amount_captured: 1000,
      next_action: null,
    });
    const { json } = await service.call<{ data: { actor: string }[] }>(
      'GET',
      `/payments/${paymentId}/history`,
    );
    expect(json.data.at(-1)?.actor).toBe('psp');
  });

  it('authorizes only, with manual capture', async () => {
    const { page, paymentId } = await challenged({ capture_method: 'manual' });
    expect((await decide(page, 'decision=accept')).status).toBe(200);
    expect((await service.get(paymentId)).json).toMatchObject({
      status: 'authorized',
      amount_capturable: 1000,
    });
    expect((await service.ask(paymentId, 'capture')).json.status).toBe('completed');
  });

  it('twice, nothing happens twice, and refusing afterwards comes too late', async () => {
    const { page, paymentId } = await challenged();
    const both = await Promise.all([decide(page, 'decision=accept'), decide(page, 'decision=accept')]);
    expect(both.map(({ status }) => status)).toEqual([200, 200]);
    expect((await decide(page, 'decision=refuse')).status).toBe(410);
    expect((await service.call('GET', page, { key: null })).status).toBe(410);
    expect((await service.get(paymentId)).json).toMatchObject({ status: 'completed', version: 3 });
  });
});

describe('when the customer refuses', () => {
  it('the payment fails with authentication_failed', async () => {
    const { page, paymentId } = await challenged({ return_url: RETURN_URL });
    const { status, headers } = await decide(page, 'decision=refuse');
    expect([status, headers.location]).toEqual([303, RETURN_URL]);
    expect((await service.get(paymentId)).json).toMatchObject({
      status: 'failed',
      next_action: null,
      failure: { code: 'authentication_failed' },
    });
  });
});

describe('when the merchant abandons it', () => {
  it('the payment is canceled, and the page is gone', async () => {
    const { page, paymentId } = await challenged();
    const { json } = await service.ask(paymentId, 'cancel', { reason: 'changed their mind' });
    expect(json).toMatchObject({
      status: 'canceled',
      cancellation_reason: 'changed their mind',
      next_action: null,
    });
    expect((await service.call('GET', page, { key: null })).status).toBe(410);
    expect((await decide(page, 'decision=accept')).status).toBe(410);
    expect((await service.get(paymentId)).json).toMatchObject({ status: 'canceled', amount_captured: 0 });
  });

  it('while the customer accepts: one of the two counts, and money that was taken is not forgotten', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { page, paymentId } = await challenged();
      await Promise.all([decide(page, 'decision=accept'), service.ask(paymentId, 'cancel')]);
      const { status, amount_captured } = (await service.get(paymentId)).json;
      expect([status, amount_captured]).toEqual(
        status === 'completed' ? ['completed', 1000] : ['canceled', 0],
      );
    }
  });
});

describe('the page refuses', () => {
  it.each(['', 'decision=maybe', 'decision=accept&decision=refuse', 'accept', 'decision'])(
    'a form that holds %j',
    async (form) => {
      const { page, paymentId } = await challenged();
      expect((await decide(page, form)).status).toBe(400);
      expect((await service.get(paymentId)).json.status).toBe('requires_action');
    },
  );

  it('a form that is too long', async () => {
    const { page } = await challenged();
    expect((await decide(page, `decision=accept&x=${'y'.repeat(2_000)}`)).status).toBe(413);
  });

  it.each(['', 'x', '../challenges', '%00', `${'a'.repeat(26)}`])('a token like %j', async (token) => {
    const { status, text } = await service.call('GET', `/simulator/challenges/${token}`, { key: null });
    expect(status).toBe(404);
    expect(text).not.toContain('<form');
  });

  it('to say anything else below its address', async () => {
    for (const path of ['/simulator/', '/simulator/x', '/simulator/challenges']) {
      expect((await service.call('GET', path, { key: null })).status).toBe(404);
    }
  });
});
