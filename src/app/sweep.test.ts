import { describe, expect, it } from 'vitest';
import {
  AUTHORIZATION_TTL_MS,
  CHALLENGE_TTL_MS,
  EXPIRY_RETRY_MS,
  MAX_ATTEMPTS,
  MAX_HISTORY,
  MAX_REVERSAL_ATTEMPTS,
  PENDING_GRACE_MS,
  UNSETTLED_LIMIT_MS,
} from '../domain/limits.ts';
import { aNextAction, anOperation, aPayment } from '../domain/payment.fixture.ts';
import {
  firstOperation,
  type HistoryEntry,
  type Operation,
  type Payment,
  timestamp,
} from '../domain/payment.ts';
import { UnavailableError } from '../ports/faults.ts';
import {
  createWorld,
  DAY_MS,
  HOUR_MS,
  MERCHANT,
  MINUTE_MS,
  SECOND_MS,
  VISIBILITY_MS,
  type World,
  type WorldOptions,
} from './app.fixture.ts';
import { RELAY } from './relay.ts';
import { createScriptedPsp, DOWN, NO_ANSWER, PENDS, type Reply, SUCCEEDS } from './scripted-psp.fixture.ts';
import { createSweep } from './sweep.ts';

const CHALLENGE: Reply = {
  outcome: 'requires_action',
  psp_reference: 'ref_1',
  next_action: aNextAction({ expires_at: '2026-01-02T00:00:00.000Z' }),
};
const EMPTY = { waiting: 0, delayed: 0, inFlight: 0 };

function scripted(
  script: { execute?: readonly Reply[]; lookup?: readonly Reply[] },
  options: WorldOptions = {},
) {
  const psp = createScriptedPsp();
  psp.will(script);
  return { psp, world: createWorld({ ...options, connectors: () => [psp] }) };
}

/** The one dead letter there is; a fault of the test if there are more or none. */
async function theDeadLetter(world: World) {
  const [letter, ...others] = await world.queue.deadLetters(10);
  if (!letter || others.length > 0) throw new Error('fixture: not exactly one dead letter');
  return letter;
}

describe('what was lost on the way (invariant 2)', () => {
  it('a message that the queue lost is sent again once it is overdue, and not before', async () => {
    const world = createWorld();
    await world.pay();
    await world.relay.step();
    await world.queue.ack((await world.queue.receive(1)).map(({ receipt }) => receipt));
    await world.advance(PENDING_GRACE_MS - 1);
    await world.pass();
    expect(await world.queue.depth()).toEqual(EMPTY);
    await world.advance(1);
    await world.pass();
    await world.drain();
    expect(await world.get()).toMatchObject({ status: 'completed' });
    expect(await world.truth()).toHaveLength(1);
  });

  it('a change that the relay passed over is sent all the same, for every operation of a payment', async () => {
    const world = createWorld();
    await world.paid();
    await world.refund(100, 'r1');
    await world.refund(200, 'r2');
    const page = await world.store.read(RELAY, 100);
    await world.store.commit(RELAY, page.position);
    await world.drain();
    expect(await world.get()).toMatchObject({ amount_refunded: 0 });
    await world.live(PENDING_GRACE_MS);
    expect(await world.get()).toMatchObject({ amount_refunded: 300 });
  });

  it('is looked up before it is asked for: perhaps only what came of it was lost', async () => {
    const { psp, world } = scripted({ lookup: [SUCCEEDS] });
    await world.pay();
    await world.relay.step();
    await world.queue.ack((await world.queue.receive(1)).map(({ receipt }) => receipt));
    await world.live(PENDING_GRACE_MS);
    expect(psp.calls()).toEqual(['lookup']);
    expect(await world.get()).toMatchObject({ status: 'completed' });
  });

  it('is nothing where all is settled', async () => {
    const world = createWorld();
    await world.paid();
    await world.paid({ payment_id: 'p2', payment_method: 'pm_card_visa_chargeDeclined' });
    const { version } = await world.get();
    await world.live(30 * DAY_MS, DAY_MS);
    expect((await world.get()).version).toBe(version);
    expect(await world.queue.depth()).toEqual(EMPTY);
  });
});

