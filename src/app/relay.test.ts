import { describe, expect, it } from 'vitest';
import { aNextAction } from '../domain/payment.fixture.ts';
import { createWorld, MERCHANT, type WorldOptions } from './app.fixture.ts';
import { createRelay, dispatchedItem, RELAY } from './relay.ts';
import { createScriptedPsp, DOWN, SUCCEEDS } from './scripted-psp.fixture.ts';

describe('the relay', () => {
  it('sends the operation that a payment was made with', async () => {
    const world = createWorld();
    await world.pay();
    expect(await world.relay.step()).toBe(1);
    expect((await world.queue.receive(10)).map(({ item }) => item)).toEqual([
      { ...MERCHANT, payment_id: 'p1', operation_id: 'charge.1', attempt: 0 },
    ]);
    expect(await world.relay.step()).toBe(0);
  });

  it('sends on a dispatch alone: attempts and outcomes are changes too, and send nothing', async () => {
    const psp = createScriptedPsp();
    psp.will({ execute: [DOWN] });
    const world = createWorld({ connectors: () => [psp] });
    await world.pay();
    await world.relay.step();
    await world.worker.step();
    expect((await world.get()).version).toBe(2);
    expect(await world.relay.step()).toBe(0);
    expect(await world.queue.depth()).toMatchObject({ waiting: 0 });
    expect(world.store.lag(RELAY)).toBe(0);
  });

  it('reads no more than a batch in one step, and all of it in several', async () => {
    const world = createWorld();
    for (let n = 0; n < 600; n++) await world.pay({ payment_id: `p${n}` });
    expect([await world.relay.step(), await world.relay.step(), await world.relay.step()]).toEqual([
      256, 256, 88,
    ]);
    expect((await world.queue.depth()).waiting).toBe(600);
    expect(await world.relay.step()).toBe(0);
  });

  it('says that it has nothing to do, and writes nothing then', async () => {
    let commits = 0;
    const world = createWorld({
      store: (real) => ({
        ...real,
        async commit(consumer, position) {
          commits++;
          await real.commit(consumer, position);
        },
      }),
    });
    expect(await world.relay.step()).toBe(0);
    expect(commits).toBe(0);
  });

  it('sends again after a crash between the sending and the commit, which charges nobody twice', async () => {
    const world = createWorld();
    await world.pay();
    const dying = createRelay({
      feed: {
        ...world.store,
        commit: async () => {
          throw new Error('killed');
        },
      },
      queue: world.queue,
    });
    await expect(dying.step()).rejects.toThrow('killed');
    await world.drain();
    expect(await world.truth()).toHaveLength(1);
    expect(await world.get()).toMatchObject({ status: 'completed', version: 2 });
    expect(await world.queue.depth()).toEqual({ waiting: 0, delayed: 0, inFlight: 0 });
  });

  it('does not move on when the queue takes nothing', async () => {
    let up = false;
    const world = createWorld({
      queue: (real) => ({
        ...real,
        async send(items, delayMs) {
          if (!up) throw new Error('The queue is down.');
          await real.send(items, delayMs);
        },
      }),
    });
    await world.pay();
    await expect(world.relay.step()).rejects.toThrow('The queue is down.');
    expect(world.store.lag(RELAY)).toBe(1);
    up = true;
    await world.drain();
    expect(await world.get()).toMatchObject({ status: 'completed' });
  });

  it('handles the records of a stream: sends what they dispatch, and calls nobody for nothing', async () => {
    const sent: number[] = [];
    const world = createWorld({
      queue: (real) => ({
        ...real,
        async send(items) {
          sent.push(items.length);
        },
      }),
    });
    const payment = await world.pay();
    const undispatched = { ...payment, dispatch: null };
    await world.relay.handle([undispatched]);
    await world.relay.handle([]);
    expect(sent).toEqual([]);
    await world.relay.handle([payment, undispatched, payment]);
    expect(sent).toEqual([2]);
    expect(dispatchedItem(undispatched)).toBeNull();
  });
});

describe('the alarm of a reversal (invariant 7)', () => {
  /** A payment whose charge succeeds after its cancel was confirmed; the relay has not seen the reversal yet. */
  async function takenAfterAll(options: WorldOptions = {}) {
    const psp = createScriptedPsp();
    const next_action = aNextAction({ expires_at: '2026-01-02T00:00:00.000Z' });
    psp.will({ execute: [{ outcome: 'requires_action', psp_reference: 'ref_1', next_action }, SUCCEEDS] });
    const world = createWorld({ ...options, connectors: () => [psp] });
    await world.paid();
    await world.cancel();
    await world.drain();
    const payment = await world.get();
    const [charge] = payment.operations;
    if (!charge) throw new Error('fixture: there is no charge');
    await world.settler.record(payment, charge, SUCCEEDS, { actor: 'psp', lookup: true });
    expect((await world.get()).dispatch).toBe('reversal.5');
    /** Copies are the same request with the same key: as one to a PSP. */
    const reversals = () => {
      const requests = psp.asked.map(({ request }) => request).filter(({ kind }) => kind === 'reversal');
      return new Set(requests.map((request) => JSON.stringify(request))).size;
    };
    return { world, reversals };
  }

  it('is raised when it is sent, and by nobody before', async () => {
    const { world } = await takenAfterAll();
    expect(world.alarms()).toBe(0);
    await world.relay.step();
    expect(world.alarms()).toBe(1);
    await world.drain();
    expect(world.alarms()).toBe(1);
  });

  it('is raised again after a crash before the commit, and the money is given back once', async () => {
    const { world, reversals } = await takenAfterAll();
    let raised = 0;
    const dying = createRelay({
      feed: {
        ...world.store,
        commit: async () => {
          throw new Error('killed');
        },
      },
      queue: world.queue,
      onReversal: () => {
        raised += 1;
      },
    });
    await expect(dying.step()).rejects.toThrow('killed');
    expect([raised, world.alarms()]).toEqual([1, 0]);
    await world.drain();
    expect([raised, world.alarms()]).toEqual([1, 1]);
    expect(reversals()).toBe(1);
  });

  it('does not wait for a queue that takes nothing', async () => {
    const { world, reversals } = await takenAfterAll();
    const { send } = world.queue;
    world.queue.send = async () => {
      throw new Error('The queue is down.');
    };
    await expect(world.relay.step()).rejects.toThrow('The queue is down.');
    expect(world.alarms()).toBe(1);
    world.queue.send = send;
    await world.drain();
    expect(reversals()).toBe(1);
  });

  it('is raised for nothing else, and nobody has to listen', async () => {
    const { world } = await takenAfterAll();
    const reversal = await world.get();
    const asked: string[] = [];
    const listening = createRelay({
      feed: world.store,
      queue: world.queue,
      onReversal: () => asked.push('!'),
    });
    const charge = await world.pay({ payment_id: 'p2' });
    await listening.handle([charge, { ...reversal, dispatch: null }, { ...reversal, dispatch: 'cancel.3' }]);
    expect(asked).toEqual([]);
    await listening.handle([reversal]);
    expect(asked).toEqual(['!']);
    await createRelay({ feed: world.store, queue: world.queue }).handle([reversal]);
  });
});
