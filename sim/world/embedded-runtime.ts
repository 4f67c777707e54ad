import { AUDIT } from '../../src/app/audit.ts';
import { createRedrive } from '../../src/app/redrive.ts';
import { RELAY } from '../../src/app/relay.ts';
import { createResolve } from '../../src/app/resolve.ts';
import { dueAtMs } from '../../src/domain/derive.ts';
import type { Payment } from '../../src/domain/payment.ts';
import type { Machine } from '../engine/machine.ts';
import type { Durable } from './durable.ts';
import { type EmbeddedProcess, startProcess } from './embedded-machine.ts';
import { createFaultyQueue } from './faulty-queue.ts';
import { createFaultyStore } from './faulty-store.ts';
import { createKeyring } from './keyring.ts';
import { createLedger } from './ledger.ts';
import { createPsp } from './psp.ts';
import type { Runtime } from './runtime.ts';
import type { Server } from './server.ts';
import type { World } from './world.ts';

/** How soon the steps follow a change, at most; the relay one that asks for nothing to be sent. */
const RELAY_WITHIN_MS = 30;
const NOTHING_TO_RELAY_MS = 60_000;
const AUDIT_WITHIN_MS = 30_000;
const WORK_WITHIN_MS = 50;
/** The sweep looks this often: what is due waits no longer for it. */
const SWEEP_EVERY_MS = 15_000;
/** When to look again for a message that nobody found, in ms: doubled each time. */
const LOOK_AGAIN_MS = 1_000;
const MAX_LOOK_AGAIN_MS = 300_000;
const MAX_LETTERS = 100;

interface Seat {
  machine: Machine;
  /** Null until it has started. */
  process: EmbeddedProcess | null;
}

/**
 * The product as it runs in one process on one folder, with a second process beside it if `processes` is 2. What a
 * loop would look for again and again is looked for when there is something: a look in vain changes nothing.
 */
export function createEmbeddedRuntime(world: World, durable: Durable, processes: 1 | 2): Runtime {
  const { engine } = world;
  const chance = world.random.fork('drivers');
  const ledger = createLedger(world);
  const keyring = createKeyring(world);
  const seats: Seat[] = [];
  const psp = createPsp(world, durable.simulator, (callback) => {
    const { machine, process } = chance.pick(seats);
    return machine.isUp && process ? process.callback(callback) : Promise.resolve(false);
  });

  /** When the sweep should look at a payment as it is in this version. */
  const dues = new WeakMap<Payment, number | null>();
  let offWork: () => void = () => undefined;
  let offSweep: () => void = () => undefined;

  function someone(): EmbeddedProcess | null {
    const up = seats.filter(({ machine, process }) => machine.isUp && process !== null);
    return up.length === 0 ? null : chance.pick(up).process;
  }

  /** @param lookedMs how long the last look in vain was put off */
  function planWork(lookedMs = 0): void {
    offWork();
    const nextMs = durable.nextVisibleMs();
    if (nextMs === null) return;
    const afterMs = Math.max(lookedMs, nextMs - engine.nowMs()) + chance.int(WORK_WITHIN_MS);
    offWork = engine.plan(afterMs, 'queue', 'has work', () => {
      const worker = someone()?.worker;
      // Whoever starts looks at once.
      if (!worker) return 'and nobody is there';
      worker.run();
      // If nothing comes of it, the clock of whoever looked is behind, or the look itself failed.
      planWork(Math.min(MAX_LOOK_AGAIN_MS, 2 * lookedMs + LOOK_AGAIN_MS));
      return undefined;
    });
  }

  function dueOf(payment: Payment): number | null {
    const known = dues.get(payment);
    if (known !== undefined) return known;
    const atMs = dueAtMs(payment);
    dues.set(payment, atMs);
    return atMs;
  }

  /** @param soonestMs not before this is over */
  function planSweep(soonestMs: number): void {
    offSweep();
    let dueMs: number | null = null;
    for (const payment of ledger.payments()) {
      const atMs = dueOf(payment);
      if (atMs !== null && (dueMs === null || atMs < dueMs)) dueMs = atMs;
    }
    if (dueMs === null) return;
    const afterMs = Math.max(soonestMs, dueMs - engine.nowMs()) + chance.int(SWEEP_EVERY_MS);
    offSweep = engine.plan(afterMs, 'clock', 'time to sweep', () => {
      someone()?.sweep.run();
      planSweep(SWEEP_EVERY_MS);
      return undefined;
    });
  }

  function changed(payment: Payment): void {
    const writer = seats.find(({ machine }) => machine === world.acting);
    writer?.process?.changed(payment);
    const wakeMs = payment.dispatch === null ? NOTHING_TO_RELAY_MS : RELAY_WITHIN_MS;
    someone()?.relay.wake(chance.int(wakeMs));
    seats[0]?.process?.audit?.wake(chance.int(AUDIT_WITHIN_MS));
    planSweep(0);
  }

  for (let number = 0; number < processes; number += 1) {
    const seat: Seat = {
      process: null,
      machine: world.machine(`server-${number}`, () => {
        if (seat.process !== null && processes === 1) durable.restarted?.();
        seat.process = startProcess(seat.machine, {
          world,
          durable,
          ledger,
          psp,
          keyring,
          isShared: processes > 1,
          audits: number === 0,
          onQueue: () => planWork(),
        });
        seat.process.relay.wake(chance.int(RELAY_WITHIN_MS));
        seat.process.audit?.wake(chance.int(RELAY_WITHIN_MS));
        planWork();
        planSweep(0);
      }),
    };
    seats.push(seat);
  }
  ledger.onWrite(changed);

  const desk = world.machine('desk');
  const store = createFaultyStore(world, desk, durable.store, ledger);
  const queue = createFaultyQueue(world, desk, durable, () => planWork());

  return {
    ledger,
    psp,
    keyring,
    keys: durable.keys,
    truth: {
      ...durable.truth,
      psp: psp.operations,
      nowMs: engine.nowMs,
    },
    desk: {
      letters: () => queue.deadLetters(MAX_LETTERS),
      resolve: (item, given) =>
        createResolve({ store, queue, clock: desk.clock })(item, item.operation_id, given),
      redrive: createRedrive({ store, queue }),
    },
    servers: seats.map(
      (seat): Server => ({
        machine: seat.machine,
        serve: (sent) => (seat.process as EmbeddedProcess).serve(sent),
        callback: (callback) => (seat.process as EmbeddedProcess).callback(callback),
      }),
    ),

    start() {
      for (const { machine } of seats) world.boot(machine);
    },

    calm() {
      psp.remind();
      for (const { process } of seats) process?.relay.wake(0);
      seats[0]?.process?.audit?.wake(0);
      planWork();
      planSweep(0);
    },

    undone() {
      const { waiting, delayed, inFlight } = durable.truth.queue();
      if (waiting + delayed + inFlight > 0)
        return `messages are left: ${waiting} waiting, ${delayed} delayed, ${inFlight} in flight`;
      for (const consumer of [RELAY, AUDIT]) {
        const lag = durable.store.lag(consumer);
        if (lag > 0) return `${lag} changes are left to ${consumer}`;
      }
      return null;
    },

    async differs() {
      for (const payment of ledger.payments()) {
        const stored = await durable.store.get(payment);
        if (stored?.version !== payment.version || stored.status !== payment.status)
          return `${payment.payment_id} was written as v${payment.version}, and is v${stored?.version} in the store`;
      }
      return null;
    },

    close: durable.close,
  };
}
