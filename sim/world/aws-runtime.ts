import type { DynamoDBStreamEvent } from 'aws-lambda';
import { createDynamoKeyStore } from '../../src/adapters/dynamodb/dynamo-key-store.ts';
import { createDynamoPaymentStore } from '../../src/adapters/dynamodb/dynamo-payment-store.ts';
import { createMemoryStorage } from '../../src/connectors/simulator/memory-storage.ts';
import { dueAtMs } from '../../src/domain/derive.ts';
import type { Machine } from '../engine/machine.ts';
import { TABLES } from '../models/dynamo-model.ts';
import { changesPayment, dispatches } from '../models/dynamo-stream.ts';
import { createAwsDesk } from './aws-desk.ts';
import { createFleet } from './aws-fleet.ts';
import {
  type AwsDeps,
  type StreamHandler,
  startApi,
  startAudit,
  startRelay,
  startSweep,
  startWorker,
} from './aws-functions.ts';
import { createPool } from './aws-pool.ts';
import { createQueuePoller } from './aws-queue-poller.ts';
import { BUCKETS, createAwsServices } from './aws-services.ts';
import { createStreamPoller, type StreamPoller } from './aws-stream-poller.ts';
import { createKeyring } from './keyring.ts';
import { createLedger } from './ledger.ts';
import { createPsp } from './psp.ts';
import type { Runtime } from './runtime.ts';
import type { Server } from './server.ts';
import type { World } from './world.ts';

/** Instances of each function, and how long one invocation may take: as in the stack, but for how many. */
const API_INSTANCES = 3;
const RELAY = { name: 'payment-relay', size: 2, timeoutMs: 60_000 };
const AUDIT = { name: 'payment-audit', size: 3, timeoutMs: 120_000 };
const WORKER = { name: 'event-handler', size: 3, timeoutMs: 60_000 };
const SWEEP = { name: 'payment-sweep', size: 1, timeoutMs: 120_000 };

/** Batches of the stream. In production the audit waits for five minutes, and the relay for a second. */
const RELAY_BATCH = { batchSize: 100, windowMs: 1_000 };
const AUDIT_BATCH = { batchSize: 1_000, windowMs: 60_000 };

const SWEEP_EVERY_MS = 300_000;
const WORK_WITHIN_MS = 50;
const LOOK_AGAIN_MS = 5_000;
/** A stream keeps what was written for a day: what is not in the audit log by then never comes by itself. */
const FILL_AFTER_MS = 25 * 3_600_000;

interface ApiSeat {
  machine: Machine;
  service: Pick<Server, 'serve' | 'callback'> | null;
}

/**
 * The product as it is deployed: functions that any instance may die in, driven by pollers, a schedule and requests,
 * and one process of the fleet. What would be looked for again and again is looked for when there is something.
 */
