import { describe, expect, it } from 'vitest';
import { MAX_ATTEMPTS, MAX_HISTORY, RETRY_CAP_MS } from '../domain/limits.ts';
import { aNextAction, anOperation, aPayment } from '../domain/payment.fixture.ts';
import { firstOperation, type HistoryEntry, type Operation, timestamp } from '../domain/payment.ts';
import { UnavailableError } from '../ports/faults.ts';
import {
  createWorld,
  DAY_MS,
  deferred,
  HOUR_MS,
  MERCHANT,
  PSP_TIMEOUT_MS,
  SECOND_MS,
  settled,
  VISIBILITY_MS,
  type WorldOptions,
} from './app.fixture.ts';
import {
  createScriptedPsp,
  DOWN,
  FAILS,
  KEY_IN_USE,
  NO_ANSWER,
  PENDS,
  REFUSES,
  type Reply,
  SUCCEEDS,
} from './scripted-psp.fixture.ts';
import { WORK_BATCH } from './work.ts';

const QUICK_LOOKUP_MS = 2 * SECOND_MS;
/** From the last attempt to the look-up that gives it up. */
const LAST_PAUSE_MS = 2 * PSP_TIMEOUT_MS + SECOND_MS;
const EMPTY = { waiting: 0, delayed: 0, inFlight: 0 };

/** A world with a PSP that does as it is told. */
function scripted(
  script: { execute?: readonly Reply[]; lookup?: readonly Reply[] },
  options: WorldOptions = {},
) {
  const psp = createScriptedPsp();
  psp.will(script);
  return { psp, world: createWorld({ ...options, connectors: () => [psp] }) };
}

function workItem(operation_id = 'charge.1') {
  return { ...MERCHANT, payment_id: 'p1', operation_id, attempt: 0 };
}

const CHALLENGE: Reply = {
  outcome: 'requires_action',
  psp_reference: 'ref_1',
  next_action: aNextAction({ expires_at: '2026-01-02T00:00:00.000Z' }),
};

describe('the worker', () => {
  it.each([
    ['pm_card_visa', { status: 'completed', failure: null }],
    ['pm_card_visa_chargeDeclined', { status: 'failed', failure: { code: 'card_declined' } }],
    ['pm_card_authenticationRequired', { status: 'requires_action' }],
  ])('records what the PSP says: %s', async (payment_method, expected) => {
    const world = createWorld();
    const payment = await world.paid({ payment_method });
    expect(payment).toMatchObject({ ...expected, version: 2, dispatch: null });
    expect(payment.history.at(-1)).toMatchObject({ actor: 'worker' });
    expect(firstOperation(payment).attempts).toBe(1);
  });

  it('acknowledges what it has seen to', async () => {
    const world = createWorld();
    await world.paid();
    expect(await world.queue.depth()).toEqual(EMPTY);
    expect(world.timers.pending()).toBe(0);
  });

  it('asks for a batch at once', async () => {
    const gate = deferred();
    const { psp, world } = scripted({ execute: [() => gate.promise.then(() => SUCCEEDS)] });
    for (let n = 0; n <= WORK_BATCH; n++) await world.pay({ payment_id: `p${n}` });
    await world.relay.step();
    const step = world.worker.step();
    await settled();
    expect(psp.calls()).toHaveLength(WORK_BATCH);
    gate.resolve();
    expect(await step).toBe(WORK_BATCH);
    expect(await world.worker.step()).toBe(1);
  });

  it('puts work aside that names nothing, and says so', async () => {
    const world = createWorld();
    await world.pay();
    await world.queue.send([workItem('r9'), { ...workItem(), payment_id: 'p9' }]);
    expect(await world.worker.step()).toBe(2);
    expect(await world.queue.depth()).toEqual(EMPTY);
    expect(world.log.map(({ level }) => level)).toEqual(['warn', 'warn']);
  });

  it('fails for good what the PSP refuses for good', async () => {
    const { psp, world } = scripted({ execute: [REFUSES] });
    expect(await world.paid()).toMatchObject({ status: 'failed', failure: { code: 'psp_rejected' } });
    expect(psp.calls()).toEqual(['execute']);
  });

  it('decides again where another write was faster, and keeps both (invariant 6)', async () => {
    const world = createWorld();
    await world.paid();
    await world.refund(100, 'r1');
    await world.relay.step();
    const { update } = world.store;
    world.store.update = async (next) => {
      world.store.update = update;
      await world.refund(200, 'r2');
      return update(next);
    };
    await world.worker.step();
    const { operations, version } = await world.get();
    expect(version).toBe(5);
    expect(operations.map(({ id, outcome }) => [id, outcome])).toEqual([
      ['charge.1', 'succeeded'],
      ['r1', 'succeeded'],
      ['r2', 'pending'],
    ]);
  });
});

