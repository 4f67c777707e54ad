import { createSimulator, type Simulator } from '../../src/connectors/simulator/simulator.ts';
import type {
  SimulatedOperation,
  SimulatorStorage,
} from '../../src/connectors/simulator/simulator-storage.ts';
import type { PspAnswer } from '../../src/domain/answer.ts';
import type { PaymentRef } from '../../src/domain/payment.ts';
import type { Connector, PspRequest, RawCallback } from '../../src/ports/connector.ts';
import { PspError } from '../../src/ports/faults.ts';
import type { Machine } from '../engine/machine.ts';
import { planCustomer } from './customer.ts';
import { type PspAsked, watchPspStorage } from './psp-storage.ts';
import type { World } from './world.ts';

/** How long we wait for its answers. */
export const PSP_TIMEOUT_MS = 10_000;
/** What was sent reaches the PSP within our patience or not at all; answers may come later than that. */
const LATEST_EFFECT_MS = PSP_TIMEOUT_MS;
const LATEST_ANSWER_MS = 2 * PSP_TIMEOUT_MS;
/** Most answers take no longer than this. */
const USUAL_MS = 40;
/** A call-back that is late may be too late for its signature, or a replay. */
const LATE_CALLBACK_MS = 8 * 60_000;

const REFUSED = new PspError('not_executed', 'Simulated: the PSP cannot be reached.', true);
const BROKEN_OFF = new PspError('unknown', 'Simulated: the connection broke off.');

/** Takes a call-back; whether it was answered with 2xx. Never settles if whoever took it died. */
export type TakeCallback = (callback: RawCallback) => Promise<boolean>;

/** Another company's system, and the network between it and us. */
export interface Psp {
  /** The real connector, as a machine meets it. */
  connector(machine: Machine): Connector;
  /** Every operation that it executed, in that order, as it stands now. */
  operations(): Iterable<SimulatedOperation>;
  find(ref: PaymentRef, operationId: string): SimulatedOperation | undefined;
  /** Whoever has not heard of a success by now is told again. */
  remind(): void;
}