export function createAwsRuntime(world: World): Runtime {
  const { engine } = world;
  const chance = world.random.fork('drivers');
  const ledger = createLedger(world);
  const keyring = createKeyring(world);
  const services = createAwsServices(world, ledger);
  const { dynamo, sqs, s3 } = services;
  const seats: ApiSeat[] = [];
  const psp = createPsp(world, createMemoryStorage(), (callback) => {
    const { machine, service } = chance.pick(seats);
    return machine.isUp && service ? service.callback(callback) : Promise.resolve(false);
  });
  const deps: AwsDeps = { world, services, psp, keyring };

  for (let number = 0; number < API_INSTANCES; number += 1) {
    const seat: ApiSeat = {
      service: null,
      machine: world.machine(`payment-processor-${number}`, () => {
        seat.service = startApi(deps, seat.machine);
      }),
    };
    seats.push(seat);
  }

  function poolOf<Handler>(shape: typeof RELAY, start: (given: AwsDeps, machine: Machine) => Handler) {
    const random = world.random.fork(`instances of ${shape.name}`);
    return createPool<Handler>(world, { ...shape, random, start: (machine) => start(deps, machine) });
  }
  const relay = poolOf(RELAY, startRelay);
  const audit = poolOf(AUDIT, startAudit);
  const worker = poolOf(WORKER, startWorker);
  const sweeper = poolOf(SWEEP, startSweep);
  const fleet = createFleet(deps);

  const desk = createAwsDesk(deps, world.machine('desk'));

  /** Something was never given to a reader: from then on only a person can make the audit log whole. */
  let isLost = false;

  function pollersOf(
    { name }: typeof RELAY,
    pool: typeof relay,
    shape: typeof RELAY_BATCH,
    filter: typeof changesPayment,
  ): StreamPoller[] {
    return Array.from({ length: dynamo.stream.shards }, (_, shard) =>
      createStreamPoller(world, {
        reader: name,
        stream: dynamo.stream,
        shard,
        filter,
        ...shape,
        onLost: () => {
          isLost = true;
        },
        invoke: (event) => pool.invoke((handle: StreamHandler) => handle(event)),
        giveUp: (event) => giveUp(name, event),
      }),
    );
  }
  const pollers = [
    ...pollersOf(RELAY, relay, RELAY_BATCH, dispatches),
    ...pollersOf(AUDIT, audit, AUDIT_BATCH, changesPayment),
  ];

  let givenUp = 0;
  /** As Lambda does it: the whole batch, in the form in which it invokes. */
  function giveUp(name: string, event: DynamoDBStreamEvent): void {
    givenUp += 1;
    const functionArn = `arn:aws:lambda:us-east-1:123456789012:function:${name}-sim:live`;
    const record = { requestContext: { functionArn }, payload: JSON.stringify(event) };
    s3.put(BUCKETS.failed, `aws/lambda/${name}/${givenUp}`, Buffer.from(JSON.stringify(record)));
    planSweep(0);
  }

  const pollQueue = createQueuePoller(world, {
    queue: sqs.work,
    random: world.random.fork('queue poller'),
    invoke: (event) => worker.invoke((handle) => handle(event)),
    onQueue: () => planWork(),
  });

  let offWork: () => void = () => undefined;
  let offSweep: () => void = () => undefined;

  function planWork(): void {
    offWork();
    const nextMs = sqs.work.nextVisibleMs();
    if (nextMs === null) return;
    offWork = engine.plan(
      Math.max(0, nextMs - engine.nowMs()) + chance.int(WORK_WITHIN_MS),
      'queue',
      'has work',
      () => {
        giveWork();
        offWork = engine.plan(LOOK_AGAIN_MS + chance.int(LOOK_AGAIN_MS), 'queue', 'still has work', () => {
          planWork();
          return undefined;
        });
        return undefined;
      },
    );
  }

  /** To the functions or to the fleet, whoever asks first. */
  function giveWork(): void {
    if (fleet.isWaiting && (!worker.hasRoom || chance.chance(0.3))) fleet.ring();
    else if (worker.hasRoom) pollQueue().catch(world.fail);
  }

  function nextDueMs(): number | null {
    if (s3.objects(BUCKETS.failed).size > 0) return engine.nowMs();
    const times = [...ledger.payments()].map(dueAtMs).filter((atMs) => atMs !== null);
    return times.length === 0 ? null : Math.min(...times);
  }

  /** The schedule; passes that would find nothing are left out. @param soonestMs not before this is over */
  function planSweep(soonestMs: number): void {
    offSweep();
    const dueMs = nextDueMs();
    if (dueMs === null) return;
    const afterMs = Math.max(soonestMs, dueMs - engine.nowMs()) + chance.int(SWEEP_EVERY_MS);
    offSweep = engine.plan(afterMs, 'schedule', 'time to sweep', () => {
      const endMs = engine.nowMs() + SWEEP.timeoutMs;
      sweeper
        .invoke((pass) => pass(() => endMs - engine.nowMs()))
        .then(() => planSweep(SWEEP_EVERY_MS), world.fail);
      return undefined;
    });
  }

  ledger.onWrite(() => {
    for (const poller of pollers) poller.wake();
    planSweep(0);
  });
  services.onQueue(planWork);

  // Nobody's: what a person who stands outside would find.
  const outside = { client: dynamo.client(), tableName: TABLES.payments };
  const noPause = { sleep: async () => undefined, after: () => () => undefined };
  const stored = createDynamoPaymentStore({ ...outside, timers: noPause });

  return {
    ledger,
    psp,
    keyring,
    keys: createDynamoKeyStore({ ...outside, timers: noPause }),
    truth: { ...services.truth, psp: psp.operations, nowMs: engine.nowMs },
    desk,
    servers: seats.map(
      (seat): Server => ({
        machine: seat.machine,
        serve: (sent) => (seat.service as NonNullable<ApiSeat['service']>).serve(sent),
        callback: (callback) => (seat.service as NonNullable<ApiSeat['service']>).callback(callback),
      }),
    ),

    start() {
      for (const { machine } of seats) world.boot(machine);
      for (const pool of [relay, audit, worker, sweeper]) pool.boot();
      world.boot(fleet.machine);
    },

    calm() {
      psp.remind();
      for (const poller of pollers) poller.wake();
      planWork();
      planSweep(0);
      // Where nothing was lost, the log must be whole without it.
      if (!isLost) return;
      engine.plan(FILL_AFTER_MS, 'operator', 'fills the audit log', () => {
        desk.fillAudit().catch(world.fail);
        return undefined;
      });
    },

    undone() {
      const { waiting, delayed, inFlight } = sqs.work.depth();
      if (waiting + delayed + inFlight > 0)
        return `messages are left: ${waiting} waiting, ${delayed} delayed, ${inFlight} in flight`;
      const lag = pollers.reduce((sum, poller) => sum + poller.lag, 0);
      if (lag > 0) return `${lag} records of the stream are left to a reader`;
      const failed = s3.objects(BUCKETS.failed).size;
      return failed > 0 ? `${failed} failed batches were not recovered` : null;
    },

    async differs() {
      for (const payment of ledger.payments()) {
        const found = await stored.get(payment);
        if (JSON.stringify(found) !== JSON.stringify(payment))
          return `${payment.payment_id} was written as v${payment.version}, and is v${found?.version} in the table`;
      }
      return null;
    },

    close: async () => undefined,
  };
}