describe('a message that comes again (invariant 1)', () => {
  it('as a copy: charges once', async () => {
    const world = createWorld();
    const payment = await world.pay();
    await world.relay.handle([payment, payment, payment]);
    await world.drain();
    expect(await world.truth()).toHaveLength(1);
    expect(await world.get()).toMatchObject({ status: 'completed', version: 2 });
  });

  it('as a copy while the first is being asked for: charges once, and ends with what the PSP did', async () => {
    const world = createWorld({ simulatorLatencyMs: 3 * SECOND_MS });
    const payment = await world.pay();
    await world.relay.handle([payment, payment]);
    await world.drain();
    expect(await world.truth()).toHaveLength(1);
    expect(await world.get()).toMatchObject({ status: 'completed' });
  });

  it('after it was seen to: asks nobody', async () => {
    const { psp, world } = scripted({});
    await world.paid();
    await world.queue.send([workItem(), workItem()]);
    await world.drain();
    expect(psp.calls()).toEqual(['execute']);
    expect((await world.get()).version).toBe(2);
  });

  it('since its reader died after asking: is looked up, and not asked again', async () => {
    const { psp, world } = scripted({ lookup: [SUCCEEDS] });
    const payment = await world.pay();
    await world.relay.step();
    await world.queue.receive(1);
    await world.psp.ask(payment, firstOperation(payment), 1, false);
    await world.advance(VISIBILITY_MS);
    await world.drain();
    expect(psp.calls()).toEqual(['execute', 'lookup']);
    expect(await world.get()).toMatchObject({ status: 'completed', operations: [{ attempts: 0 }] });
  });

  it('since its reader died before asking: is looked up, and then asked', async () => {
    const { psp, world } = scripted({});
    await world.pay();
    await world.relay.step();
    await world.queue.receive(1);
    await world.advance(VISIBILITY_MS);
    await world.drain();
    expect(psp.calls()).toEqual(['lookup', 'execute']);
    expect(await world.get()).toMatchObject({ status: 'completed' });
  });

  it('since what the PSP said could not be stored: is looked up, and recorded then', async () => {
    const { psp, world } = scripted({ lookup: [SUCCEEDS] });
    await world.pay();
    const { update } = world.store;
    world.store.update = async () => {
      world.store.update = update;
      throw new UnavailableError('The disk is full.');
    };
    await world.drain();
    expect(world.log).toMatchObject([{ level: 'warn', message: 'work will be tried again' }]);
    expect(await world.queue.depth()).toEqual({ ...EMPTY, inFlight: 1 });
    expect(await world.get()).toMatchObject({ status: 'processing', version: 1 });
    await world.advance(VISIBILITY_MS);
    await world.drain();
    expect(psp.calls()).toEqual(['execute', 'lookup']);
    expect(await world.get()).toMatchObject({ status: 'completed', version: 2 });
  });

  it('to a second worker, while the first still waits: charges once, and neither undoes the other', async () => {
    const gate = deferred();
    const first: Reply = () => gate.promise.then(() => Promise.reject(NO_ANSWER));
    const { psp, world } = scripted({ execute: [first, SUCCEEDS] });
    await world.pay();
    await world.relay.step();
    const slow = world.worker.step();
    await settled();
    // The machine of the first one hangs, so that the queue gives the message to another.
    await world.worker.handle({ receipt: 'again', item: workItem(), receiveCount: 2 });
    expect(await world.get()).toMatchObject({ status: 'completed', version: 2 });
    gate.resolve();
    await slow;
    expect(await world.get()).toMatchObject({ status: 'completed', version: 2 });
    expect(new Set(psp.asked.map(({ request }) => JSON.stringify(request))).size).toBe(1);
  });

  it('does not keep the rest of its batch from being seen to', async () => {
    const world = createWorld();
    for (const payment_id of ['p1', 'p2', 'p3']) await world.pay({ payment_id });
    const { update } = world.store;
    world.store.update = (next) => {
      if (next.payment_id === 'p2') throw new Error('poison');
      return update(next);
    };
    await world.drain();
    expect(await world.get('p1')).toMatchObject({ status: 'completed' });
    expect(await world.get('p3')).toMatchObject({ status: 'completed' });
    expect(await world.queue.depth()).toEqual({ ...EMPTY, inFlight: 1 });
  });
});