export function createPsp(world: World, storage: SimulatorStorage, take: TakeCallback): Psp {
  const { engine, faults } = world;
  const machine = world.machine('psp');
  const chance = world.random.fork('psp network');
  const ids = world.ids('psp');
  const contradicted: SimulatedOperation[] = [];

  const watch = watchPspStorage(world, storage, {
    onInsert(operation) {
      if (operation.challenge !== null) {
        planCustomer(world, machine, { operation, watch, simulator, onContradiction });
      }
    },
    onEvent: ({ next_at_ms }) => deliverAt(next_at_ms),
  });

  const simulator: Simulator = createSimulator({
    storage: watch.storage,
    clock: machine.clock,
    ids,
    timers: machine.timers,
    latencyMs: 0,
    baseUrl: () => 'https://psp.test',
    callbackSecret: `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
    deliver: (_url, headers, body) => deliver({ headers, body: Buffer.from(body) }),
    logger: world.logger(machine),
  });

  function onContradiction(operation: SimulatedOperation): void {
    contradicted.push(operation);
  }

  function deliverAt(atMs: number): void {
    machine.after(atMs - engine.nowMs(), 'tells', () => {
      simulator.deliverDue().catch(world.fail);
      return undefined;
    });
  }

  /** On the way to us a call-back may be lost, late, or come twice. */
  function deliver(callback: RawCallback): Promise<boolean> {
    const lateMs = faults.strikes('callbackLate') ? faults.chance('callbackLate').int(LATE_CALLBACK_MS) : 0;
    if (faults.strikes('callbackRepeated')) {
      const afterMs = faults.chance('callbackRepeated').int(LATE_CALLBACK_MS);
      machine.after(afterMs, 'call-back again', () => {
        take(callback).catch(world.fail);
        return undefined;
      });
    }
    if (faults.strikes('callbackLost')) return new Promise(() => {});
    return new Promise((resolve, reject) => {
      machine.after(lateMs + chance.int(USUAL_MS), 'call-back', () => {
        take(callback).then(resolve, reject);
        return callback.headers['webhook-id'];
      });
    });
  }

  function effect<T>(asked: PspAsked, signal: AbortSignal): Promise<T> {
    watch.begins(asked);
    const { call, request } = asked;
    const answer =
      call === 'execute' ? simulator.execute(request, signal) : simulator.lookup(request, signal);
    watch.begins(null);
    return answer as Promise<T>;
  }

  /** What was on the way has no other effect than the PSP's; nobody hears of it. */
  function unheard(asked: PspAsked, afterMs: number): void {
    engine.plan(afterMs, 'psp', `${asked.call} ${tell(asked.request)}`, () => {
      // Nobody listens for how it ends; what it did has been seen.
      effect(asked, new AbortController().signal).catch(() => undefined);
      return 'unheard';
    });
  }

  function ask<T extends PspAnswer | null>(from: Machine, asked: PspAsked, signal: AbortSignal): Promise<T> {
    const { call, request } = asked;
    const what = `${call} ${tell(request)}`;
    const fate = world.fate(from);
    if (world.psp === 'refuses' || faults.strikes('pspRefused')) {
      return from.io<T>(what, { ...fate, fails: { when: 'before', error: REFUSED } }, never);
    }
    if (world.psp === 'silent') return never();
    for (const kind of ['pspLostBefore', 'pspLostAfter'] as const) {
      if (!faults.strikes(kind)) continue;
      const stream = faults.chance(kind);
      if (kind === 'pspLostAfter')
        unheard(asked, stream.int(stream.chance(0.2) ? LATEST_EFFECT_MS : USUAL_MS));
      // Either nothing is ever heard, or that the connection is gone.
      if (stream.chance(0.5)) return never();
      const fails = { when: 'before' as const, error: BROKEN_OFF };
      return from.io<T>(what, { effectAfterMs: 1, answerAfterMs: stream.int(USUAL_MS), fails }, never);
    }
    if (faults.strikes('pspRepeated')) {
      unheard(asked, faults.chance('pspRepeated').int(LATEST_EFFECT_MS));
    }
    const late = faults.strikes('pspLate') ? faults.chance('pspLate') : null;
    const way = {
      effectAfterMs: late ? late.int(LATEST_EFFECT_MS) : fate.effectAfterMs,
      answerAfterMs: late ? late.between(1, LATEST_ANSWER_MS) : world.wayMs(USUAL_MS),
    };
    return from.io<T>(
      what,
      way,
      () => effect<T>(asked, signal),
      (answer) => answer?.outcome ?? 'never heard of it',
    );
  }

  return {
    connector: (from) => ({
      name: simulator.name,
      accepts: simulator.accepts,
      defaultPaymentMethod: simulator.defaultPaymentMethod,
      execute: (request, signal) => ask<PspAnswer>(from, { call: 'execute', request }, signal),
      lookup: (request, signal) => ask<PspAnswer | null>(from, { call: 'lookup', request }, signal),
      openCallback: simulator.openCallback,
      report: simulator.report,
    }),
    operations: () => watch.operations.values(),
    find({ merchant_id, livemode, payment_id }, operationId) {
      for (const operation of watch.operations.values()) {
        const { request } = operation;
        if (
          request.operation_id === operationId &&
          request.payment_id === payment_id &&
          request.merchant_id === merchant_id &&
          request.livemode === livemode
        )
          return operation;
      }
      return undefined;
    },
    remind() {
      for (const { request } of contradicted) {
        const { idempotency_key: key } = request;
        const event = { event_id: ids.next('evt'), key, attempts: 0, next_at_ms: engine.nowMs() };
        engine.hold(watch.storage.within(key, (memory) => memory.addEvent(event)));
      }
    },
  };
}

function never(): Promise<never> {
  return new Promise(() => {});
}

function tell({ payment_id, operation_id }: PspRequest): string {
  return `${payment_id}/${operation_id}`;
}