describe('a sweep of much that is due', () => {
  it('takes one bounded page in each step, and comes to an end', async () => {
    const world = createWorld();
    for (let n = 0; n < 250; n++) await world.pay({ payment_id: `p${n}` });
    await world.advance(PENDING_GRACE_MS);
    const steps: [boolean, number][] = [];
    for (let n = 0; n < 3; n++)
      steps.push([await world.sweep.step(), (await world.queue.depth()).waiting] as const);
    expect(steps).toEqual([
      [true, 100],
      [true, 200],
      [false, 250],
    ]);
  });

  it('does not make a busy queue longer, but for what has waited for more than an hour', async () => {
    const world = createWorld();
    await world.pay();
    const filler = Array.from({ length: 1_001 }, (_, n) => n);
    await world.queue.send(
      filler.map((n) => ({ ...MERCHANT, payment_id: `q${n}`, operation_id: 'charge.1', attempt: 0 })),
    );
    await world.advance(PENDING_GRACE_MS);
    await world.pass();
    expect((await world.queue.depth()).waiting).toBe(1_001);
    await world.advance(HOUR_MS);
    await world.pass();
    expect((await world.queue.depth()).waiting).toBe(1_001);
    await world.advance(1);
    await world.pass();
    expect((await world.queue.depth()).waiting).toBe(1_002);
  });

  it('still releases what has expired while the queue is busy', async () => {
    const world = createWorld();
    await world.paid({ capture_method: 'manual' });
    await world.queue.send(
      Array.from({ length: 1_001 }, () => ({
        ...MERCHANT,
        payment_id: 'q',
        operation_id: 'charge.1',
        attempt: 0,
      })),
    );
    await world.advance(AUTHORIZATION_TTL_MS);
    await world.pass();
    expect(await world.get()).toMatchObject({ dispatch: 'cancel.3' });
  });

  it('is not kept from the others by one payment that cannot be swept', async () => {
    const world = createWorld();
    for (const payment_id of ['p1', 'p2', 'p3']) await world.paid({ payment_id, capture_method: 'manual' });
    const { update } = world.store;
    world.store.update = async (next) => {
      if (next.payment_id === 'p2') throw new UnavailableError('poison');
      return update(next);
    };
    await world.advance(AUTHORIZATION_TTL_MS);
    await world.pass();
    world.store.update = update;
    await world.drain();
    const statuses = await Promise.all(['p1', 'p2', 'p3'].map(async (id) => (await world.get(id)).status));
    expect(statuses).toEqual(['canceled', 'authorized', 'canceled']);
    await world.live(MINUTE_MS);
    expect(await world.get('p2')).toMatchObject({ status: 'canceled' });
  });

  it('stays at the page that it could not send', async () => {
    const world = createWorld();
    for (let n = 0; n < 150; n++) await world.pay({ payment_id: `p${n}` });
    await world.advance(PENDING_GRACE_MS);
    const { send } = world.queue;
    world.queue.send = async () => {
      throw new UnavailableError('The queue is down.');
    };
    await expect(world.sweep.step()).rejects.toThrow('The queue is down.');
    world.queue.send = send;
    await world.pass();
    expect((await world.queue.depth()).waiting).toBe(150);
  });
});

