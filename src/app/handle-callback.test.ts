import { describe, expect, it } from 'vitest';
import { createCallbackSigner } from '../connectors/simulator/callback-signature.ts';
import { aNextAction } from '../domain/payment.fixture.ts';
import type { PspEvent, RawCallback } from '../ports/connector.ts';
import { UnavailableError } from '../ports/faults.ts';
import { CALLBACK_SECRET, createWorld, MERCHANT, MINUTE_MS, SECOND_MS, type World } from './app.fixture.ts';
import {
  createScriptedPsp,
  DOWN,
  FAILS,
  NO_ANSWER,
  PENDS,
  type Reply,
  SUCCEEDS,
} from './scripted-psp.fixture.ts';

const CHALLENGE: Reply = { outcome: 'requires_action', psp_reference: 'ref_1', next_action: aNextAction() };

/** A payment at a scripted PSP that waits for its customer. */
async function waiting(lookup: readonly Reply[]) {
  const psp = createScriptedPsp();
  psp.will({ execute: [CHALLENGE, SUCCEEDS], lookup });
  const world = createWorld({ connectors: (simulator) => [psp, simulator] });
  await world.paid();
  return { psp, world };
}

let eventCount = 0;

function callback(given: Partial<PspEvent> = {}, signature = 'good'): RawCallback {
  eventCount++;
  const event = { event_id: `evt_${eventCount}`, ...MERCHANT, payment_id: 'p1', operation_id: 'charge.1' };
  return { headers: { signature }, body: Buffer.from(JSON.stringify({ ...event, ...given })) };
}

const lookups = (psp: { calls(): string[] }) => psp.calls().filter((call) => call === 'lookup').length;

describe('a call-back of a PSP', () => {
  it('is never believed: what it tells of is looked up, and the answer is recorded', async () => {
    const { psp, world } = await waiting([FAILS]);
    expect(await world.handleCallback('scripted', callback())).toBe('taken');
    const payment = await world.get();
    expect(payment).toMatchObject({ status: 'failed', failure: { code: 'card_declined' } });
    expect(payment.history.at(-1)).toMatchObject({ actor: 'psp' });
    expect(payment.operations[0]?.attempts).toBe(1);
    expect(lookups(psp)).toBe(1);
  });

  it('asks nobody when it comes again, and nobody for what is settled', async () => {
    const { psp, world } = await waiting([PENDS, SUCCEEDS]);
    const twice = callback();
    await world.handleCallback('scripted', twice);
    await world.handleCallback('scripted', twice);
    expect(lookups(psp)).toBe(1);
    await world.handleCallback('scripted', callback());
    expect(await world.get()).toMatchObject({ status: 'completed' });
    expect(await world.handleCallback('scripted', callback())).toBe('taken');
    expect(lookups(psp)).toBe(2);
  });

  it('is remembered for longer than its signature is good, and not for ever', async () => {
    const { psp, world } = await waiting([CHALLENGE]);
    const first = callback();
    await world.handleCallback('scripted', first);
    await world.advance(11 * MINUTE_MS - 1);
    await world.handleCallback('scripted', callback());
    await world.handleCallback('scripted', first);
    expect(lookups(psp)).toBe(2);
    await world.advance(1);
    await world.handleCallback('scripted', callback());
    await world.handleCallback('scripted', first);
    expect(lookups(psp)).toBe(4);
  });

  it.each<[string, Reply]>([
    ['cannot be reached', DOWN],
    ['gives no answer', NO_ANSWER],
    ['has never heard of it', null],
  ])('is refused, so that it is sent again, while the PSP %s', async (_what, reply) => {
    const { world } = await waiting([reply, SUCCEEDS]);
    const again = callback();
    const before = await world.get();
    await expect(world.handleCallback('scripted', again)).rejects.toThrow(UnavailableError);
    expect(await world.get()).toEqual(before);
    expect(await world.handleCallback('scripted', again)).toBe('taken');
    expect(await world.get()).toMatchObject({ status: 'completed' });
  });

  it('is refused too while the store takes nothing, and told again then', async () => {
    const { world } = await waiting([SUCCEEDS]);
    const { update } = world.store;
    world.store.update = async () => {
      throw new UnavailableError('The disk is full.');
    };
    const again = callback();
    await expect(world.handleCallback('scripted', again)).rejects.toThrow('The disk is full.');
    world.store.update = update;
    expect(await world.handleCallback('scripted', again)).toBe('taken');
    expect(await world.get()).toMatchObject({ status: 'completed' });
  });

  it('tells of success after a confirmed cancel, which is reversed once', async () => {
    const { world } = await waiting([SUCCEEDS]);
    await world.cancel();
    await world.drain();
    for (let n = 0; n < 3; n++) await world.handleCallback('scripted', callback());
    await world.drain();
    expect((await world.get()).operations.map(({ kind }) => kind)).toEqual(['charge', 'cancel', 'reversal']);
    expect(world.alarms()).toBe(1);
  });
});

