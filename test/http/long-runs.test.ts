import { describe, expect, it } from 'vitest';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/app/app.fixture.ts';
import { startEdge } from './edge.fixture.ts';

/** What takes too long to be waited for. */
describe('in the long run', () => {
  it('pm_sim_unavailable_99 fails with psp_unavailable after eight attempts, and can be tried as another payment', async () => {
    const { world, call, pay, shown } = await startEdge();
    await pay({ payment_method: 'pm_sim_unavailable_99' });
    expect((await shown()).status).toBe('processing');
    await world.live(10 * MINUTE_MS);
    expect(await shown()).toMatchObject({ status: 'failed', failure: { code: 'psp_unavailable' } });
    const { json } = await call('GET', '/payments/p1/history');
    // Asked for, not executed eight times, given up.
    expect((json.data as unknown[]).length).toBe(10);
  });

  it('an authorization that nobody captures is canceled after seven days', async () => {
    const { world, call, pay, shown } = await startEdge();
    await pay({ capture_method: 'manual' });
    await world.live(7 * DAY_MS - MINUTE_MS, HOUR_MS);
    expect((await shown()).status).toBe('authorized');
    await world.live(HOUR_MS);
    expect(await shown()).toMatchObject({
      status: 'canceled',
      cancellation_reason: 'authorization_expired',
      amount_capturable: 0,
    });
    expect((await call('POST', '/payments/p1/capture')).json.code).toBe('payment_not_capturable');
  });

  it('a challenge that nobody answers is canceled after a day', async () => {
    const { world, pay, shown } = await startEdge();
    await pay({ payment_method: 'pm_card_authenticationRequired' });
    await world.live(DAY_MS - MINUTE_MS, HOUR_MS);
    expect((await shown()).status).toBe('requires_action');
    await world.live(HOUR_MS);
    expect(await shown()).toMatchObject({
      status: 'canceled',
      cancellation_reason: 'challenge_expired',
      next_action: null,
    });
  });

  it('the same request replays however long ago it was first made', async () => {
    const { world, call, pay } = await startEdge();
    await pay({});
    await world.advance(400 * DAY_MS);
    const again = await call('POST', '/payments', { payment_id: 'p1', amount: 1_000 });
    expect([again.status, again.headers['idempotent-replayed']]).toEqual([201, 'true']);
    expect((await call('POST', '/payments', { payment_id: 'p1', amount: 1 })).status).toBe(422);
  });
});
