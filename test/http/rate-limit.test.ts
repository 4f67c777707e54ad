import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningService, startService } from './service.fixture.ts';

const BURST = 5;
let service: RunningService;

beforeAll(async () => {
  service = await startService({ RATE_LIMIT_PER_SECOND: '1', RATE_LIMIT_BURST: String(BURST) });
});
afterAll(() => service.stop());

async function exhaust(key: string): Promise<number> {
  for (let sent = 1; ; sent += 1) {
    if ((await service.call('GET', '/payments', { key })).status === 429) return sent;
  }
}

describe('the rate limit', () => {
  it('counts down in RateLimit, and refuses with Retry-After what is over the burst', async () => {
    const key = await service.makeKey({ merchant: 'counted' });
    const first = await service.call('GET', '/payments', { key });
    expect(first.headers['ratelimit-policy']).toBe(`"default";q=${BURST};w=${BURST}`);
    expect(first.headers.ratelimit).toBe(`"default";r=${BURST - 1};t=1`);
    expect(await exhaust(key)).toBeGreaterThanOrEqual(BURST);
    const refused = await service.call('GET', '/payments', { key });
    if (refused.status === 429) {
      expect(refused.json.code).toBe('rate_limited');
      expect(refused.headers['retry-after']).toBe('1');
      expect(refused.headers.ratelimit).toMatch(/;r=0;/);
    }
  });

  it('is one for all keys of a merchant, and for all routes', async () => {
    const key = await service.makeKey({ merchant: 'shared' });
    const other = await service.makeKey({ merchant: 'shared', scopes: ['payments:write'] });
    await exhaust(key);
    const answers = await Promise.all(
      Array.from({ length: 3 }, () => service.call('POST', '/payments', { key: other, body: { amount: 1 } })),
    );
    expect(answers.filter(({ status }) => status === 429).length).toBeGreaterThanOrEqual(2);
  });

  it('of one merchant is not felt by another, nor by the other mode of the same one', async () => {
    await exhaust(await service.makeKey({ merchant: 'loud' }));
    for (const options of [{ merchant: 'calm' }, { merchant: 'loud', livemode: true }]) {
      const { status, headers } = await service.call('GET', '/payments', {
        key: await service.makeKey(options),
      });
      expect([status, headers.ratelimit]).toEqual([200, `"default";r=${BURST - 1};t=1`]);
    }
  });

  it('is not used up by whoever has no key, and not asked of routes without one', async () => {
    const key = await service.makeKey({ merchant: 'spared' });
    const forged = key.replace(/.{6}$/, '000000');
    for (let n = 0; n < BURST * 2; n += 1) {
      expect((await service.call('GET', '/payments', { key: forged })).status).toBe(401);
      expect((await service.call('GET', '/health', { key })).status).toBe(200);
    }
    const { headers } = await service.call('GET', '/payments', { key });
    expect(headers.ratelimit).toBe(`"default";r=${BURST - 1};t=1`);
  });

  it('is used up by what is refused, too: 400, 403, 404', async () => {
    const key = await service.makeKey({ merchant: 'wrong', scopes: ['payments:read'] });
    await service.call('GET', '/payments?x=1', { key });
    await service.call('POST', '/payments', { key });
    await service.call('GET', '/payments/none', { key });
    const { headers } = await service.call('GET', '/payments', { key });
    expect(headers.ratelimit).toMatch(/^"default";r=[12];/);
  });

  it('refused, a payment is not made', async () => {
    const key = await service.makeKey({ merchant: 'refused' });
    await exhaust(key);
    const answers = await Promise.all(['x', 'y'].map((payment_id) => service.pay({ payment_id }, { key })));
    const refused = answers.findIndex(({ status }) => status === 429);
    expect(refused).toBeGreaterThanOrEqual(0);
    const reader = service.tool.store.get({
      merchant_id: 'refused',
      livemode: false,
      payment_id: 'xy'[refused] as string,
    });
    expect(await reader).toBeNull();
  });

  it('turned off, is neither applied nor told', async () => {
    const unlimited = await startService({ RATE_LIMIT_PER_SECOND: '0', RATE_LIMIT_BURST: '1' });
    for (let n = 0; n < 10; n += 1) {
      const { status, headers } = await unlimited.call('GET', '/payments');
      expect([status, headers.ratelimit, headers['ratelimit-policy']]).toEqual([200, undefined, undefined]);
    }
    await unlimited.stop();
  });
});