describe('an operation that nobody answers for', () => {
  it.each(['pm_sim_timeout', 'pm_sim_timeout_lost'])(
    'is unknown, and settled by the quick look-up: %s',
    async (payment_method) => {
      const world = createWorld();
      const unknown = await world.paid({ payment_method });
      expect(unknown).toMatchObject({
        status: 'processing',
        operations: [{ outcome: 'unknown', attempts: 1 }],
      });
      expect(await world.queue.depth()).toEqual({ ...EMPTY, delayed: 1 });
      await world.advance(QUICK_LOOKUP_MS - 1);
      await world.drain();
      expect((await world.get()).version).toBe(2);
      await world.advance(1);
      await world.drain();
      expect(await world.get()).toMatchObject({ status: 'completed' });
      expect(await world.truth()).toHaveLength(1);
      expect(await world.queue.depth()).toEqual(EMPTY);
    },
  );

  it('is looked up quickly once: what is unknown still waits for the sweep', async () => {
    const { psp, world } = scripted({ execute: [NO_ANSWER], lookup: [NO_ANSWER] });
    await world.paid();
    await world.advance(QUICK_LOOKUP_MS);
    await world.drain();
    expect(psp.calls()).toEqual(['execute', 'lookup']);
    expect(await world.queue.depth()).toEqual(EMPTY);
    expect(await world.get()).toMatchObject({ status: 'processing', operations: [{ outcome: 'unknown' }] });
  });

  it.each([
    ['a key in use', KEY_IN_USE],
    ['a lost connection', NO_ANSWER],
    ['a bug of the connector', new TypeError('x is not a function')],
  ])('may have happened: %s is never a failure', async (_what, reply) => {
    const { world } = scripted({ execute: [reply] });
    expect(await world.paid()).toMatchObject({ status: 'processing', operations: [{ outcome: 'unknown' }] });
  });

  it('takes the PSP at its word when it answers after the deadline', async () => {
    const late = deferred();
    let done = false;
    const { psp, world } = scripted({
      execute: [
        async () => {
          await late.promise;
          done = true;
          return SUCCEEDS;
        },
      ],
      lookup: [async () => (done ? SUCCEEDS : Promise.reject(KEY_IN_USE)), async () => SUCCEEDS],
    });
    await world.paid();
    expect(await world.get()).toMatchObject({ operations: [{ outcome: 'unknown' }] });
    late.resolve();
    await world.advance(QUICK_LOOKUP_MS);
    await world.drain();
    expect(psp.calls()).toEqual(['execute', 'lookup']);
    expect(await world.get()).toMatchObject({ status: 'completed' });
  });

  it('keeps other operations from being asked for until it is settled (invariant 7)', async () => {
    const { psp, world } = scripted({ execute: [SUCCEEDS, NO_ANSWER] });
    await world.paid();
    await world.refund(100, 'r1');
    await world.drain();
    expect(await world.refund(100, 'r2')).toMatchObject({ refused: 'operation_in_progress' });
    psp.will({ lookup: [SUCCEEDS] });
    await world.advance(QUICK_LOOKUP_MS);
    await world.drain();
    expect(await world.refund(100, 'r2')).toMatchObject({ operation: { id: 'r2' } });
  });
});

