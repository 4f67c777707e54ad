import { setImmediate as nextTurn } from 'node:timers/promises';
import { createFakeClock, type FakeClock } from '../adapters/memory/fake-clock.ts';
import { createFakeTimers, type FakeTimers } from '../adapters/memory/fake-timers.ts';
import {
  createMemoryAuditLog,
  emptyAuditState,
  type MemoryAuditState,
} from '../adapters/memory/memory-audit-log.ts';
import { createMemoryPaymentStore } from '../adapters/memory/memory-payment-store.ts';
import { createMemoryWorkQueue } from '../adapters/memory/memory-work-queue.ts';
import { createSeededIds } from '../adapters/memory/seeded-ids.ts';
import { createMemoryStorage } from '../connectors/simulator/memory-storage.ts';
import { createSimulator, type Simulator } from '../connectors/simulator/simulator.ts';
import type { Payment } from '../domain/payment.ts';
import type { AuditLog } from '../ports/audit-log.ts';
import type { ChangeFeed, ChangeSignal } from '../ports/change-feed.ts';
import type { Connector, PspReportLine, RawCallback } from '../ports/connector.ts';
import type { Ids } from '../ports/ids.ts';
import type { Logger } from '../ports/logger.ts';
import type { PaymentStore } from '../ports/payment-store.ts';
import type { WorkQueue } from '../ports/work-queue.ts';
import { type AcceptPayment, createAcceptPayment, type PaymentFields } from './accept-payment.ts';
import { type AskPsp, createAskPsp } from './ask-psp.ts';
import { AUDIT, type Audit, createAudit } from './audit.ts';
import { createHandleCallback, type HandleCallback } from './handle-callback.ts';
import { createRelay, RELAY, type Relay } from './relay.ts';
import { createRequestOperation, type OperationAnswer, type RequestOperation } from './request-operation.ts';
import { createResolve, type Resolve } from './resolve.ts';
import { createSweep, type Sweep } from './sweep.ts';
import { createSettler, createWorker, type Settler, type Worker } from './work.ts';

export const MERCHANT = { merchant_id: 'm_1', livemode: false };
export const VISIBILITY_MS = 60_000;
export const PSP_TIMEOUT_MS = 10_000;
export const BASE_URL = 'http://tollgate.test';
export const CALLBACK_SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export type Store = PaymentStore & ChangeFeed & ChangeSignal;

/** What a test puts in the place of a part, or around it: a part that fails, stalls or loses what it is given. */
export interface WorldOptions {
  /** Instead of the simulator alone. */
  connectors?: (simulator: Simulator) => readonly Connector[];
  store?: (real: Store) => Store;
  queue?: (real: WorkQueue) => WorkQueue;
  auditLog?: (real: AuditLog) => AuditLog;
  ids?: (real: Ids) => Ids;
  simulatorLatencyMs?: number;
  /** No call-back of the simulator ever arrives. */
  callbacksLost?: true;
}

export interface LogLine {
  level: 'debug' | 'info' | 'warn' | 'error';
  message: string;
  fields: object;
}

/** All of Tollgate but the edge, on memory adapters and a clock that only a test moves. */
export interface World {
  clock: FakeClock;
  timers: FakeTimers;
  ids: Ids;
  store: Store;
  queue: WorkQueue;
  auditState: MemoryAuditState;
  log: LogLine[];
  logger: Logger;
  simulator: Simulator;
  connectors: readonly Connector[];
  psp: AskPsp;
  settler: Settler;
  accept: AcceptPayment;
  operations: RequestOperation;
  handleCallback: HandleCallback;
  resolve: Resolve;
  relay: Relay;
  worker: Worker;
  audit: Audit;
  sweep: Sweep;
  /** How many late successes were raised. */
  alarms(): number;
  /** Answers of `handleCallback` to the simulator's call-backs, oldest first; `unavailable` where it threw. */
  callbacks: string[];
  /** Accepts a payment of `MERCHANT`. A fault of the test if it is refused. */
  pay(fields?: Partial<PaymentFields>): Promise<Payment>;
  /** The same, and everything that follows from it now. */
  paid(fields?: Partial<PaymentFields>): Promise<Payment>;
  get(paymentId?: string): Promise<Payment>;
  refund(amount?: number, refundId?: string): Promise<OperationAnswer>;
  capture(amount?: number): Promise<OperationAnswer>;
  cancel(): Promise<OperationAnswer>;
  /** Waits for what only the clock can end, by moving the clock from timer to timer. */
  until<T>(promise: Promise<T>): Promise<T>;
  /** Steps relay, worker, call-backs and audit until nothing moves any more. No sweep: that is `pass`. */
  drain(): Promise<void>;
  /** One whole pass of the sweep. */
  pass(): Promise<void>;
  /** Moves the clock, and lets whoever sleeps until then wake and finish. */
  advance(ms: number): Promise<void>;
  /** Lives on: the clock moves in steps, with a pass of the sweep and a drain after each. */
  live(ms: number, everyMs?: number): Promise<void>;
  /** The customer decides on the challenge of a payment. */
  decideChallenge(decision: 'accept' | 'refuse', paymentId?: string): Promise<number>;
  /** What the PSP executed, by its own account. */
  truth(): Promise<PspReportLine[]>;
}

/** Steps without an end are a fault of what is tested, not a reason to wait for it. */
const MAX_ROUNDS = 1_000;

