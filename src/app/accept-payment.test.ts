import { describe, expect, it } from 'vitest';
import { derivedPaymentId } from '../domain/hashes.ts';
import { UnavailableError } from '../ports/faults.ts';
import { type AcceptRequest, createAcceptPayment } from './accept-payment.ts';
import { createWorld, MERCHANT, type World } from './app.fixture.ts';
import { createScriptedPsp } from './scripted-psp.fixture.ts';

function request(given: Partial<AcceptRequest> = {}): AcceptRequest {
  const fields = { payment_id: 'p1', amount: 1_000 };
  return { partition: MERCHANT, fields, idempotencyKey: undefined, actor: 'key_1', ...given };
}

/** The payment that was accepted, and whether it was a replay; a refusal's code otherwise. */
async function outcomeOf(world: World, given: Partial<AcceptRequest>): Promise<unknown> {
  const accepted = await world.accept(request(given));
  if ('refused' in accepted) return accepted.refused;
  return [accepted.payment.payment_id, accepted.replayed];
}

async function changes(world: World): Promise<number> {
  return (await world.store.read('audit', 1_000)).changes.length;
}

describe('accepting a payment', () => {
  it('stores it at version 1 with its charge pending, and asks nobody for anything', async () => {
    const world = createWorld();
    const accepted = await world.accept(request());
    expect(accepted).toEqual({ payment: await world.get(), replayed: false });
    expect(await world.get()).toMatchObject({
      ...MERCHANT,
      version: 1,
      status: 'processing',
      currency: 'usd',
      capture_method: 'automatic',
      payment_method: 'pm_card_visa',
      description: null,
      metadata: {},
      connector: 'simulator',
      dispatch: 'charge.1',
      history: [{ actor: 'key_1' }],
    });
    expect(await changes(world)).toBe(1);
    expect(await world.queue.depth()).toEqual({ waiting: 0, delayed: 0, inFlight: 0 });
    expect(await world.truth()).toEqual([]);
  });

  it('keeps every field as it was sent, the currency in lower case', async () => {
    const world = createWorld();
    const fields = {
      payment_id: 'p1',
      amount: 5,
      currency: 'JPY',
      capture_method: 'manual',
      payment_method: 'pm_card_amex',
      description: 'Tea',
      metadata: { order: 'a-1' },
      return_url: 'https://shop.example/back',
    } as const;
    await world.accept(request({ fields }));
    expect(await world.get()).toMatchObject({
      ...fields,
      currency: 'jpy',
      operations: [{ kind: 'authorize', amount: 5 }],
    });
  });

  it('names a payment that nobody named, each anew', async () => {
    const world = createWorld();
    const fields = { amount: 1_000 };
    const [one, other] = [await outcomeOf(world, { fields }), await outcomeOf(world, { fields })];
    expect(one).toEqual([expect.stringMatching(/^pay_[a-z0-9]{26}$/), false]);
    expect(other).not.toEqual(one);
    expect(await changes(world)).toBe(2);
  });

  it('refuses a mode that no connector serves, and stores nothing', async () => {
    const world = createWorld();
    const partition = { ...MERCHANT, livemode: true };
    expect(await outcomeOf(world, { partition })).toBe('no_connector');
    expect(await changes(world)).toBe(0);
  });

  it('refuses a payment without a method where the connector has none of its own', async () => {
    const psp = { ...createScriptedPsp(), defaultPaymentMethod: null };
    const world = createWorld({ connectors: () => [psp] });
    expect(await outcomeOf(world, {})).toBe('payment_method_required');
    const fields = { payment_id: 'p1', amount: 1_000, payment_method: 'pm_1' };
    expect(await outcomeOf(world, { fields })).toEqual(['p1', false]);
  });

  it('takes the first connector that serves the mode', async () => {
    const live = { ...createScriptedPsp({ name: 'live' }), accepts: (livemode: boolean) => livemode };
    const world = createWorld({ connectors: (simulator) => [live, simulator] });
    await outcomeOf(world, {});
    expect((await world.get()).connector).toBe('simulator');
    const partition = { ...MERCHANT, livemode: true };
    const accepted = await world.accept(request({ partition }));
    expect(accepted).toMatchObject({ payment: { connector: 'live', livemode: true } });
  });

  it('lets a fault of the store through: whoever asks again with the same id is told', async () => {
    const broken = async () => {
      throw new UnavailableError('The disk is full.');
    };
    const world = createWorld({ store: (real) => ({ ...real, create: broken }) });
    await expect(world.accept(request())).rejects.toThrow(UnavailableError);
  });
});

