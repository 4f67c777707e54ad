import { describe, expect, it } from 'vitest';
import { AUDIT } from '../../src/app/audit.ts';
import { RELAY } from '../../src/app/relay.ts';
import { newPayment } from '../../src/ports/payment-store.fixture.ts';
import type { WorkItem } from '../../src/ports/work-queue.ts';
import { createEngine } from '../engine/engine.ts';
import { createRandom } from '../engine/random.ts';
import { createTrace } from '../engine/trace.ts';
import { FAULT_KINDS, type FaultRates } from './faults.ts';
import { createSqliteDurable } from './sqlite-durable.ts';
import { createWorld } from './world.ts';

const SURE = 1;
const ITEM: WorkItem = {
  merchant_id: 'm_1',
  livemode: false,
  payment_id: 'p1',
  operation_id: 'charge.1',
  attempt: 0,
};

function open(seed: bigint, powerCut: number) {
  const engine = createEngine(0, createTrace());
  const rates = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as FaultRates;
  const observer = { see: () => undefined };
  const random = createRandom(seed);
  const world = createWorld({ engine, random, rates: { ...rates, powerCut }, met: {}, observer });
  return createSqliteDurable(world);
}

describe('what lasts in an SQLite database', () => {
  it('outlives a process that is killed, whatever was synced', async () => {
    const durable = open(1n, 0);
    await durable.store.create(newPayment());
    await durable.queue.send([ITEM]);
    durable.restarted?.();
    expect(await durable.store.get(newPayment())).toEqual(newPayment());
    expect(durable.truth.queue()).toEqual({ waiting: 1, delayed: 0, inFlight: 0 });
    await durable.close();
  });

  it('loses with the power what nobody waited for, and never a payment that was answered', async () => {
    const left: number[] = [];
    for (let seed = 1n; seed <= 8n; seed += 1n) {
      const durable = open(seed, SURE);
      await durable.store.create(newPayment());
      for (let attempt = 0; attempt < 4; attempt += 1) await durable.queue.send([{ ...ITEM, attempt }]);
      durable.restarted?.();
      expect(await durable.store.get(newPayment())).toEqual(newPayment());
      expect((await durable.store.read(RELAY, 10)).changes).toHaveLength(1);
      left.push(durable.truth.queue().waiting);
      await durable.close();
    }
    // A prefix of what was sent, of any length but the whole.
    expect(new Set(left).size).toBeGreaterThan(1);
    expect(Math.max(...left)).toBeLessThan(4);
  });

  it('keeps what was sent before something that was waited for', async () => {
    const durable = open(1n, SURE);
    await durable.queue.send([ITEM]);
    await durable.store.commit(AUDIT, '0');
    await durable.store.create(newPayment());
    durable.restarted?.();
    expect(durable.truth.queue().waiting).toBe(1);
    await durable.close();
  });

  it('gives what the process that died had in hand at once to the next', async () => {
    const durable = open(1n, 0);
    await durable.queue.send([ITEM]);
    expect(await durable.queue.receive(1)).toHaveLength(1);
    expect(await durable.queue.receive(1)).toEqual([]);
    durable.restarted?.();
    expect(await durable.queue.receive(1)).toMatchObject([{ receiveCount: 2 }]);
    await durable.close();
  });
});