describe('an operation that was not executed', () => {
  /** Lives until nothing is delayed any more; answers the pauses between attempts. */
  async function pausesOf(options: WorldOptions, payment_method: string) {
    const pauses: number[] = [];
    const world = createWorld({
      ...options,
      queue: (real) => ({
        ...real,
        async send(items, delayMs) {
          if (delayMs !== undefined) pauses.push(delayMs);
          await real.send(items, delayMs);
        },
      }),
    });
    await world.paid({ payment_method });
    for (let n = 0; n < 20; n++) {
      await world.advance(RETRY_CAP_MS);
      await world.drain();
    }
    expect(await world.queue.depth()).toEqual(EMPTY);
    return { world, pauses };
  }
  const withRandom = (random: number): WorldOptions => ({
    ids: (real) => ({ ...real, random: () => random }),
  });

  it('is tried again after pauses that double up to the cap, with full jitter', async () => {
    const doubling = [1, 2, 4, 8, 16, 32, 60].map((seconds) => seconds * SECOND_MS);
    const most = await pausesOf(withRandom(0.999_999), 'pm_sim_unavailable_9');
    expect(most.pauses).toEqual([...doubling.map((ms) => ms - 1), LAST_PAUSE_MS]);
    const half = await pausesOf(withRandom(0.5), 'pm_sim_unavailable_9');
    expect(half.pauses).toEqual([...doubling.map((ms) => ms / 2), LAST_PAUSE_MS]);
    const none = await pausesOf(withRandom(0), 'pm_sim_unavailable_9');
    expect(none.pauses).toEqual([...doubling.map(() => 0), LAST_PAUSE_MS]);
  });

  it('succeeds with the last attempt there is', async () => {
    const { world } = await pausesOf({}, `pm_sim_unavailable_${MAX_ATTEMPTS - 1}`);
    expect(await world.get()).toMatchObject({
      status: 'completed',
      operations: [{ attempts: MAX_ATTEMPTS }],
    });
    expect(await world.truth()).toHaveLength(1);
  });

  it('fails after that many, and is not asked for once more', async () => {
    const { world } = await pausesOf({}, `pm_sim_unavailable_${MAX_ATTEMPTS}`);
    expect(await world.get()).toMatchObject({
      status: 'failed',
      failure: { code: 'psp_unavailable', advice: 'try_again_later' },
      operations: [{ attempts: MAX_ATTEMPTS }],
    });
    expect(await world.truth()).toEqual([]);
  });

  it('fails after that many though its history has no room left to count them', async () => {
    const { psp, world } = scripted({ execute: [DOWN] });
    const refund = anOperation({ id: 'r1', kind: 'refund', amount: 10, outcome: 'pending' });
    const requested_at = timestamp(world.clock.now());
    const operations: Operation[] = [anOperation(), { ...refund, requested_at }];
    const entry = { at: requested_at, kind: 'lookup', operation_id: 'charge.1' } as const;
    const history = Array.from({ length: MAX_HISTORY - 13 }, (_, n): HistoryEntry => {
      return { ...entry, version: n + 1, outcome: 'succeeded', status: 'completed', actor: 'worker' };
    });
    const full = aPayment({
      ...MERCHANT,
      payment_id: 'p1',
      connector: 'scripted',
      operations,
      history,
      version: history.length,
      dispatch: 'r1',
    });
    await world.store.create(full);
    for (let n = 0; n < 20; n++) {
      await world.drain();
      await world.advance(RETRY_CAP_MS);
    }
    expect(psp.calls()).toEqual([...Array.from({ length: MAX_ATTEMPTS }, () => 'execute'), 'lookup']);
    const after = await world.get();
    expect(after.history.length).toBeLessThanOrEqual(MAX_HISTORY);
    expect(after.operations.at(-1)).toMatchObject({
      outcome: 'failed',
      failure: { code: 'psp_unavailable', message: expect.stringContaining(`asked ${MAX_ATTEMPTS} times`) },
    });
    expect(after.version).toBe(full.version + 1);
  });

  it('is a new message, so that it is asked for and not looked up', async () => {
    const { psp, world } = scripted({ execute: [DOWN, DOWN, SUCCEEDS] });
    await world.paid();
    await world.live(10 * SECOND_MS, SECOND_MS);
    expect(psp.calls()).toEqual(['execute', 'execute', 'execute']);
    expect(await world.get()).toMatchObject({ status: 'completed' });
  });

  it('is not forgotten when the retry cannot be sent', async () => {
    const { psp, world } = scripted({ execute: [DOWN, SUCCEEDS] });
    await world.pay();
    await world.relay.step();
    const { send } = world.queue;
    world.queue.send = async () => {
      throw new UnavailableError('The queue is down.');
    };
    await world.worker.step();
    world.queue.send = send;
    await world.advance(VISIBILITY_MS);
    await world.drain();
    expect(psp.calls()).toEqual(['execute', 'lookup', 'execute']);
    expect(await world.get()).toMatchObject({ status: 'completed', operations: [{ attempts: 2 }] });
  });

  it('pauses for as long as its attempts ask for, whatever message brought it', async () => {
    const { world } = scripted({ execute: [DOWN] }, withRandom(0.5));
    await world.paid();
    for (const seconds of [0.5, 1, 2]) {
      await world.advance(seconds * SECOND_MS);
      await world.drain();
    }
    expect((await world.get()).operations[0]).toMatchObject({ attempts: 4 });
    const { send } = world.queue;
    const sent: unknown[] = [];
    world.queue.send = async (items, delayMs) => {
      sent.push(items[0]?.attempt, delayMs);
      await send(items, delayMs);
    };
    await send([workItem()]);
    await world.worker.step();
    expect(sent).toEqual([5, 8 * SECOND_MS]);
  });

  it('does not multiply with copies of its message: attempts stay below the cap for each copy', async () => {
    const { psp, world } = scripted({ execute: [DOWN] });
    const payment = await world.pay();
    await world.relay.handle([payment, payment]);
    for (let n = 0; n < 20; n++) {
      await world.drain();
      await world.advance(RETRY_CAP_MS);
    }
    expect(await world.get()).toMatchObject({ status: 'failed' });
    expect(psp.calls().filter((call) => call === 'execute').length).toBeLessThanOrEqual(MAX_ATTEMPTS + 1);
  });
});