describe('an operation that is unknown while the PSP cannot be reached', () => {
  /** Lives; answers when the PSP was asked about the operation, in ms since the payment was accepted. */
  async function lookedUpAt(world: World, forMs: number): Promise<number[]> {
    const startMs = world.clock.now();
    const at: number[] = [];
    const { update } = world.store;
    world.store.update = (next) => {
      if (next.history.at(-1)?.kind === 'lookup') at.push(world.clock.now() - startMs);
      return update(next);
    };
    await world.paid();
    await world.live(forMs);
    return at;
  }

  it('is looked up after seconds, an hour and then daily, and after 7 days a person is asked', async () => {
    const { psp, world } = scripted({ execute: [NO_ANSWER], lookup: [NO_ANSWER] });
    const at = await lookedUpAt(world, 9 * DAY_MS);
    const hours = at.map((ms) => Math.round(ms / HOUR_MS));
    expect(hours).toEqual([0, 1, 25, 49, 73, 97, 121, 145]);
    expect(psp.calls().filter((call) => call === 'execute')).toHaveLength(1);
    const letter = await theDeadLetter(world);
    expect(letter).toMatchObject({
      item: { payment_id: 'p1', operation_id: 'charge.1' },
      reason: expect.stringContaining('unknown since 2026-01-01T00:00:00.000Z'),
    });
    expect(Date.parse(letter.at) - Date.UTC(2026, 0, 1)).toBeGreaterThan(UNSETTLED_LIMIT_MS);
    expect(await world.get()).toMatchObject({
      status: 'processing',
      operations: [{ outcome: 'unknown', next_step_at: null, dead_lettered_at: letter.at }],
    });
    expect(world.log.filter(({ level }) => level === 'error')).toHaveLength(1);
    const asked = psp.asked.length;
    await world.live(30 * DAY_MS, HOUR_MS);
    expect(psp.asked).toHaveLength(asked);
    expect(await world.queue.depth()).toEqual(EMPTY);
  });

  it('is looked up after five minutes where the quick look-up was lost', async () => {
    const { world } = scripted(
      { execute: [NO_ANSWER], lookup: [NO_ANSWER] },
      {
        queue: (real) => ({
          ...real,
          send: async (items, delayMs) => (delayMs === undefined ? real.send(items) : undefined),
        }),
      },
    );
    const at = await lookedUpAt(world, 2 * HOUR_MS);
    expect(at.map((ms) => Math.round(ms / MINUTE_MS))).toEqual([5, 65]);
  });

  async function deadLettered(psp = createScriptedPsp()) {
    const world = createWorld({ connectors: () => [psp] });
    psp.will({ execute: [NO_ANSWER], lookup: [NO_ANSWER] });
    await world.paid();
    await world.live(9 * DAY_MS, 10 * MINUTE_MS);
    return { psp, world, letter: await theDeadLetter(world) };
  }

  it('is settled by a person, and is no dead letter any more', async () => {
    const { world } = await deadLettered();
    const ref = { ...MERCHANT, payment_id: 'p1' };
    expect(
      await world.resolve(ref, 'charge.1', { as: 'succeeded', reason: 'on the statement' }),
    ).toMatchObject({
      ok: true,
    });
    await world.drain();
    expect(await world.get()).toMatchObject({ status: 'completed', amount_captured: 1_000 });
    expect(await world.queue.deadLetters(10)).toEqual([]);
    expect(world.auditState.lines.at(-1)).toContain('on the statement');
  });

  it('is asked about again by a redrive, and leaves the list once that settles it', async () => {
    const { psp, world, letter } = await deadLettered();
    psp.will({ lookup: [SUCCEEDS] });
    expect(await world.queue.redrive(letter.id)).toBe(true);
    await world.drain();
    expect(await world.get()).toMatchObject({ status: 'completed' });
    expect(await world.queue.deadLetterCount()).toBe(0);
  });

  it('comes back to the list where a redrive teaches nothing', async () => {
    const { world, letter } = await deadLettered();
    await world.queue.redrive(letter.id);
    await world.drain();
    expect(await world.queue.deadLetterCount()).toBe(0);
    await world.live(2 * DAY_MS, 10 * MINUTE_MS);
    expect(await theDeadLetter(world)).toMatchObject({ item: { operation_id: 'charge.1' } });
  });

  it('leaves the list when it is settled though something was learned of it before', async () => {
    const { psp, world } = await deadLettered();
    psp.will({ lookup: [PENDS, SUCCEEDS] });
    const item = { ...MERCHANT, payment_id: 'p1', operation_id: 'charge.1', attempt: 0 };
    await world.queue.send([item]);
    await world.drain();
    expect((await world.get()).operations[0]).toMatchObject({ outcome: 'pending', dead_lettered_at: null });
    await world.queue.send([item]);
    await world.drain();
    expect(await world.get()).toMatchObject({ status: 'completed' });
    expect(await world.queue.deadLetterCount()).toBe(0);
  });
});

