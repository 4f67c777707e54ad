import { expect, it } from 'vitest';
import { AUTHORIZATION_TTL_MS } from '../../domain/limits.ts';
import { timestamp } from '../../domain/payment.ts';
import type { PspRequest } from '../../ports/connector.ts';
import {
  cleanUpAfterEach,
  createRig,
  EMBEDDED_STORAGES,
  firstRequest,
  followUp,
  PATIENT,
  reportOf,
  START_MS,
} from './simulator.fixture.ts';

cleanUpAfterEach();

const SUCCEEDED = { outcome: 'succeeded' };
const failedWith = (code: string) => ({ outcome: 'failed', failure: { code, advice: null } });

function createAsked(...requests: PspRequest[]) {
  const rig = createRig();
  const ask = (request: PspRequest) => rig.simulator.execute(request, PATIENT);
  const ready = (async () => {
    for (const request of requests) await ask(request);
  })();
  return { ...rig, ask, ready };
}

it('says when an authorization expires, and that a charge does not', async () => {
  const { ask, advance, simulator } = createAsked();
  const authorize = firstRequest({ kind: 'authorize' });
  const answer = await ask(authorize);
  const authorization_expires_at = timestamp(START_MS + AUTHORIZATION_TTL_MS);
  expect(answer).toMatchObject({ outcome: 'succeeded', authorization_expires_at });
  await advance(1_000);
  expect(await simulator.lookup(authorize, PATIENT)).toEqual(answer);
  expect(await ask(firstRequest())).not.toHaveProperty('authorization_expires_at');
});

it('captures until the last millisecond of seven days, and not after', async () => {
  const [one, other] = [firstRequest({ kind: 'authorize' }), firstRequest({ kind: 'authorize' })];
  const { ask, advance, ready } = createAsked(one, other);
  await ready;
  await advance(AUTHORIZATION_TTL_MS - 1);
  expect(await ask(followUp(one, 'capture'))).toMatchObject(SUCCEEDED);
  await advance(1);
  expect(await ask(followUp(other, 'capture'))).toMatchObject(failedWith('authorization_expired'));
});

it('releases an expired authorization even for the token whose cancel fails', async () => {
  const authorize = firstRequest({ kind: 'authorize', payment_method: 'pm_sim_cancelFail' });
  const { ask, advance, ready } = createAsked(authorize);
  await ready;
  await advance(AUTHORIZATION_TTL_MS - 1);
  expect(await ask(followUp(authorize, 'cancel'))).toMatchObject(failedWith('cancel_failed'));
  await advance(1);
  const again = followUp(authorize, 'cancel', { operation_id: 'cancel.3' });
  expect(await ask(again)).toMatchObject(SUCCEEDED);
});

it('still answers for an authorization as it did, after it was canceled', async () => {
  const authorize = firstRequest({ kind: 'authorize' });
  const { ask, simulator } = createAsked();
  const answer = await ask(authorize);
  await ask(followUp(authorize, 'cancel'));
  expect(await simulator.lookup(authorize, PATIENT)).toEqual(answer);
});

it('cancels an authorization that is canceled already', async () => {
  const authorize = firstRequest({ kind: 'authorize' });
  const { ask, ready } = createAsked(authorize, followUp(authorize, 'cancel'));
  await ready;
  expect(await ask(followUp(authorize, 'cancel', { operation_id: 'cancel.3' }))).toMatchObject(SUCCEEDED);
});

it('captures only what was authorized, and once', async () => {
  const authorize = firstRequest({ kind: 'authorize' });
  const charge = firstRequest();
  const declined = firstRequest({ kind: 'authorize', payment_method: 'pm_card_chargeDeclined' });
  const { ask, ready } = createAsked(
    authorize,
    charge,
    declined,
    followUp(authorize, 'capture', { amount: 1 }),
  );
  await ready;
  const second = followUp(authorize, 'capture', { operation_id: 'capture.3' });
  expect(await ask(second)).toMatchObject(failedWith('already_captured'));
  expect(await ask(followUp(charge, 'capture'))).toMatchObject(failedWith('not_authorized'));
  expect(await ask(followUp(declined, 'capture'))).toMatchObject(failedWith('not_authorized'));
});

