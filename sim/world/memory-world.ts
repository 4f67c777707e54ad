import { createMemoryAuditLog, emptyAuditState } from '../../src/adapters/memory/memory-audit-log.ts';
import { createMemoryKeyStore } from '../../src/adapters/memory/memory-key-store.ts';
import {
  createMemoryPaymentStore,
  emptyPaymentState,
  paymentKey,
} from '../../src/adapters/memory/memory-payment-store.ts';
import { createMemoryWorkQueue, emptyQueueState } from '../../src/adapters/memory/memory-work-queue.ts';
import { AUDIT } from '../../src/app/audit.ts';
import { RELAY } from '../../src/app/relay.ts';
import { createMemoryStorage } from '../../src/connectors/simulator/memory-storage.ts';
import type { Durable } from './durable.ts';
import { visibilityTimeoutOf } from './visibility.ts';
import type { World } from './world.ts';

/** Everything that lasts, in memory: it outlives the simulated machines, and nothing else. */
export function createMemoryDurable(world: World): Durable {
  const { engine } = world;
  const queueState = emptyQueueState();
  const audit = emptyAuditState();
  const clock = { now: () => engine.nowMs() + (world.acting?.skewMs ?? 0) };
  const paymentState = emptyPaymentState();
  const store = createMemoryPaymentStore({ consumers: [RELAY, AUDIT], state: paymentState });
  return {
    store,
    queue: createMemoryWorkQueue({
      clock,
      visibilityTimeoutMs: visibilityTimeoutOf(world),
      state: queueState,
    }),
    keys: createMemoryKeyStore(),
    audit: createMemoryAuditLog(audit),
    simulator: createMemoryStorage(),
    truth: {
      *payments() {
        for (const stored of paymentState.payments.values()) yield stored.image;
      },
      get(ref) {
        const stored = paymentState.payments.get(paymentKey(ref));
        return stored?.image ?? null;
      },
      queue() {
        const nowMs = engine.nowMs();
        const depth = { waiting: 0, delayed: 0, inFlight: 0 };
        for (const { visibleMs, receiveCount } of queueState.messages.values()) {
          if (visibleMs <= nowMs) depth.waiting += 1;
          else if (receiveCount > 0) depth.inFlight += 1;
          else depth.delayed += 1;
        }
        return depth;
      },
      deadLetters: () => queueState.letters.values(),
      auditLines: () => audit.lines,
      auditHead: () => audit.head,
    },
    nextVisibleMs() {
      let nextMs: number | null = null;
      for (const { visibleMs } of queueState.messages.values()) {
        if (nextMs === null || visibleMs < nextMs) nextMs = visibleMs;
      }
      return nextMs;
    },
    close: async () => undefined,
  };
}
