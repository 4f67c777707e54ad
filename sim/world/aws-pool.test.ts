import { describe, expect, it } from 'vitest';
import { createEngine } from '../engine/engine.ts';
import type { Machine } from '../engine/machine.ts';
import { createRandom } from '../engine/random.ts';
import { createTrace } from '../engine/trace.ts';
import { createPool } from './aws-pool.ts';
import { FAULT_KINDS, type FaultRates } from './faults.ts';
import { createWorld } from './world.ts';

const TIMEOUT_MS = 60_000;

function open(size: number) {
  const engine = createEngine(0, createTrace());
  const rates = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, 0])) as FaultRates;
  const observer = { see: () => undefined };
  const world = createWorld({ engine, random: createRandom(1n), rates, met: {}, observer });
  const machines: Machine[] = [];
  const pool = createPool(world, {
    name: 'function',
    size,
    timeoutMs: TIMEOUT_MS,
    random: createRandom(2n),
    start(machine) {
      machines.push(machine);
      return machine;
    },
  });
  pool.boot();
  const outcomes: unknown[] = [];
  const invoke = <T>(call: (machine: Machine) => Promise<T>) => {
    engine.plan(0, 'somebody', 'invokes', () => {
      pool.invoke(call).then((outcome) => outcomes.push([engine.nowMs(), outcome]));
      return undefined;
    });
  };
  const run = () => engine.run(1_000);
  return { engine, world, machines, outcomes, pool, invoke, run };
}

const takes = (ms: number, answer: string) => (machine: Machine) =>
  machine.timers.sleep(ms).then(() => answer);
const never = () => new Promise<never>(() => undefined);

describe('the instances of a function', () => {
  it('answer one invocation at a time; others wait for room', async () => {
    const { invoke, run, outcomes, pool } = open(1);
    invoke(takes(1_000, 'first'));
    invoke(takes(1_000, 'second'));
    expect(pool.hasRoom).toBe(true);
    await run();
    expect(outcomes).toEqual([
      [1_000, 'first'],
      [expect.any(Number), 'second'],
    ]);
    expect((outcomes[1] as [number])[0]).toBeGreaterThanOrEqual(2_000);
  });

  it('that run out of time fail, and begin anew', async () => {
    const { invoke, run, outcomes, machines } = open(1);
    invoke(never);
    await run();
    expect(outcomes).toEqual([[TIMEOUT_MS, 'failed']]);
    expect(machines).toHaveLength(2);
    invoke(takes(5, 'again'));
    await run();
    expect(outcomes).toHaveLength(2);
  });

  it('that die fail what they were at, and nothing comes of it afterwards', async () => {
    const { engine, world, invoke, run, outcomes, machines } = open(1);
    const done: string[] = [];
    invoke(async (machine) => {
      await machine.timers.sleep(1_000);
      done.push('went on');
      return 'answer';
    });
    engine.plan(500, 'chaos', 'crash', () => {
      machines[0]?.crash();
      return undefined;
    });
    engine.plan(700, 'chaos', 'restart', () => {
      machines[0]?.restart();
      world.boot(machines[0] as Machine);
      return undefined;
    });
    await run();
    expect([done, outcomes]).toEqual([[], [[700, 'failed']]]);
  });

  it('that throw a fault fail; what is no fault ends the life', async () => {
    const { invoke, run, outcomes } = open(1);
    invoke(async () => {
      throw new TypeError('a mistake');
    });
    expect(await run()).toBeInstanceOf(TypeError);
    expect(outcomes).toEqual([[0, 'failed']]);
  });
});