describe('a dead letter', () => {
  async function atTheLimit() {
    const { psp, world } = scripted({ execute: [NO_ANSWER], lookup: [NO_ANSWER] });
    await world.paid();
    await world.live(7 * DAY_MS, 10 * MINUTE_MS);
    await world.advance(DAY_MS);
    expect(await world.queue.deadLetterCount()).toBe(0);
    return { psp, world };
  }

  it('is not left behind by what is settled in the very moment', async () => {
    const { psp, world } = await atTheLimit();
    psp.will({ lookup: [SUCCEEDS] });
    const item = { ...MERCHANT, payment_id: 'p1', operation_id: 'charge.1', attempt: 0 };
    const { deadLetter } = world.queue;
    world.queue.deadLetter = async (...given) => {
      world.queue.deadLetter = deadLetter;
      await world.queue.send([item]);
      await world.worker.step();
      await deadLetter(...given);
    };
    await world.pass();
    expect(await world.get()).toMatchObject({ status: 'completed' });
    expect(await world.queue.deadLetterCount()).toBe(0);
    expect(world.log.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('leaves the list though the worker that settled it could not take it off', async () => {
    const { psp, world } = await atTheLimit();
    await world.pass();
    psp.will({ lookup: [SUCCEEDS] });
    const { dropDeadLetters } = world.queue;
    world.queue.dropDeadLetters = async () => {
      throw new UnavailableError('The queue is down.');
    };
    await world.queue.send([{ ...MERCHANT, payment_id: 'p1', operation_id: 'charge.1', attempt: 0 }]);
    await world.drain();
    expect(await world.get()).toMatchObject({ status: 'completed' });
    expect(await world.queue.deadLetterCount()).toBe(1);
    world.queue.dropDeadLetters = dropDeadLetters;
    await world.advance(VISIBILITY_MS);
    await world.drain();
    expect(await world.queue.deadLetterCount()).toBe(0);
  });

  it('is listed once though the sweep died between the list and the mark', async () => {
    const { world } = await atTheLimit();
    const { update } = world.store;
    world.store.update = async () => {
      world.store.update = update;
      throw new UnavailableError('killed');
    };
    await world.pass();
    expect(await world.get()).toMatchObject({ operations: [{ dead_lettered_at: null }] });
    await world.pass();
    await theDeadLetter(world);
    expect((await world.get()).operations[0]?.dead_lettered_at).not.toBeNull();
  });

  it('that the queue itself made leaves the list once the sweep has had the operation settled', async () => {
    const world = createWorld();
    await world.pay();
    await world.relay.step();
    for (let n = 0; n < 11; n++) {
      await world.queue.receive(1);
      await world.advance(MINUTE_MS);
    }
    await theDeadLetter(world);
    await world.pass();
    await world.drain();
    expect(await world.get()).toMatchObject({ status: 'completed' });
    expect(await world.queue.deadLetterCount()).toBe(0);
  });
});

describe('a payment whose history has no room left', () => {
  const ref = { ...MERCHANT, payment_id: 'p1' };

  /** `room`: entries that are still free, what is kept for the system among them. */
  function full(world: World, operation: Operation, room: number): Payment {
    const at = timestamp(world.clock.now());
    const entry = { at, kind: 'lookup', operation_id: operation.id, actor: 'worker' } as const;
    const { outcome } = operation;
    const history = Array.from({ length: MAX_HISTORY - room }, (_, n): HistoryEntry => {
      return { ...entry, version: n + 1, outcome, status: 'authorized' };
    });
    const { version } = history.at(-1) as HistoryEntry;
    return aPayment({ ...ref, connector: 'scripted', operations: [operation], history, version });
  }

  it('keeps a hold that cannot be voided on the list, whoever redrives it, until a person settles it', async () => {
    const { psp, world } = scripted({});
    const hold = anOperation({ kind: 'authorize' });
    const expiresAt = timestamp(world.clock.now() + HOUR_MS);
    await world.store.create({ ...full(world, hold, 5), authorization_expires_at: expiresAt });
    await world.live(HOUR_MS);
    for (let n = 0; n < 2; n++) {
      expect(await world.queue.redrive((await theDeadLetter(world)).id)).toBe(true);
      await world.drain();
      await world.live(DAY_MS, HOUR_MS);
    }
    expect(await theDeadLetter(world)).toMatchObject({ item: { operation_id: 'authorize.1' } });
    expect(psp.calls()).toEqual([]);
    await world.resolve(ref, 'authorize.1', { as: 'failed', reason: 'the PSP holds nothing' });
    expect(await world.get()).toMatchObject({ status: 'canceled' });
    expect(await world.queue.deadLetterCount()).toBe(0);
  });

  it('keeps an unknown operation on the list where a redrive teaches what there is no room to write', async () => {
    const { psp, world } = scripted({ lookup: [NO_ANSWER] });
    const requested_at = timestamp(world.clock.now());
    const charge = anOperation({ outcome: 'unknown', requested_at, next_step_at: requested_at });
    await world.store.create(full(world, charge, 12));
    await world.advance(UNSETTLED_LIMIT_MS + 1);
    await world.pass();
    const { version } = await world.get();
    await world.queue.redrive((await theDeadLetter(world)).id);
    await world.drain();
    expect(psp.calls()).toEqual(['lookup']);
    expect(await world.get()).toMatchObject({ version, operations: [{ outcome: 'unknown' }] });
    await theDeadLetter(world);
  });
});

describe('what expires', () => {
  it('is an authorization, after 7 days: the PSP is asked to void it', async () => {
    const world = createWorld();
    await world.paid({ capture_method: 'manual' });
    await world.live(AUTHORIZATION_TTL_MS - MINUTE_MS, 10 * MINUTE_MS);
    expect(await world.get()).toMatchObject({ status: 'authorized', version: 2 });
    await world.live(2 * MINUTE_MS);
    expect(await world.get()).toMatchObject({
      status: 'canceled',
      cancellation_reason: 'authorization_expired',
      amount_capturable: 0,
      operations: [{ kind: 'authorize' }, { kind: 'cancel', reason: 'authorization_expired' }],
    });
    expect((await world.get()).history.at(-2)).toMatchObject({ kind: 'cancel', actor: 'sweep' });
    expect((await world.truth()).map(({ kind }) => kind)).toEqual(['authorize', 'cancel']);
  });

  it('is a challenge, after 24 hours, which then cannot be accepted any more', async () => {
    const world = createWorld();
    await world.paid({ payment_method: 'pm_card_authenticationRequired' });
    await world.live(CHALLENGE_TTL_MS - MINUTE_MS, MINUTE_MS);
    expect(await world.get()).toMatchObject({ status: 'requires_action' });
    await world.live(MINUTE_MS);
    expect(await world.get()).toMatchObject({
      status: 'canceled',
      cancellation_reason: 'challenge_expired',
    });
    expect((await world.get()).operations.at(-1)).toMatchObject({ kind: 'cancel', outcome: 'succeeded' });
    expect(await world.queue.deadLetters(10)).toEqual([]);
  });

  it('is tried again a day later where the void fails', async () => {
    const psp = createScriptedPsp();
    const held: Reply = { outcome: 'succeeded', psp_reference: 'ref_1' };
    const fails: Reply = {
      outcome: 'failed',
      psp_reference: null,
      failure: { code: 'cancel_failed', decline_code: null, advice: null, message: 'No.' },
    };
    psp.will({ execute: [held, fails, fails, SUCCEEDS] });
    const world = createWorld({ connectors: () => [psp] });
    await world.paid({ capture_method: 'manual' });
    await world.live(AUTHORIZATION_TTL_MS + HOUR_MS, 10 * MINUTE_MS);
    expect(await world.get()).toMatchObject({ status: 'authorized', failure: { code: 'cancel_failed' } });
    expect(psp.calls()).toHaveLength(2);
    await world.live(EXPIRY_RETRY_MS - 2 * HOUR_MS, 10 * MINUTE_MS);
    expect(psp.calls()).toHaveLength(2);
    await world.live(2 * HOUR_MS, 10 * MINUTE_MS);
    expect(psp.calls()).toHaveLength(3);
    await world.live(EXPIRY_RETRY_MS + HOUR_MS, 10 * MINUTE_MS);
    expect(await world.get()).toMatchObject({
      status: 'canceled',
      cancellation_reason: 'authorization_expired',
    });
  });

  it('waits for a capture that is in flight, and is nothing once that succeeds', async () => {
    const { psp, world } = scripted({ execute: [SUCCEEDS, NO_ANSWER], lookup: [NO_ANSWER] });
    await world.paid({ capture_method: 'manual' });
    await world.live(AUTHORIZATION_TTL_MS - MINUTE_MS, 10 * MINUTE_MS);
    await world.capture();
    await world.live(HOUR_MS);
    expect(await world.get()).toMatchObject({ status: 'authorized' });
    psp.will({ lookup: [SUCCEEDS] });
    await world.live(2 * DAY_MS, 10 * MINUTE_MS);
    expect(await world.get()).toMatchObject({ status: 'completed' });
    expect((await world.get()).operations).toHaveLength(2);
  });

  it('gives way to whoever was faster, and asks for one cancel only', async () => {
    const world = createWorld();
    await world.paid({ capture_method: 'manual' });
    await world.advance(AUTHORIZATION_TTL_MS);
    const { update } = world.store;
    world.store.update = async (next) => {
      world.store.update = update;
      await world.cancel();
      return update(next);
    };
    await world.pass();
    await world.pass();
    await world.drain();
    expect((await world.get()).operations.map(({ kind }) => kind)).toEqual(['authorize', 'cancel']);
    expect(await world.get()).toMatchObject({ status: 'canceled', cancellation_reason: null });
  });

  it('is asked for once by two sweeps at once', async () => {
    const world = createWorld();
    await world.paid({ capture_method: 'manual' });
    await world.advance(AUTHORIZATION_TTL_MS);
    const other = createSweep(world);
    await Promise.all([world.pass(), other.step()]);
    await world.drain();
    expect((await world.get()).operations).toHaveLength(2);
  });
});

describe('a reversal that the PSP does not execute', () => {
  /** The money was taken after the confirmed cancel; from then on the PSP does as the script says. */
  async function reversing(script: { execute: readonly Reply[]; lookup?: readonly Reply[] }) {
    const { psp, world } = scripted({ execute: [CHALLENGE, SUCCEEDS], lookup: [null] });
    await world.paid();
    await world.cancel();
    await world.drain();
    const startMs = world.clock.now();
    const executedAt: number[] = [];
    const { execute } = psp;
    psp.execute = (request, signal) => {
      executedAt.push(world.clock.now() - startMs);
      return execute(request, signal);
    };
    psp.will(script);
    const payment = await world.get();
    const by = { actor: 'psp', lookup: true } as const;
    await world.settler.record(payment, firstOperation(payment), SUCCEEDS, by);
    await world.drain();
    return { psp, world, executedAt };
  }
  const theReversal = async (world: World) => (await world.get()).operations[2];

  it('is asked for eight times in minutes, then after 5 minutes, an hour and daily, and after 7 days a person is asked', async () => {
    const { psp, world, executedAt } = await reversing({ execute: [DOWN] });
    await world.live(4 * MINUTE_MS, SECOND_MS);
    expect(executedAt).toHaveLength(MAX_ATTEMPTS);
    expect(await theReversal(world)).toMatchObject({ outcome: 'pending', attempts: MAX_ATTEMPTS });
    expect(await world.queue.depth()).toEqual(EMPTY);
    await world.live(9 * DAY_MS);
    const hours = executedAt.slice(MAX_ATTEMPTS).map((ms) => Math.round(ms / HOUR_MS));
    expect(hours).toEqual([0, 1, 25, 49, 73, 97, 121, 145]);
    // What has been asked for so often is looked up before it is asked for again.
    expect(psp.calls().slice(-4)).toEqual(['lookup', 'execute', 'lookup', 'execute']);
    const letter = await theDeadLetter(world);
    expect(letter).toMatchObject({
      item: { payment_id: 'p1', operation_id: 'reversal.5' },
      reason: expect.stringContaining('pending since'),
    });
    expect(await theReversal(world)).toMatchObject({
      outcome: 'pending',
      next_step_at: null,
      dead_lettered_at: letter.at,
    });
    const asked = psp.asked.length;
    await world.live(30 * DAY_MS, HOUR_MS);
    expect(psp.asked).toHaveLength(asked);
  });

  it('gives the money back once the PSP is up again, days later', async () => {
    const { psp, world } = await reversing({ execute: [DOWN] });
    await world.live(3 * DAY_MS);
    psp.will({ execute: [SUCCEEDS] });
    await world.live(DAY_MS);
    expect(await theReversal(world)).toMatchObject({ outcome: 'succeeded', failure: null });
    expect(await world.queue.deadLetters(10)).toEqual([]);
    expect(world.alarms()).toBe(1);
  });

  it('is not asked for more often than it may be, and yet not given up', async () => {
    const { psp, world, executedAt } = await reversing({ execute: [DOWN] });
    await world.queue.send([
      { ...MERCHANT, payment_id: 'p1', operation_id: 'reversal.5', attempt: MAX_REVERSAL_ATTEMPTS },
    ]);
    const asked = psp.asked.length;
    const executed = executedAt.length;
    await world.worker.step();
    expect(psp.calls().slice(asked)).toEqual(['lookup']);
    expect(executedAt).toHaveLength(executed);
    // Looked up by the retry that was there before, and by nothing that follows from this.
    expect(await world.queue.depth()).toEqual({ ...EMPTY, delayed: 1 });
    expect(await theReversal(world)).toMatchObject({ outcome: 'pending', lookups: 1, failure: null });
  });
});

describe('a retry that was lost', () => {
  it('is found after its time, and counts on where it was', async () => {
    const { psp, world } = scripted({ execute: [DOWN, SUCCEEDS] });
    await world.pay();
    await world.relay.step();
    await world.worker.step();
    expect(await world.queue.depth()).toEqual({ ...EMPTY, delayed: 1 });
    await world.advance(SECOND_MS);
    await world.queue.ack((await world.queue.receive(1)).map(({ receipt }) => receipt));
    await world.live(PENDING_GRACE_MS + MINUTE_MS);
    expect(psp.calls()).toEqual(['execute', 'lookup', 'execute']);
    expect(await world.get()).toMatchObject({ status: 'completed', operations: [{ attempts: 2 }] });
  });
});
