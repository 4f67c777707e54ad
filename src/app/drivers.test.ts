import { describe, expect, it } from 'vitest';
import { createMemoryAuditLog } from '../adapters/memory/memory-audit-log.ts';
import { UnavailableError } from '../ports/faults.ts';
import {
  createWorld,
  deferred,
  MERCHANT,
  SECOND_MS,
  settled,
  type World,
  type WorldOptions,
} from './app.fixture.ts';
import { startDrivers } from './drivers.ts';
import { createScriptedPsp, type Reply, SUCCEEDS } from './scripted-psp.fixture.ts';

const POLL_MS = 100;
const ERROR_PAUSE_MS = 500;
const SWEEP_EVERY_MS = 15 * SECOND_MS;

function start(world: World, concurrency = 8) {
  const { relay, worker, audit, sweep, simulator, timers, logger, store } = world;
  const callbacks = simulator.deliverDue;
  const drivers = startDrivers({ relay, worker, audit, sweep, callbacks, timers, logger, concurrency });
  store.onChange(() => drivers.wake());
  return drivers;
}

/** A PSP that answers nobody until the gate is opened, and counts whom it keeps waiting. */
function gated() {
  const gate = deferred();
  const psp = createScriptedPsp();
  const waiting = { now: 0, most: 0 };
  const reply: Reply = async () => {
    waiting.now++;
    waiting.most = Math.max(waiting.most, waiting.now);
    await gate.promise;
    waiting.now--;
    return SUCCEEDS;
  };
  psp.will({ execute: [reply] });
  const options: WorldOptions = { connectors: () => [psp] };
  return { gate, psp, waiting, world: createWorld(options) };
}

async function payMany(world: World, count: number): Promise<void> {
  for (let n = 1; n <= count; n++) await world.pay({ payment_id: `p${n}` });
  await settled();
}