it('knows no original of another merchant', async () => {
  const charge = firstRequest({ merchant_id: 'm_1' });
  const { ask, ready } = createAsked(charge);
  await ready;
  const refund = followUp(charge, 'refund', { merchant_id: 'm_2', operation_id: 're_theirs' });
  expect(await ask(refund)).toMatchObject(failedWith('original_not_found'));
  expect(await ask(followUp(charge, 'refund'))).toMatchObject(SUCCEEDED);
});

it.each(EMBEDDED_STORAGES)(
  'finds the original by its reference alone, over %s',
  async (_name, makeOpener) => {
    const { simulator } = createRig({ openStorage: makeOpener() });
    const charge = firstRequest();
    const { psp_reference } = await simulator.execute(charge, PATIENT);
    const reference = String(psp_reference);
    const refund = (original_reference: string) => {
      const given = { original_key: 'lost', original_reference, operation_id: `re_${original_reference}` };
      return simulator.execute(followUp(charge, 'refund', given), PATIENT);
    };
    for (const wrong of [reference.replace('_ch_', '_au_'), `x${reference}`, reference.slice(0, -1), '']) {
      expect(await refund(wrong)).toMatchObject(failedWith('original_not_found'));
    }
    expect(await refund(reference)).toMatchObject(SUCCEEDED);
  },
);

it('does not refund in another currency than was charged', async () => {
  const charge = firstRequest();
  const { ask, ready } = createAsked(charge);
  await ready;
  const refund = followUp(charge, 'refund', { currency: 'jpy' });
  expect(await ask(refund)).toMatchObject(failedWith('currency_mismatch'));
});

it('has nothing to reverse of what failed or was never heard of', async () => {
  const declined = firstRequest({ payment_method: 'pm_card_chargeDeclined' });
  const { ask, ready } = createAsked(declined);
  await ready;
  expect(await ask(followUp(declined, 'reversal'))).toMatchObject(failedWith('nothing_to_reverse'));
  expect(await ask(followUp(firstRequest(), 'reversal'))).toMatchObject(failedWith('original_not_found'));
});

it('holds a refund of pm_card_pendingRefund for two seconds, and then lets it succeed', async () => {
  const charge = firstRequest({ payment_method: 'pm_card_pendingRefund' });
  const { ask, advance, simulator, ready } = createAsked(charge);
  await ready;
  const refund = followUp(charge, 'refund', { amount: 600 });
  const answer = await ask(refund);
  expect(answer).toEqual({ outcome: 'pending', psp_reference: expect.stringMatching(/^sim_re_/) });
  await advance(1_999);
  expect(await simulator.lookup(refund, PATIENT)).toEqual(answer);
  expect((await reportOf(simulator)).at(-1)).toMatchObject({ kind: 'refund', outcome: 'pending' });
  await advance(1);
  const settled = { ...answer, outcome: 'succeeded' };
  expect(await simulator.lookup(refund, PATIENT)).toEqual(settled);
  expect(await ask(refund)).toEqual(settled);
  expect((await reportOf(simulator)).at(-1)).toMatchObject({ kind: 'refund', outcome: 'succeeded' });
});

it('counts a pending refund against the bound', async () => {
  const charge = firstRequest({ payment_method: 'pm_card_pendingRefund' });
  const { ask, ready } = createAsked(charge, followUp(charge, 'refund', { amount: 600 }));
  await ready;
  const second = followUp(charge, 'refund', { amount: 600, operation_id: 're_2' });
  expect(await ask(second)).toMatchObject(failedWith('refund_exceeds_captured'));
});
