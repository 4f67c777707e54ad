import { createAcceptPayment } from '../../src/app/accept-payment.ts';
import { createAskPsp } from '../../src/app/ask-psp.ts';
import { AUDIT, createAudit } from '../../src/app/audit.ts';
import { createAwaitOutcome } from '../../src/app/await-outcome.ts';
import { createHandleCallback } from '../../src/app/handle-callback.ts';
import { createListPayments } from '../../src/app/list-payments.ts';
import { createRelay, RELAY } from '../../src/app/relay.ts';
import { createRequestOperation } from '../../src/app/request-operation.ts';
import { createSweep } from '../../src/app/sweep.ts';
import { createSettler, createWorker } from '../../src/app/work.ts';
import type { Payment } from '../../src/domain/payment.ts';
import type { Machine } from '../engine/machine.ts';
import type { Durable } from './durable.ts';
import { createFaultyAudit } from './faulty-audit.ts';
import { createFaultyKeys } from './faulty-keys.ts';
import { createFaultyQueue } from './faulty-queue.ts';
import { createFaultyFeed, createFaultyStore } from './faulty-store.ts';
import type { Keyring } from './keyring.ts';
import type { Ledger } from './ledger.ts';
import { createPart, expectFault, type Part } from './part.ts';
import { PSP_TIMEOUT_MS, type Psp } from './psp.ts';
import { createService, type Server } from './server.ts';
import type { World } from './world.ts';

/** Messages handled side by side. */
const CONCURRENCY = 8;
const MAX_WAITERS = 100;
/** First pause between looks at a payment that other machines may change. */
const POLL_MS = 100;

export interface EmbeddedDeps {
  world: World;
  durable: Durable;
  ledger: Ledger;
  psp: Psp;
  keyring: Keyring;
  /** Another process works on the same folder: a worker beside the server. */
  isShared: boolean;
  /** Of several, one writes the audit log. */
  audits: boolean;
  /** Told whenever the queue may have changed, or a machine has room for more work. */
  onQueue: () => void;
}

/** One process: the product's own parts over what is durable, and a driver for each step. */
export interface EmbeddedProcess extends Pick<Server, 'serve' | 'callback'> {
  relay: Part;
  audit: Part | null;
  worker: Part;
  sweep: Part;
  /** Written by this process: its signal tells of nothing else. */
  changed(payment: Payment): void;
}

const SECRETS = {
  cursorKeys: async () => ['simulated-key-for-list-cursors-0123456789'],
  callbackSecret: async () => 'unused: the PSP opens its own call-backs',
};

export function startProcess(machine: Machine, deps: EmbeddedDeps): EmbeddedProcess {
  const { world, durable, ledger, psp, keyring, isShared, audits, onQueue } = deps;
  const { clock, timers } = machine;
  const logger = world.logger(machine);
  const store = createFaultyStore(world, machine, durable.store, ledger);
  const feed = createFaultyFeed(world, machine, durable.store);
  const queue = createFaultyQueue(world, machine, durable, onQueue);
  const ids = world.ids(`${machine.name} in its life ${machine.life}`);
  const connectors = [psp.connector(machine)];

  let tell: (payment: Payment) => void = () => undefined;
  const signal = {
    onChange(listener: (payment: Payment) => void) {
      tell = listener;
      return () => undefined;
    },
  };
  const outcome = createAwaitOutcome({
    store,
    signal,
    timers,
    maxWaiters: MAX_WAITERS,
    ...(isShared ? { pollMs: POLL_MS } : {}),
  });

  const onLateSuccess = () => world.count('lateSuccess');
  const asking = createAskPsp({ connectors, clock, timers, ids, logger, pspTimeoutMs: PSP_TIMEOUT_MS });
  const settler = createSettler({ store, queue, clock, logger, onLateSuccess });
  const worker = createWorker({ store, queue, psp: asking, clock, logger, onLateSuccess });
  const relay = createRelay({ feed, queue, onReversal: onLateSuccess });
  const sweep = createSweep({ store, queue, clock, logger });

  const service = createService(
    world,
    machine,
    {
      accept: createAcceptPayment({ store, connectors, clock, ids, defaultCurrency: 'eur' }),
      operations: createRequestOperation({ store, clock, ids }),
      get: store.get,
      list: createListPayments({ store, secrets: SECRETS }),
      outcome,
      keys: createFaultyKeys(world, machine, durable.keys),
      handleCallback: createHandleCallback({ connectors, store, psp: asking, settler, clock }),
    },
    (keyId) => keyring.goodUntilMs(keyId, machine.skewMs),
  );

  let inHand = 0;
  async function work(): Promise<boolean> {
    const free = CONCURRENCY - inHand;
    if (free === 0) return false;
    const deliveries = await worker.receive(free);
    for (const delivery of deliveries) {
      inHand += 1;
      worker
        .handle(delivery)
        .catch((error) => expectFault(world, error))
        .finally(() => {
          inHand -= 1;
          if (inHand === CONCURRENCY - 1) onQueue();
        });
    }
    return false;
  }

  async function auditStep(): Promise<boolean> {
    await audit.step();
    return durable.store.lag(AUDIT) > 0;
  }
  const audit = createAudit({ feed, log: createFaultyAudit(world, machine, durable.audit) });

  return {
    ...service,
    changed: (payment) => tell(payment),
    relay: createPart(world, machine, 'relay', async () => {
      await relay.step();
      return durable.store.lag(RELAY) > 0;
    }),
    audit: audits ? createPart(world, machine, 'audit', auditStep) : null,
    worker: createPart(world, machine, 'worker', work),
    sweep: createPart(world, machine, 'sweep', sweep.step),
  };
}