describe('the drivers', () => {
  it('bring a payment from accepted to audited, with no time passing', async () => {
    const world = createWorld();
    const drivers = start(world);
    await settled();
    await world.pay();
    for (let n = 0; n < 5; n++) await settled();
    expect(await world.get()).toMatchObject({ status: 'completed' });
    expect(world.auditState.lines).toHaveLength(2);
    await drivers.stop();
    expect(world.timers.pending()).toBe(0);
    expect(world.log).toEqual([]);
  });

  it('look for what no signal tells of: delayed messages, the outbox of the simulator, and what is due', async () => {
    const world = createWorld();
    const drivers = start(world);
    await world.pay({ payment_method: 'pm_card_pendingRefund' });
    await settled();
    await world.refund(100, 'r1');
    await settled();
    for (let ms = 0; ms < 3 * SECOND_MS; ms += POLL_MS) await world.advance(POLL_MS);
    await settled();
    expect(await world.get()).toMatchObject({ amount_refunded: 100 });
    expect(world.callbacks).toEqual(['taken']);

    await world.pay({ payment_id: 'p2', payment_method: 'pm_card_authenticationRequired' });
    await settled();
    await world.advance(24 * 60 * 60 * SECOND_MS);
    for (let n = 0; n < 5; n++) await world.advance(SWEEP_EVERY_MS);
    await settled();
    expect(await world.get('p2')).toMatchObject({ status: 'canceled' });
    await drivers.stop();
  });

  it('ask for no more at once than they may, and go on as soon as one is done', async () => {
    const { gate, psp, waiting, world } = gated();
    const drivers = start(world, 4);
    await payMany(world, 10);
    await settled();
    expect([waiting.now, waiting.most]).toEqual([4, 4]);
    expect(await world.queue.depth()).toMatchObject({ waiting: 6, inFlight: 4 });
    gate.resolve();
    for (let n = 0; n < 10; n++) await settled();
    expect(psp.calls()).toHaveLength(10);
    expect(waiting.most).toBe(4);
    await drivers.stop();
    expect(await world.queue.depth()).toEqual({ waiting: 0, delayed: 0, inFlight: 0 });
  });

  it('finish what is in hand before they stop, move on what that wrote, and take nothing more', async () => {
    const { gate, psp, world } = gated();
    const drivers = start(world, 2);
    await payMany(world, 5);
    let stopped = false;
    const stop = drivers.stop().then(() => {
      stopped = true;
    });
    await settled();
    expect(stopped).toBe(false);
    gate.resolve();
    await stop;
    expect(psp.calls()).toHaveLength(2);
    expect(await world.get('p1')).toMatchObject({ status: 'completed' });
    expect(await world.get('p3')).toMatchObject({ status: 'processing' });
    expect(world.auditState.lines).toHaveLength(7);
    expect(await createMemoryAuditLog(world.auditState).verify()).toMatchObject({ ok: true });
    expect(world.timers.pending()).toBe(0);
    await world.pay({ payment_id: 'late' });
    await world.advance(60 * SECOND_MS);
    await settled();
    expect(psp.calls()).toHaveLength(2);
    await world.drain();
    expect(await world.get('late')).toMatchObject({ status: 'completed' });
    expect(await world.get('p5')).toMatchObject({ status: 'completed' });
  });

  it('move on what was written last though nothing wakes them for it', async () => {
    const { gate, world } = gated();
    const { relay, worker, audit, sweep, simulator, timers, logger } = world;
    const callbacks = simulator.deliverDue;
    const drivers = startDrivers({ relay, worker, audit, sweep, callbacks, timers, logger, concurrency: 2 });
    await payMany(world, 1);
    await world.advance(POLL_MS);
    await settled();
    expect(world.auditState.lines).toHaveLength(1);
    await world.pay({ payment_id: 'late' });
    const stop = drivers.stop();
    gate.resolve();
    await stop;
    expect(world.auditState.lines).toHaveLength(3);
    expect(await world.queue.depth()).toMatchObject({ waiting: 1 });
  });

  it.each<[string, (world: World, broken: () => never) => () => void]>([
    [
      'relay',
      (world, broken) => {
        const { send } = world.queue;
        world.queue.send = async () => broken();
        return () => {
          world.queue.send = send;
        };
      },
    ],
    [
      'worker',
      (world, broken) => {
        const { receive } = world.queue;
        world.queue.receive = async () => broken();
        return () => {
          world.queue.receive = receive;
        };
      },
    ],
    [
      'audit',
      (world, broken) => {
        const { commit } = world.store;
        world.store.commit = async (consumer, position) =>
          consumer === 'audit' ? broken() : commit(consumer, position);
        return () => {
          world.store.commit = commit;
        };
      },
    ],
    [
      'sweep',
      (world, broken) => {
        const { due } = world.store;
        world.store.due = async () => broken();
        return () => {
          world.store.due = due;
        };
      },
    ],
  ])('try again after a step of the %s has failed, and say so', async (part, sabotage) => {
    const world = createWorld();
    const mend = sabotage(world, () => {
      throw new UnavailableError('It is down.');
    });
    const drivers = start(world);
    await world.pay();
    await settled();
    mend();
    await world.advance(ERROR_PAUSE_MS);
    await settled();
    await world.advance(POLL_MS);
    await settled();
    expect(await world.get()).toMatchObject({ status: 'completed' });
    expect(world.log[0]).toMatchObject({ level: 'error', fields: { part, error: 'It is down.' } });
    expect(world.log.length).toBeLessThanOrEqual(2);
    await drivers.stop();
    expect(world.timers.pending()).toBe(0);
  });

  it('leave to the queue what one message could not be seen to, and see to the others', async () => {
    const world = createWorld();
    const { update } = world.store;
    world.store.update = (next) => {
      if (next.payment_id === 'p2') throw new UnavailableError('poison');
      return update(next);
    };
    const drivers = start(world);
    await payMany(world, 3);
    await settled();
    expect(await world.get('p1')).toMatchObject({ status: 'completed' });
    expect(await world.get('p3')).toMatchObject({ status: 'completed' });
    expect(await world.queue.depth()).toMatchObject({ inFlight: 1 });
    expect(world.log).toMatchObject([{ level: 'error', fields: { part: 'worker', error: 'poison' } }]);
    world.store.update = update;
    await world.advance(61 * SECOND_MS);
    await world.advance(POLL_MS);
    await settled();
    expect(await world.get('p2')).toMatchObject({ status: 'completed' });
    await drivers.stop();
  });

  it('stop though the last of what was written cannot be moved on: the next start does it', async () => {
    const { gate, world } = gated();
    const drivers = start(world, 2);
    await payMany(world, 1);
    await world.queue.send([{ ...MERCHANT, payment_id: 'p1', operation_id: 'charge.1', attempt: 0 }]);
    const stop = drivers.stop();
    await settled();
    const { commit } = world.store;
    world.store.commit = async () => {
      throw new UnavailableError('The disk is full.');
    };
    gate.resolve();
    await stop;
    expect(world.timers.pending()).toBe(0);
    world.store.commit = commit;
    await world.drain();
    const changes = world.auditState.lines.map((line) => JSON.parse(line).version);
    expect([...new Set(changes)]).toEqual([1, 2]);
  });
});
