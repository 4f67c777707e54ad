import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type RunningService, startService } from './service.fixture.ts';

let service: RunningService;
/** Where a time-out is known at once, and looked up only after the requests have waited. */
let slow: RunningService;

beforeAll(async () => {
  service = await startService();
  slow = await startService({ PSP_TIMEOUT_MS: '200', MAX_WAITERS: '1' });
});
afterAll(async () => {
  await slow.stop();
  await service.stop();
});

const prefer = (value: string) => ({ headers: { Prefer: value } });

describe('Prefer: wait', () => {
  it('answers with the outcome, the same status code, and what was applied', async () => {
    const { status, json, headers } = await service.pay({}, prefer('wait=7'));
    expect([status, json.status, headers['preference-applied']]).toEqual([201, 'completed', 'wait=7']);
  });

  it.each(['wait=26', 'wait=999999999999', 'wait="60"', 'respond-async, wait=100; x=y'])(
    '%s is taken as 25',
    async (value) => {
      expect((await service.pay({}, prefer(value))).headers['preference-applied']).toBe('wait=25');
    },
  );

  it.each(['', 'wait', 'wait=', 'wait=0', 'wait=-1', 'wait=1.5', 'wait=abc', 'respond-async', 'await=5'])(
    '%j does not wait',
    async (value) => {
      const { status, json, headers } = await service.pay({}, prefer(value));
      expect([status, json.status, headers['preference-applied']]).toEqual([201, 'processing', undefined]);
    },
  );

  it('ends with a decline, and with what the customer has to do', async () => {
    const declined = await service.pay({ payment_method: 'pm_card_chargeDeclined' }, prefer('wait=20'));
    expect(declined.json.status).toBe('failed');
    const challenged = await service.pay(
      { payment_method: 'pm_card_authenticationRequired' },
      prefer('wait=20'),
    );
    expect(challenged.json.status).toBe('requires_action');
    expect(challenged.headers['preference-applied']).toBe('wait=20');
  });

  it('holds for captures, cancels and refunds, and for replays', async () => {
    await service.pay({ payment_id: 'w1', capture_method: 'manual' });
    expect((await service.ask('w1', 'capture', {}, prefer('wait=20'))).json.status).toBe('completed');
    const refund = await service.refund('w1', { refund_id: 'r', amount: 1 }, prefer('wait=20'));
    expect([refund.json.status, refund.headers['preference-applied']]).toEqual(['succeeded', 'wait=20']);
    const again = await service.refund('w1', { refund_id: 'r', amount: 1 }, prefer('wait=20'));
    expect([again.status, again.headers['preference-applied']]).toEqual([202, 'wait=20']);
  });

  it('means nothing to GET', async () => {
    const { headers } = await service.call('GET', '/payments', prefer('wait=5'));
    expect(headers['preference-applied']).toBeUndefined();
  });

  it('answers after the time is over with what is known', async () => {
    const { status, json, headers } = await slow.pay({ payment_method: 'pm_sim_timeout' }, prefer('wait=1'));
    expect([status, json.status, headers['preference-applied']]).toEqual([201, 'processing', 'wait=1']);
  });

  it('beyond the most waiters answers at once, and does not claim to have waited', async () => {
    const stuck = { payment_method: 'pm_sim_timeout' };
    const answers = await Promise.all([1, 2, 3].map(() => slow.pay(stuck, prefer('wait=1'))));
    const applied = answers.map(({ headers }) => headers['preference-applied']);
    expect(applied.sort()).toEqual(['wait=1', undefined, undefined]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
  });

  it('is let go when the server stops, which then stops at once', async () => {
    const stopping = await startService({ PSP_TIMEOUT_MS: '200' });
    const waits = stopping.pay({ payment_method: 'pm_sim_timeout' }, prefer('wait=25'));
    while (!(await stopping.call('GET', '/metrics')).text.includes('tollgate_waiters 1'));
    const stopped = stopping.stop();
    expect((await waits).json.status).toBe('processing');
    await stopped;
  });
});