describe('what is no call-back of ours', () => {
  it.each<[string, string, RawCallback, string]>([
    ['of a connector that there is not', 'other', callback(), 'unknown_connector'],
    ['with a signature that is not right', 'scripted', callback({}, 'bad'), 'not_authentic'],
    ['about a payment that there is not', 'scripted', callback({ payment_id: 'p9' }), 'taken'],
    ["about another merchant's payment of that id", 'scripted', callback({ merchant_id: 'm_2' }), 'taken'],
    ['about the other mode', 'scripted', callback({ livemode: true }), 'taken'],
    ['about an operation that there is not', 'scripted', callback({ operation_id: 'r1' }), 'taken'],
  ])('%s: asks no PSP and changes nothing', async (_what, connector, given, answer) => {
    const { psp, world } = await waiting([SUCCEEDS]);
    const before = await world.get();
    expect(await world.handleCallback(connector, given)).toBe(answer);
    expect(await world.get()).toEqual(before);
    expect(lookups(psp)).toBe(0);
  });

  it('one connector has no say in the payments of another', async () => {
    const { psp, world } = await waiting([SUCCEEDS]);
    const other = createScriptedPsp({ name: 'other' });
    const both = createWorld({ connectors: () => [psp, other] });
    await both.pay();
    expect(await both.handleCallback('other', callback())).toBe('taken');
    expect([lookups(psp), lookups(other)]).toEqual([0, 0]);
    expect(await both.get()).toMatchObject({ status: 'processing', connector: 'scripted' });
    expect(await world.get()).toMatchObject({ status: 'requires_action' });
  });
});

describe('the call-backs of the simulator', () => {
  async function challenged(): Promise<World> {
    const world = createWorld();
    await world.paid({ payment_method: 'pm_card_authenticationRequired' });
    return world;
  }

  function signed(world: World, data: object, secret = CALLBACK_SECRET, ageSeconds = 0): RawCallback {
    const body = JSON.stringify({ type: 'operation.succeeded', data });
    const seconds = Math.floor(world.clock.now() / 1_000) - ageSeconds;
    const headers = createCallbackSigner(secret).sign('evt_1', seconds, body);
    return { headers, body: Buffer.from(body) };
  }
  const aboutCharge = { ...MERCHANT, payment_id: 'p1', operation_id: 'charge.1' };

  it.each([
    ['accept', { status: 'completed', amount_captured: 1_000 }],
    ['refuse', { status: 'failed', failure: { code: 'authentication_failed' } }],
  ] as const)('tell at once what the customer decided: %s', async (decision, expected) => {
    const world = await challenged();
    expect(await world.decideChallenge(decision)).toBe(200);
    expect(await world.get()).toMatchObject(expected);
    expect(world.callbacks).toEqual(['taken']);
    await world.drain();
    expect(world.timers.pending()).toBe(0);
  });

  it('tell when a pending refund has succeeded', async () => {
    const world = createWorld();
    await world.paid({ payment_method: 'pm_card_pendingRefund' });
    await world.refund(100, 'r1');
    await world.drain();
    await world.advance(2 * SECOND_MS);
    expect(await world.simulator.deliverDue()).toBe(1);
    const payment = await world.get();
    expect(payment).toMatchObject({ amount_refunded: 100 });
    expect(payment.history.at(-1)).toMatchObject({ actor: 'psp' });
    await world.drain();
    expect((await world.get()).version).toBe(payment.version);
  });

  it('are refused where they were signed with another secret, long ago, or for another body', async () => {
    const world = await challenged();
    const good = signed(world, aboutCharge);
    const other = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
    const forgeries = [
      signed(world, aboutCharge, other),
      signed(world, aboutCharge, CALLBACK_SECRET, 301),
      signed(world, aboutCharge, CALLBACK_SECRET, -301),
      { ...good, body: signed(world, { ...aboutCharge, payment_id: 'p2' }).body },
      { ...good, headers: { ...good.headers, 'webhook-id': 'evt_2' } },
      { ...good, headers: {} },
    ];
    for (const forged of forgeries) {
      expect(await world.handleCallback('simulator', forged)).toBe('not_authentic');
    }
    expect((await world.get()).version).toBe(2);
    expect(await world.handleCallback('simulator', good)).toBe('taken');
  });

  it('change nothing where they claim what is not so', async () => {
    const world = await challenged();
    await world.handleCallback('simulator', signed(world, aboutCharge));
    expect(await world.get()).toMatchObject({ status: 'requires_action' });
  });
});
