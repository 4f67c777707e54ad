import { expect, it } from 'vitest';
import type { PspRequest } from '../../ports/connector.ts';
import {
  createRig,
  firstRequest,
  followUp,
  PATIENT,
  reportOf,
  type StorageOpener,
} from './simulator.fixture.ts';

const SUCCEEDED = { outcome: 'succeeded' };

/** What is still known after the simulator was closed and opened again, over any storage. */
export function describeDurability(makeOpener: () => StorageOpener): void {
  const create = () => {
    const rig = createRig({ openStorage: makeOpener() });
    const ask = (request: PspRequest) => rig.simulator.execute(request, PATIENT);
    const lookup = (request: PspRequest) => rig.simulator.lookup(request, PATIENT);
    return { rig, ask, lookup };
  };

  it('repeats every answer, and the report', async () => {
    const { rig, ask, lookup } = create();
    const charge = firstRequest();
    const authorize = firstRequest({ kind: 'authorize', return_url: 'https://shop.example' });
    const requests = [
      charge,
      authorize,
      firstRequest({ payment_method: 'pm_card_chargeDeclinedLostCard' }),
      firstRequest({ payment_method: 'tok_unknown' }),
      followUp(charge, 'refund', { amount: 400 }),
      followUp(authorize, 'capture', { original_reference: 'sim_au_x' }),
    ];
    const answers = [];
    for (const request of requests) answers.push(await ask(request));
    const report = await reportOf(rig.simulator);
    await rig.reopen();
    for (const [n, request] of requests.entries()) {
      expect(await lookup(request)).toEqual(answers[n]);
      expect(await ask(request)).toEqual(answers[n]);
    }
    expect(await reportOf(rig.simulator)).toEqual(report);
    expect(report).toHaveLength(requests.length);
  });

  it('still refuses a key with another body, whichever field differs', async () => {
    const { rig, ask } = create();
    const charge = firstRequest();
    await ask(charge);
    await rig.reopen();
    const others: Partial<PspRequest>[] = [
      { kind: 'authorize' },
      { amount: 999 },
      { currency: 'eur' },
      { payment_method: 'pm_card_amex' },
      { return_url: 'https://shop.example' },
      { original_reference: 'sim_ch_x' },
      { original_key: 'other' },
      { merchant_id: 'm_2' },
      { payment_id: 'other' },
      { operation_id: 'other' },
    ];
    for (const other of others) {
      await expect(ask({ ...charge, ...other })).rejects.toMatchObject({ outcome: 'unknown' });
    }
  });

  it('still keeps to the bounds of what was captured and given back before', async () => {
    const { rig, ask } = create();
    const charge = firstRequest();
    const authorize = firstRequest({ kind: 'authorize' });
    const reversed = firstRequest();
    const before = [
      charge,
      authorize,
      reversed,
      followUp(charge, 'refund', { amount: 600 }),
      followUp(authorize, 'cancel'),
      followUp(reversed, 'reversal'),
    ];
    for (const request of before) expect(await ask(request)).toMatchObject(SUCCEEDED);
    await rig.reopen();
    const after = [
      [followUp(charge, 'refund', { amount: 401, operation_id: 're_2' }), 'refund_exceeds_captured'],
      [followUp(authorize, 'capture'), 'authorization_canceled'],
      [followUp(reversed, 'reversal', { operation_id: 'reversal.3' }), 'already_reversed'],
    ] as const;
    for (const [request, code] of after) expect(await ask(request)).toMatchObject({ failure: { code } });
  });

  it('still knows the page of a challenge, and what was decided there', async () => {
    const { rig, ask, lookup } = create();
    const charge = firstRequest({ payment_method: 'pm_card_authenticationRequired' });
    const answer = await ask(charge);
    await rig.reopen();
    expect(await lookup(charge)).toEqual(answer);
    const { url } = (answer as { next_action: { url: string } }).next_action;
    expect((await rig.simulator.handlePage(new Request(url))).status).toBe(200);
    const body = new URLSearchParams({ decision: 'accept' });
    await rig.simulator.handlePage(new Request(url, { method: 'POST', body }));
    await rig.reopen();
    expect(await lookup(charge)).toMatchObject(SUCCEEDED);
    expect((await rig.simulator.handlePage(new Request(url))).status).toBe(410);
    expect(await ask(followUp(charge, 'refund'))).toMatchObject(SUCCEEDED);
  });

  it('still has its call-backs to send, with the attempts that were made', async () => {
    let taken = false;
    const rig = createRig({ openStorage: makeOpener(), deliver: () => Promise.resolve(taken) });
    const charge = firstRequest({ payment_method: 'pm_card_pendingRefund' });
    await rig.simulator.execute(charge, PATIENT);
    await rig.simulator.execute(followUp(charge, 'refund'), PATIENT);
    await rig.reopen();
    await rig.advance(2_000);
    expect(await rig.simulator.deliverDue()).toBe(0);
    await rig.advance(5_000);
    expect(await rig.simulator.deliverDue()).toBe(0);
    await rig.reopen();
    taken = true;
    await rig.advance(9_999);
    expect([await rig.simulator.deliverDue(), rig.delivered.length]).toEqual([0, 2]);
    await rig.advance(1);
    expect([await rig.simulator.deliverDue(), rig.delivered.length]).toEqual([1, 3]);
    await rig.reopen();
    expect([await rig.simulator.deliverDue(), rig.delivered.length]).toEqual([0, 3]);
  });

  it('still counts the attempts at what was not executed, and the keys canceled before their use', async () => {
    const { rig, ask } = create();
    const unavailable = firstRequest({ payment_method: 'pm_sim_unavailable_2' });
    const lost = firstRequest({ payment_method: 'pm_sim_timeout_lost' });
    const canceled = firstRequest();
    await expect(ask(unavailable)).rejects.toMatchObject({ outcome: 'not_executed' });
    await expect(rig.simulator.execute(lost, AbortSignal.abort())).rejects.toMatchObject({
      outcome: 'unknown',
    });
    await ask(followUp(canceled, 'cancel'));
    await rig.reopen();
    await expect(ask(unavailable)).rejects.toMatchObject({ outcome: 'not_executed' });
    await rig.reopen();
    expect(await ask(unavailable)).toMatchObject(SUCCEEDED);
    expect(await ask(lost)).toMatchObject(SUCCEEDED);
    expect(await ask(canceled)).toMatchObject({ failure: { code: 'payment_canceled' } });
  });
}