describe('accepting the same payment again (invariant 3)', () => {
  it('answers the payment as it is now, and writes nothing', async () => {
    const world = createWorld();
    await world.paid();
    const written = (await world.get()).version;
    expect(await world.accept(request())).toEqual({ payment: await world.get(), replayed: true });
    expect(await world.get()).toMatchObject({ version: written, status: 'completed' });
  });

  it.each<[string, Partial<AcceptRequest['fields']>]>([
    ['another amount', { amount: 1_001 }],
    ['another currency', { currency: 'eur' }],
    ['the default said aloud', { currency: 'usd' }],
    ['another capture method', { capture_method: 'manual' }],
    ['a description', { description: 'Tea' }],
    ['metadata', { metadata: { a: 'b' } }],
    ['a return url', { return_url: 'https://shop.example' }],
  ])('refuses %s, and changes nothing', async (_what, other) => {
    const world = createWorld();
    await world.accept(request());
    const before = await world.get();
    expect(await world.accept(request({ fields: { payment_id: 'p1', amount: 1_000, ...other } }))).toEqual({
      refused: 'idempotency_mismatch',
      payment_id: 'p1',
    });
    expect(await world.get()).toEqual(before);
    expect(await changes(world)).toBe(1);
  });

  it('takes null for absent and a currency in any case for the same', async () => {
    const world = createWorld();
    const fields = { payment_id: 'p1', amount: 1_000, currency: 'EUR' };
    await world.accept(request({ fields }));
    for (const same of [
      { ...fields, currency: 'eur' },
      { ...fields, description: null, metadata: null, capture_method: null, return_url: undefined },
    ])
      expect(await outcomeOf(world, { fields: same })).toEqual(['p1', true]);
  });

  it('replays though a default has changed meanwhile, and keeps what was stored', async () => {
    const world = createWorld();
    await world.accept(request());
    const { store, connectors, clock, ids } = world;
    const accept = createAcceptPayment({ store, connectors, clock, ids, defaultCurrency: 'eur' });
    expect(await accept(request())).toMatchObject({ replayed: true, payment: { currency: 'usd' } });
  });

  it('makes one payment of fifty equal requests at once, with fifty equal answers', async () => {
    const world = createWorld();
    const answers = await Promise.all(Array.from({ length: 50 }, () => world.accept(request())));
    expect(answers.filter((answer) => 'payment' in answer && !answer.replayed)).toHaveLength(1);
    const payment = await world.get();
    for (const answer of answers) expect(answer).toMatchObject({ payment });
    await world.drain();
    expect(await world.truth()).toHaveLength(1);
  });

  it('makes one payment of fifty different requests at once, and refuses the others', async () => {
    const world = createWorld();
    const asked = Array.from({ length: 50 }, (_, n) =>
      outcomeOf(world, { fields: { payment_id: 'p1', amount: n + 1 } }),
    );
    const outcomes = await Promise.all(asked);
    expect(outcomes.filter((outcome) => outcome === 'idempotency_mismatch')).toHaveLength(49);
    expect(await changes(world)).toBe(1);
  });

  it('gives two merchants, and both modes, a payment each under one id', async () => {
    const live = { ...createScriptedPsp({ name: 'live' }), accepts: (livemode: boolean) => livemode };
    const world = createWorld({ connectors: (simulator) => [simulator, live] });
    const partitions = [MERCHANT, { ...MERCHANT, merchant_id: 'm_2' }, { ...MERCHANT, livemode: true }];
    for (const partition of partitions) expect(await outcomeOf(world, { partition })).toEqual(['p1', false]);
    await world.drain();
    expect((await world.truth()).map(({ merchant_id }) => merchant_id)).toEqual(['m_1', 'm_2']);
    expect(live.calls()).toEqual(['execute']);
  });
});

describe('an Idempotency-Key', () => {
  const fields = { amount: 1_000 };

  it('names the payment where the body does not', async () => {
    const world = createWorld();
    const id = derivedPaymentId(MERCHANT, 'k');
    expect(await outcomeOf(world, { fields, idempotencyKey: 'k' })).toEqual([id, false]);
    expect(await outcomeOf(world, { fields, idempotencyKey: 'k' })).toEqual([id, true]);
    expect(await outcomeOf(world, { fields: { amount: 2 }, idempotencyKey: 'k' })).toBe(
      'idempotency_mismatch',
    );
    expect(await outcomeOf(world, { fields, idempotencyKey: 'other' })).not.toEqual([id, true]);
  });

  it('is part of the request where the body names the payment', async () => {
    const world = createWorld();
    const named = { payment_id: 'p1', amount: 1_000 };
    expect(await outcomeOf(world, { fields: named, idempotencyKey: 'k' })).toEqual(['p1', false]);
    expect(await outcomeOf(world, { fields: named, idempotencyKey: 'k' })).toEqual(['p1', true]);
    for (const idempotencyKey of ['other', undefined]) {
      expect(await outcomeOf(world, { fields: named, idempotencyKey })).toBe('idempotency_mismatch');
    }
  });

  it('can be used for payments that are named differently', async () => {
    const world = createWorld();
    for (const payment_id of ['p1', 'p2']) {
      const named = { payment_id, amount: 1_000 };
      expect(await outcomeOf(world, { fields: named, idempotencyKey: 'k' })).toEqual([payment_id, false]);
    }
  });
});