describe('an operation at its last attempt', () => {
  /** A charge that was not executed seven times; its next message is not in the queue but in the test's hands. */
  async function atTheLast(script: { execute?: readonly Reply[]; lookup?: readonly Reply[] }) {
    const { psp, world } = scripted({ execute: [DOWN] });
    const payment = await world.pay();
    await world.relay.step();
    await world.queue.ack((await world.queue.receive(1)).map(({ receipt }) => receipt));
    const [charge] = payment.operations;
    if (!charge) throw new Error('fixture: there is no charge');
    await world.store.update({
      ...payment,
      version: 2,
      dispatch: null,
      operations: [{ ...charge, attempts: MAX_ATTEMPTS - 1 }],
      history: [...payment.history, { ...(payment.history[0] as HistoryEntry), version: 2, kind: 'attempt' }],
    });
    psp.will(script);
    let copies = 0;
    const handle = (attempt: number, receiveCount = 1) => {
      copies += 1;
      return world.worker.handle({
        receipt: `copy ${copies}`,
        item: { ...workItem(), attempt },
        receiveCount,
      });
    };
    return { psp, world, handle };
  }

  it('stays pending while a copy of the message may be succeeding, and ends as succeeded then', async () => {
    const gate = deferred();
    const slowly: Reply = () => gate.promise.then(() => SUCCEEDS);
    const { psp, world, handle } = await atTheLast({ execute: [slowly, DOWN], lookup: [null] });
    const slow = handle(MAX_ATTEMPTS - 1);
    await settled();
    await handle(MAX_ATTEMPTS - 1);
    expect(await world.get()).toMatchObject({
      status: 'processing',
      operations: [{ attempts: MAX_ATTEMPTS }],
    });
    gate.resolve();
    await slow;
    await world.advance(LAST_PAUSE_MS);
    await world.drain();
    expect(await world.get()).toMatchObject({ status: 'completed', failure: null });
    expect(psp.calls()).toEqual(['execute', 'execute']);
    expect(world.log.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('is not given up while a copy, which looked it up first, may be succeeding', async () => {
    const [lookedUp, executed] = [deferred(), deferred()];
    const { psp, world, handle } = await atTheLast({
      execute: [DOWN, () => executed.promise.then(() => SUCCEEDS)],
      lookup: [() => lookedUp.promise.then(() => null), null],
    });
    const slow = handle(MAX_ATTEMPTS - 1, 2);
    await settled();
    await handle(MAX_ATTEMPTS - 1);
    await world.advance(PSP_TIMEOUT_MS - 1);
    lookedUp.resolve();
    await settled();
    expect(psp.calls()).toEqual(['lookup', 'execute', 'execute']);
    // Both calls of the slow copy take nearly all the time that they have.
    await world.advance(PSP_TIMEOUT_MS - 1);
    await world.drain();
    executed.resolve();
    await slow;
    await world.advance(LAST_PAUSE_MS);
    await world.drain();
    expect(await world.get()).toMatchObject({ status: 'completed', failure: null });
    expect(world.log.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('is not given up by a third copy while the first may be succeeding', async () => {
    const gate = deferred();
    const slowly: Reply = () => gate.promise.then(() => SUCCEEDS);
    const { psp, world, handle } = await atTheLast({ execute: [slowly, DOWN], lookup: [null] });
    const slow = handle(MAX_ATTEMPTS - 1);
    await settled();
    await handle(MAX_ATTEMPTS - 1);
    await handle(0);
    expect(psp.calls()).toEqual(['execute', 'execute', 'lookup']);
    expect(await world.get()).toMatchObject({ status: 'processing' });
    expect(await world.queue.depth()).toEqual({ ...EMPTY, delayed: 2 });
    gate.resolve();
    await slow;
    await world.advance(LAST_PAUSE_MS);
    await world.drain();
    expect(await world.get()).toMatchObject({ status: 'completed', failure: null });
    expect(await world.queue.depth()).toEqual(EMPTY);
  });

  it('is given up by copies too, once nobody can be asking any more', async () => {
    const { psp, world, handle } = await atTheLast({ execute: [DOWN] });
    await handle(MAX_ATTEMPTS - 1);
    await handle(0);
    await world.advance(LAST_PAUSE_MS - 1);
    await world.drain();
    expect(await world.get()).toMatchObject({ status: 'processing' });
    await world.advance(1);
    await world.drain();
    expect(await world.get()).toMatchObject({ status: 'failed', failure: { code: 'psp_unavailable' } });
    expect(psp.calls().filter((call) => call === 'execute')).toHaveLength(1);
    expect(await world.queue.depth()).toEqual(EMPTY);
  });

  it('is what the look-up after it says, if the PSP has executed it all the same', async () => {
    const { psp, world, handle } = await atTheLast({ execute: [DOWN], lookup: [SUCCEEDS] });
    await handle(MAX_ATTEMPTS - 1);
    await world.advance(LAST_PAUSE_MS);
    await world.drain();
    expect(await world.get()).toMatchObject({
      status: 'completed',
      operations: [{ attempts: MAX_ATTEMPTS }],
    });
    expect(psp.calls()).toEqual(['execute', 'lookup']);
  });

  it('waits for a PSP that gave no answer as long, and then is given up', async () => {
    const { psp, world, handle } = await atTheLast({ execute: [NO_ANSWER], lookup: [null] });
    await handle(MAX_ATTEMPTS - 1);
    await world.advance(LAST_PAUSE_MS - 1);
    await world.drain();
    expect(await world.get()).toMatchObject({ status: 'processing', operations: [{ outcome: 'unknown' }] });
    await world.advance(1);
    await world.drain();
    expect(await world.get()).toMatchObject({ status: 'failed', failure: { code: 'psp_unavailable' } });
    expect(psp.calls()).toEqual(['execute', 'lookup']);
  });

  it('is still made after a look-up that failed, which is no attempt', async () => {
    const { psp, world, handle } = await atTheLast({ execute: [SUCCEEDS], lookup: [NO_ANSWER, null] });
    await handle(MAX_ATTEMPTS - 1, 2);
    await world.advance(LAST_PAUSE_MS);
    await world.drain();
    expect(psp.calls()).toEqual(['lookup', 'lookup', 'execute']);
    expect(await world.get()).toMatchObject({
      status: 'completed',
      operations: [{ attempts: MAX_ATTEMPTS }],
    });
  });

  it('is left to the sweep where it cannot be looked up', async () => {
    const { psp, world, handle } = await atTheLast({ execute: [DOWN], lookup: [NO_ANSWER, NO_ANSWER, null] });
    await handle(MAX_ATTEMPTS - 1);
    await world.live(HOUR_MS / 2);
    expect(await world.get()).toMatchObject({ status: 'processing', operations: [{ outcome: 'unknown' }] });
    await world.live(HOUR_MS);
    expect(await world.get()).toMatchObject({ status: 'failed', failure: { code: 'psp_unavailable' } });
    expect(psp.calls()).toEqual(['execute', 'lookup', 'lookup', 'lookup']);
  });
});

describe('success of what has failed here', () => {
  it('changes nothing, since failed is final, but does not go unnoticed', async () => {
    const gate = deferred();
    const { world } = scripted({ execute: [() => gate.promise.then(() => SUCCEEDS), FAILS] });
    await world.pay();
    await world.relay.step();
    const slow = world.worker.step();
    await settled();
    await world.worker.handle({ receipt: 'again', item: workItem(), receiveCount: 2 });
    expect(await world.get()).toMatchObject({ status: 'failed' });
    gate.resolve();
    await slow;
    expect(await world.get()).toMatchObject({ status: 'failed', version: 2 });
    expect(world.log.filter(({ level }) => level === 'error')).toMatchObject([
      {
        fields: { payment_id: 'p1', operation_id: 'charge.1' },
        message: expect.stringContaining('stands as failed'),
      },
    ]);
  });
});

describe('an operation that the PSP has not decided', () => {
  it('is settled by the quick look-up, or by whatever comes after it', async () => {
    const { psp, world } = scripted({ execute: [SUCCEEDS, PENDS], lookup: [PENDS, SUCCEEDS] });
    await world.paid();
    await world.refund(100, 'r1');
    await world.drain();
    expect((await world.get()).operations[1]).toMatchObject({ outcome: 'pending', psp_reference: 'ref_1' });
    await world.advance(QUICK_LOOKUP_MS);
    await world.drain();
    expect((await world.get()).operations[1]).toMatchObject({ outcome: 'pending', lookups: 1 });
    await world.live(2 * 60 * 60 * SECOND_MS);
    expect((await world.get()).operations[1]).toMatchObject({ outcome: 'succeeded' });
    expect(psp.calls()).toEqual(['execute', 'execute', 'lookup', 'lookup']);
  });

  it('is settled by look-up where no call-back ever comes: pm_card_pendingRefund', async () => {
    const world = createWorld({ callbacksLost: true });
    await world.paid({ payment_method: 'pm_card_pendingRefund' });
    await world.refund(100, 'r1');
    await world.drain();
    expect(await world.get()).toMatchObject({ amount_refunded: 0, amount_refundable: 900 });
    await world.advance(QUICK_LOOKUP_MS);
    await world.drain();
    expect(await world.get()).toMatchObject({ amount_refunded: 100, amount_refundable: 900 });
    expect((await world.get()).history.at(-1)).toMatchObject({ actor: 'worker' });
  });
});

describe('a cancel of what the customer has accepted meanwhile', () => {
  it('completes the payment and fails the cancel, though no call-back told of it', async () => {
    const world = createWorld({ callbacksLost: true });
    await world.paid({ payment_method: 'pm_card_authenticationRequired' });
    await world.decideChallenge('accept');
    await world.cancel();
    await world.drain();
    const payment = await world.get();
    expect(payment).toMatchObject({ status: 'completed', amount_captured: 1_000, cancellation_reason: null });
    expect(payment.operations.at(-1)).toMatchObject({
      kind: 'cancel',
      outcome: 'failed',
      failure: { code: 'already_succeeded' },
    });
    // What it was refused for stands before the refusal.
    expect(payment.history.slice(-2).map(({ kind, status }) => [kind, status])).toEqual([
      ['charge', 'completed'],
      ['cancel', 'completed'],
    ]);
    expect(world.alarms()).toBe(0);
  });

  it('ends the same way where the call-back was faster than the cancel', async () => {
    const world = createWorld();
    await world.paid({ payment_method: 'pm_card_authenticationRequired' });
    await world.cancel();
    await world.decideChallenge('accept');
    expect(await world.get()).toMatchObject({ status: 'completed' });
    await world.drain();
    expect((await world.get()).operations.at(-1)).toMatchObject({ failure: { code: 'already_succeeded' } });
    expect(world.alarms()).toBe(0);
  });

  it('fails the payment where the customer refused', async () => {
    const world = createWorld({ callbacksLost: true });
    await world.paid({ payment_method: 'pm_card_authenticationRequired' });
    await world.decideChallenge('refuse');
    await world.cancel();
    await world.drain();
    expect(await world.get()).toMatchObject({
      status: 'failed',
      failure: { code: 'authentication_failed' },
      operations: [{ outcome: 'failed' }, { outcome: 'failed', failure: { code: 'already_failed' } }],
    });
  });

  it('leaves the payment waiting where the PSP cannot say, until it can', async () => {
    const { psp, world } = scripted({
      execute: [CHALLENGE, FAILS],
      lookup: [NO_ANSWER, SUCCEEDS],
    });
    await world.paid();
    await world.cancel();
    await world.drain();
    expect(await world.get()).toMatchObject({ status: 'requires_action' });
    await world.live(2 * 60 * 60 * SECOND_MS);
    expect(await world.get()).toMatchObject({ status: 'completed' });
    expect(psp.calls()).toEqual(['execute', 'execute', 'lookup', 'lookup']);
  });
});

describe('success that comes after a confirmed cancel (invariant 7)', () => {
  async function canceled() {
    const { psp, world } = scripted({ execute: [CHALLENGE, SUCCEEDS] });
    await world.paid();
    await world.cancel();
    await world.drain();
    expect(await world.get()).toMatchObject({ status: 'canceled' });
    psp.will({ lookup: [SUCCEEDS] });
    return { psp, world };
  }

  it('is reversed exactly once, however often it is told, with one alarm', async () => {
    const { psp, world } = await canceled();
    await world.queue.send([workItem(), workItem(), workItem()]);
    await world.drain();
    await world.queue.send([workItem()]);
    await world.drain();
    const payment = await world.get();
    expect(payment).toMatchObject({ status: 'canceled', amount_captured: 0 });
    expect(payment.operations.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual([
      'charge succeeded',
      'cancel succeeded',
      'reversal succeeded',
    ]);
    expect(psp.asked.filter(({ request }) => request.kind === 'reversal')).toHaveLength(1);
    expect(world.alarms()).toBe(1);
    expect(world.log.filter(({ level }) => level === 'error')).toHaveLength(1);
  });

  it('raises one alarm where two learn of it at once', async () => {
    const { world } = await canceled();
    const payment = await world.get();
    const record = () =>
      world.settler.record(
        payment,
        firstOperation(payment),
        SUCCEEDS,
        { actor: 'psp', lookup: true },
        payment,
      );
    await Promise.all([record(), record(), record()]);
    await world.drain();
    expect(world.alarms()).toBe(1);
    expect((await world.get()).operations.filter(({ kind }) => kind === 'reversal')).toHaveLength(1);
  });

  it('raises the alarm once too where it is the cancel that is confirmed late, and nothing is reversed', async () => {
    const { psp, world } = scripted({ execute: [CHALLENGE, NO_ANSWER], lookup: [SUCCEEDS] });
    await world.paid();
    await world.cancel();
    await world.relay.step();
    await world.worker.step();
    const payment = await world.get();
    const by = { actor: 'psp', lookup: true } as const;
    await world.settler.record(payment, firstOperation(payment), SUCCEEDS, by);
    expect(world.alarms()).toBe(0);
    await world.advance(QUICK_LOOKUP_MS);
    await world.drain();
    expect(await world.get()).toMatchObject({
      status: 'completed',
      operations: [{}, { outcome: 'succeeded' }],
    });
    expect(world.alarms()).toBe(1);
    expect(world.log.filter(({ level }) => level === 'error')).toMatchObject([
      { message: expect.stringContaining('stands as completed') },
    ]);
    expect(psp.asked.some(({ request }) => request.kind === 'reversal')).toBe(false);
  });

  it('tells a person once where the PSP fails the reversal', async () => {
    const { psp, world } = await canceled();
    psp.will({ execute: [FAILS] });
    await world.queue.send([workItem()]);
    await world.drain();
    const payment = await world.get();
    expect(payment).toMatchObject({ status: 'canceled', operations: [{}, {}, { outcome: 'failed' }] });
    const reversal = payment.operations[2] as Operation;
    await world.settler.record(payment, reversal, FAILS, { actor: 'psp', lookup: true });
    expect(world.log.filter(({ level }) => level === 'error').slice(1)).toMatchObject([
      {
        fields: { payment_id: 'p1', operation_id: 'reversal.5', code: 'card_declined' },
        message: expect.stringContaining('a reversal failed'),
      },
    ]);
  });

  it('is nothing to whoever only hears that the challenge still stands', async () => {
    const { psp, world } = await canceled();
    psp.will({ lookup: [CHALLENGE, FAILS] });
    const before = await world.get();
    await world.queue.send([workItem(), workItem()]);
    await world.drain();
    expect(await world.get()).toEqual(before);
    expect(world.alarms()).toBe(0);
  });
});

describe('a dead letter of a challenge that a cancel has ended', () => {
  const letter = { ...workItem(), operation_id: 'charge.1' };

  it('is taken off the list by the cancel', async () => {
    const { world } = scripted({ execute: [CHALLENGE, SUCCEEDS] });
    await world.paid();
    await world.queue.deadLetter(letter, 'requires_action');
    await world.advance(HOUR_MS);
    await world.cancel();
    await world.drain();
    expect(await world.get()).toMatchObject({ status: 'canceled' });
    expect(await world.queue.deadLetters(10)).toEqual([]);
  });

  it('does not come back to the list when it is sent again, since nobody can settle it', async () => {
    const { psp, world } = scripted({ lookup: [CHALLENGE] });
    const dead_lettered_at = '2026-01-08T00:00:00.000Z';
    await world.store.create(
      aPayment({
        ...MERCHANT,
        payment_id: 'p1',
        connector: psp.name,
        operations: [
          anOperation({ outcome: 'requires_action', settled_at: null, dead_lettered_at }),
          anOperation({ id: 'cancel.3', kind: 'cancel' }),
        ],
      }),
    );
    await world.queue.send([letter]);
    await world.drain();
    expect(psp.calls()).toEqual(['lookup']);
    expect(await world.queue.deadLetters(10)).toEqual([]);
  });
});

describe('a capture that comes too late', () => {
  it('cancels the payment, for the PSP says that the authorization has expired', async () => {
    const world = createWorld();
    await world.paid({ capture_method: 'manual' });
    await world.advance(7 * DAY_MS);
    await world.capture();
    await world.drain();
    expect(await world.get()).toMatchObject({
      status: 'canceled',
      amount_captured: 0,
      amount_capturable: 0,
      cancellation_reason: 'authorization_expired',
      failure: { code: 'authorization_expired' },
    });
    await world.live(2 * DAY_MS, DAY_MS);
    expect((await world.get()).operations).toHaveLength(2);
  });
});