export function createWorld(options: WorldOptions = {}): World {
  const clock = createFakeClock();
  const timers = createFakeTimers(clock);
  const ids = (options.ids ?? same)(createSeededIds(1));
  const memoryStore = createMemoryPaymentStore({ consumers: [RELAY, AUDIT] });
  const store = (options.store ?? same)(memoryStore);
  const memoryQueue = createMemoryWorkQueue({ clock, visibilityTimeoutMs: VISIBILITY_MS });
  const queue = (options.queue ?? same)(memoryQueue);
  const auditState = emptyAuditState();
  const auditLog = (options.auditLog ?? same)(createMemoryAuditLog(auditState));
  const log: LogLine[] = [];
  const logger = recordingLogger(log);
  const callbacks: string[] = [];
  let alarms = 0;

  const simulator = createSimulator({
    storage: createMemoryStorage(),
    clock,
    ids,
    timers,
    latencyMs: options.simulatorLatencyMs ?? 0,
    baseUrl: () => BASE_URL,
    callbackSecret: CALLBACK_SECRET,
    deliver: async (_url, headers, body) =>
      options.callbacksLost ? false : deliver({ headers, body: Buffer.from(body) }),
    logger,
  });
  const connectors = options.connectors?.(simulator) ?? [simulator];
  const psp = createAskPsp({ connectors, clock, timers, ids, logger, pspTimeoutMs: PSP_TIMEOUT_MS });
  const onLateSuccess = () => {
    alarms++;
  };
  const settler = createSettler({ store, queue, clock, logger, onLateSuccess });
  const handleCallback = createHandleCallback({ connectors, store, psp, settler, clock });
  const accept = createAcceptPayment({ store, connectors, clock, ids, defaultCurrency: 'usd' });
  const operations = createRequestOperation({ store, clock, ids });
  const relay = createRelay({ feed: store, queue, onReversal: onLateSuccess });
  const worker = createWorker({ store, queue, psp, clock, logger, onLateSuccess });
  const audit = createAudit({ feed: store, log: auditLog });
  const sweep = createSweep({ store, queue, clock, logger });

  async function deliver(callback: RawCallback): Promise<boolean> {
    try {
      callbacks.push(await handleCallback('simulator', callback));
    } catch {
      callbacks.push('unavailable');
    }
    return callbacks.at(-1) === 'taken';
  }

  async function pay(fields: Partial<PaymentFields> = {}): Promise<Payment> {
    const accepted = await accept({
      partition: MERCHANT,
      fields: { payment_id: 'p1', amount: 1_000, ...fields },
      idempotencyKey: undefined,
      actor: 'key_1',
    });
    if ('refused' in accepted) throw new Error(`fixture: refused with ${accepted.refused}`);
    return accepted.payment;
  }

  async function get(paymentId = 'p1'): Promise<Payment> {
    const payment = await memoryStore.get({ ...MERCHANT, payment_id: paymentId });
    if (!payment) throw new Error(`fixture: there is no payment ${paymentId}`);
    return payment;
  }

  async function until<T>(promise: Promise<T>): Promise<T> {
    let over = false;
    const end = () => {
      over = true;
    };
    promise.then(end, end);
    for (let round = 0; round < MAX_ROUNDS; round++) {
      await nextTurn();
      if (over) return promise;
      const next = timers.nextAtMs();
      if (next !== null) clock.set(Math.max(next, clock.now()));
    }
    throw new Error('fixture: it never ends, whatever the clock says');
  }

  async function drain(): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const moved = [
        await relay.step(),
        await until(worker.step()),
        await until(simulator.deliverDue()),
        await audit.step(),
      ];
      if (moved.every((count) => count === 0)) return;
    }
    throw new Error('fixture: the steps never come to rest');
  }

  async function pass(): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round++) if (!(await sweep.step())) return;
    throw new Error('fixture: the pass of the sweep never ends');
  }

  async function advance(ms: number): Promise<void> {
    clock.advance(ms);
    await nextTurn();
  }

  const asked = { ref: { ...MERCHANT, payment_id: 'p1' }, idempotencyKey: undefined, actor: 'key_1' };

  return {
    clock,
    timers,
    ids,
    store,
    queue,
    auditState,
    log,
    logger,
    simulator,
    connectors,
    psp,
    settler,
    accept,
    operations,
    handleCallback,
    resolve: createResolve({ store, queue, clock }),
    relay,
    worker,
    audit,
    sweep,
    alarms: () => alarms,
    callbacks,
    pay,
    async paid(fields) {
      const { payment_id } = await pay(fields);
      await drain();
      return get(payment_id);
    },
    get,
    refund: (amount, refund_id) => operations.refund({ ...asked, fields: { amount, refund_id } }),
    capture: (amount) => operations.capture({ ...asked, fields: { amount } }),
    cancel: () => operations.cancel({ ...asked, fields: {} }),
    until,
    drain,
    pass,
    advance,
    async live(ms, everyMs = MINUTE_MS) {
      const endMs = clock.now() + ms;
      while (clock.now() < endMs) {
        await advance(Math.min(everyMs, endMs - clock.now()));
        await pass();
        await drain();
      }
    },
    async decideChallenge(decision, paymentId) {
      const { operations: all } = await get(paymentId);
      const url = all[0]?.next_action?.url;
      if (!url) throw new Error('fixture: there is no challenge');
      const request = new Request(url, { method: 'POST', body: new URLSearchParams({ decision }) });
      const { status } = await until(simulator.handlePage(request));
      return status;
    },
    async truth() {
      const lines: PspReportLine[] = [];
      for await (const line of simulator.report()) lines.push(line);
      return lines;
    },
  };
}

function same<T>(real: T): T {
  return real;
}

function recordingLogger(log: LogLine[]): Logger {
  const at = (level: LogLine['level']) => (fields: object, message: string) => {
    log.push({ level, message, fields });
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

/** A promise, and the hand that settles it. */
export function deferred<T = void>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** Lets everything run that is ready to. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await nextTurn();
}
