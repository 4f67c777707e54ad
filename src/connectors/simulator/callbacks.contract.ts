import { expect, it } from 'vitest';
import {
  BASE_URL,
  createRig,
  firstRequest,
  followUp,
  PATIENT,
  type RigOptions,
  type StorageOpener,
  settled,
} from './simulator.fixture.ts';

/** A rig with one refund that stays pending for two seconds. */
export async function createPendingRefund(options: RigOptions = {}) {
  const rig = createRig(options);
  const charge = firstRequest({ payment_method: 'pm_card_pendingRefund' });
  const refund = followUp(charge, 'refund', { operation_id: 're_1' });
  await rig.simulator.execute(charge, PATIENT);
  const answer = await rig.simulator.execute(refund, PATIENT);
  return { ...rig, rig, refund, answer };
}

/** When call-backs are sent, over any storage. */
export function describeCallbacks(makeOpener: () => StorageOpener): void {
  it('tells when a pending refund has succeeded, once, and not before', async () => {
    const { advance, simulator, delivered, refund, answer, sleeping } = await createPendingRefund({
      openStorage: makeOpener(),
    });
    await advance(1_999);
    expect(await simulator.deliverDue()).toBe(0);
    await advance(1);
    expect(await simulator.deliverDue()).toBe(1);
    expect(await simulator.deliverDue()).toBe(0);
    expect(sleeping()).toBe(0);
    expect(delivered).toHaveLength(1);
    expect(delivered[0]).toMatchObject({ url: `${BASE_URL}/callbacks/simulator` });
    const { merchant_id, livemode, payment_id, operation_id } = refund;
    expect(JSON.parse(String(delivered[0]?.body))).toEqual({
      type: 'operation.succeeded',
      data: { merchant_id, livemode, payment_id, operation_id, psp_reference: answer.psp_reference },
    });
  });

  it('tries again with growing pauses, with the same id, twelve times at most', async () => {
    const { advance, simulator, delivered, logged } = await createPendingRefund({
      openStorage: makeOpener(),
      deliver: () => Promise.resolve(false),
    });
    const pausesSeconds = [2, 5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600];
    for (const [n, seconds] of pausesSeconds.entries()) {
      await advance(seconds * 1_000 - 1);
      await simulator.deliverDue();
      expect(delivered).toHaveLength(n);
      await advance(1);
      expect(await simulator.deliverDue()).toBe(0);
      expect(delivered).toHaveLength(n + 1);
    }
    await advance(24 * 3_600_000);
    await simulator.deliverDue();
    expect(delivered).toHaveLength(12);
    expect(new Set(delivered.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(delivered.map(({ headers }) => headers['webhook-signature'])).size).toBe(12);
    expect(logged).toEqual([expect.stringContaining('given up')]);
  });

  it('does not wait for a delivery when it closes', async () => {
    const { advance, simulator, sleeping } = await createPendingRefund({
      deliver: () => new Promise(() => {}),
    });
    await advance(2_000);
    const step = simulator.deliverDue();
    await settled();
    await simulator.close();
    expect(await step).toBe(0);
    expect(sleeping()).toBe(0);
  });

  it('sends no more than fifty in one step, the longest due first', async () => {
    const { simulator, advance, delivered } = createRig({ openStorage: makeOpener() });
    for (let n = 0; n < 60; n += 1) {
      const charge = firstRequest({ payment_method: 'pm_card_pendingRefund' });
      await simulator.execute(charge, PATIENT);
      await simulator.execute(followUp(charge, 'refund', { operation_id: `re_${n}` }), PATIENT);
      await advance(1);
    }
    await advance(2_000);
    expect([await simulator.deliverDue(), await simulator.deliverDue()]).toEqual([50, 10]);
    const ids = delivered.map(({ body }) => JSON.parse(body).data.operation_id);
    expect(ids).toEqual(Array.from({ length: 60 }, (_, n) => `re_${n}`));
  });
}
