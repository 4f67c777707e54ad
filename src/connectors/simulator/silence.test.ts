import { describe, expect, it } from 'vitest';
import { describeSilence, giveUp } from './silence.contract.ts';
import {
  cleanUpAfterEach,
  createRig,
  firstRequest,
  followUp,
  PATIENT,
  reportOf,
  STORAGES,
  settled,
} from './simulator.fixture.ts';

cleanUpAfterEach();

const UNKNOWN = { name: 'PspError', outcome: 'unknown' };
const SUCCEEDED = { outcome: 'succeeded' };

describe.each(STORAGES)('over %s', (_name, makeOpener) => describeSilence(makeOpener));

it('a charge that was canceled before it ever succeeded fails from then on', async () => {
  const { simulator } = createRig();
  for (const payment_method of ['pm_sim_unavailable_1', 'pm_sim_timeout_lost']) {
    const request = firstRequest({ payment_method });
    await simulator.execute(request, AbortSignal.abort()).catch(() => undefined);
    expect(await simulator.execute(followUp(request, 'cancel'), PATIENT)).toMatchObject(SUCCEEDED);
    const answer = await simulator.execute(request, PATIENT);
    expect(answer).toMatchObject({ outcome: 'failed', failure: { code: 'payment_canceled' } });
  }
});

it('executes what was sent, though nobody waits for the answer any more', async () => {
  const { simulator } = createRig();
  const request = firstRequest();
  await expect(simulator.execute(request, AbortSignal.abort())).rejects.toMatchObject(UNKNOWN);
  expect(await simulator.lookup(request, PATIENT)).toMatchObject(SUCCEEDED);
});

it('lets go of who waits for an answer when it closes, and takes nothing more', async () => {
  const { simulator } = createRig();
  const waiting = simulator.execute(firstRequest({ payment_method: 'pm_sim_timeout' }), PATIENT);
  const thrown = expect(waiting).rejects.toMatchObject(UNKNOWN);
  await settled();
  await simulator.close();
  await thrown;
  const refused = { name: 'PspError', outcome: 'not_executed' };
  await expect(simulator.execute(firstRequest(), PATIENT)).rejects.toMatchObject(refused);
  await expect(simulator.lookup(firstRequest(), PATIENT)).rejects.toMatchObject(refused);
});

it('never executes a live payment', async () => {
  const { simulator } = createRig();
  const refused = { name: 'PspError', outcome: 'not_executed', retryable: false };
  await expect(simulator.execute(firstRequest({ livemode: true }), PATIENT)).rejects.toMatchObject(refused);
  expect(await reportOf(simulator)).toEqual([]);
});

describe('with a latency', () => {
  it('thinks before it executes, and before it looks up', async () => {
    const rig = createRig({ latencyMs: 100 });
    const request = firstRequest();
    const answer = rig.simulator.execute(request, PATIENT);
    await settled();
    expect(await reportOf(rig.simulator)).toEqual([]);
    await rig.advance(100);
    const looked = rig.simulator.lookup(request, PATIENT);
    expect(rig.sleeping()).toBe(1);
    await rig.advance(100);
    expect(await looked).toEqual(await answer);
  });

  it('sets no timer without one', async () => {
    const rig = createRig();
    void rig.simulator.execute(firstRequest(), PATIENT);
    expect(rig.sleeping()).toBe(0);
  });

  it('cannot tell what becomes of a key while its first request is in progress', async () => {
    const rig = createRig({ latencyMs: 100 });
    const request = firstRequest();
    const first = rig.simulator.execute(request, PATIENT);
    await rig.advance(50);
    await expect(rig.simulator.execute(request, PATIENT)).rejects.toMatchObject(UNKNOWN);
    await expect(rig.simulator.lookup(request, AbortSignal.abort())).rejects.toMatchObject(UNKNOWN);
    await rig.advance(50);
    expect(await first).toMatchObject(SUCCEEDED);
  });

  it('does not say «never heard of it» of a request that is still in progress', async () => {
    const rig = createRig({ latencyMs: 100 });
    const request = firstRequest();
    const early = rig.simulator.lookup(request, PATIENT);
    await rig.advance(50);
    void rig.simulator.execute(request, PATIENT);
    const thrown = expect(early).rejects.toMatchObject(UNKNOWN);
    await rig.advance(50);
    await thrown;
    await rig.advance(50);
  });

  it('executes at once what its sender has given up on', async () => {
    const rig = createRig({ latencyMs: 100 });
    const request = firstRequest();
    expect(await giveUp((signal) => rig.simulator.execute(request, signal))).toMatchObject(UNKNOWN);
    expect(rig.sleeping()).toBe(0);
    expect(await reportOf(rig.simulator)).toMatchObject([{ outcome: 'succeeded' }]);
  });

  it('leaves no sleeper behind when it closes', async () => {
    const rig = createRig({ latencyMs: 100 });
    const thrown = expect(rig.simulator.execute(firstRequest(), PATIENT)).rejects.toMatchObject({
      outcome: 'not_executed',
    });
    await rig.simulator.close();
    await thrown;
    expect(rig.sleeping()).toBe(0);
  });
});
