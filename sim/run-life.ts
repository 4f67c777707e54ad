import { createEngine } from './engine/engine.ts';
import { createRandom, type Random } from './engine/random.ts';
import { createTrace } from './engine/trace.ts';
import { InvariantBroken, type Observer, type Truth } from './observe/observation.ts';
import { stir } from './world/chaos.ts';
import { createClient } from './world/client.ts';
import { createEmbeddedRuntime } from './world/embedded-runtime.ts';
import { drawRates, type FaultRates } from './world/faults.ts';
import { createMemoryDurable } from './world/memory-world.ts';
import { carryOut } from './world/merchant.ts';
import { createOperator, type Operator } from './world/operator.ts';
import { MERCHANTS, type PaymentPlan, planPayment } from './world/payment-plan.ts';
import type { Runtime } from './world/runtime.ts';
import { createSqliteDurable } from './world/sqlite-durable.ts';
import { createWorld, type World } from './world/world.ts';

export type RuntimeName = 'memory' | 'sqlite' | 'aws';

export interface LifeOptions {
  runtime: RuntimeName;
  /** Told every line of the trace. */
  trace?: (line: string) => void;
  /** Instead of what the seed says; 0 switches a kind of fault off. */
  faults?: Partial<FaultRates>;
  /** Payments (numbered from 0) that are never asked for: for a smaller trace. */
  without?: readonly number[];
  /** Most events of a life; more than that, and it is stuck. */
  events?: number;
  /** Makes the observer that checks; none checks nothing. */
  observe?: (truth: Truth) => Observer;
}

export interface LifeFailure {
  /** The number of the broken invariant; `crash`: something threw that should not; `stuck`: it did not drain. */
  invariant: number | 'crash' | 'stuck';
  message: string;
  event: number;
}

export interface Life {
  seed: bigint;
  runtime: RuntimeName;
  events: number;
  traceHash: string;
  failure: LifeFailure | null;
  /** How often each fault (`fault:x`) and each status (`status:x`) was met: one that never happens is noticed. */
  met: Record<string, number>;
}

const START_MS = Date.UTC(2026, 0, 1);
const MAX_EVENTS = 50_000;
/** In how long payments are made, and how long the storm goes on after the last of them. */
const SPANS_MS = [5_000, 60_000, 3_600_000, 2 * 86_400_000];
const AFTERMATHS_MS = [1_000, 60_000, 3_600_000, 9 * 86_400_000];
/** Few payments meet nearly everything; so most lives are short, and some are crowded. */
const MIN_PAYMENTS = 4;
const MAX_PAYMENTS = 12;
const CROWDED = 0.1;
/** Rounds of an operator at the end: a dead letter that is sent again may come back. */
const MAX_ROUNDS = 20;

class Stuck extends Error {
  override readonly name = 'Stuck';
}

/** One seed, one whole life: a storm, then calm, then the end at which everything must be settled. */
export async function runLife(seed: bigint, options: LifeOptions): Promise<Life> {
  const random = createRandom(seed);
  const trace = createTrace(options.trace);
  const engine = createEngine(START_MS, trace);
  const met: Record<string, number> = {};
  const rates = { ...drawRates(random.fork('rates')), ...options.faults };
  let observer: Observer = { see: () => undefined };
  const watching: Observer = { see: (observation) => observer.see(observation) };
  const world = createWorld({ engine, random, rates, met, observer: watching });
  const runtime = await createRuntime(options.runtime, world);
  observer = options.observe?.(runtime.truth) ?? observer;
  const limit = options.events ?? MAX_EVENTS;

  const { stackTraceLimit } = Error;
  // Faults are thrown by the dozen, and their stacks would take longer than what they end. A replay has them.
  if (!options.trace) Error.stackTraceLimit = 0;
  const failure = await live(world, runtime, options.without ?? [], limit);
  Error.stackTraceLimit = stackTraceLimit;
  await runtime.close();
  return {
    seed,
    runtime: options.runtime,
    events: engine.events,
    traceHash: trace.end(),
    failure: failure && { ...describe(failure), event: engine.events },
    met,
  };
}

async function createRuntime(name: RuntimeName, world: World): Promise<Runtime> {
  if (name === 'aws') {
    // Only where it is lived: its clients take longer to load than many a life.
    const { createAwsRuntime } = await import('./world/aws-runtime.ts');
    return createAwsRuntime(world);
  }
  const processes = world.random.fork('processes').chance(0.5) ? 2 : 1;
  const durable = name === 'sqlite' ? createSqliteDurable(world) : createMemoryDurable(world);
  return createEmbeddedRuntime(world, durable, processes);
}

async function live(
  world: World,
  runtime: Runtime,
  without: readonly number[],
  limit: number,
): Promise<Error | null> {
  const { engine, random } = world;
  const operator = createOperator(world, runtime);
  const script = random.fork('script');
  await storm(world, runtime, operator, script, without);
  runtime.start();
  for (let round = 0; ; round += 1) {
    const stopped = await engine.run(limit);
    if (stopped) return stopped;
    if (engine.events >= limit) return new Stuck(`it has not come to an end after ${limit} events`);
    if ([...runtime.truth.deadLetters()].length === 0) break;
    if (round === MAX_ROUNDS) return new Stuck(`dead letters are left after ${MAX_ROUNDS} rounds`);
    operator.seeToLetters();
  }
  const undone = runtime.undone();
  if (undone !== null) return new Stuck(undone);
  const differs = await runtime.differs();
  if (differs !== null) return new InvariantBroken(2, differs);
  world.see({ kind: 'drained' });
  return engine.run(limit);
}

async function storm(
  world: World,
  runtime: Runtime,
  operator: Operator,
  script: Random,
  without: readonly number[],
): Promise<void> {
  const { engine } = world;
  const merchants = script.between(2, MERCHANTS.length);
  for (const merchant of MERCHANTS.slice(0, merchants)) {
    const lastsMs = script.chance(0.3) ? script.int(script.pick(SPANS_MS)) : null;
    await runtime.keyring.issue(runtime.keys, merchant, lastsMs === null ? null : engine.nowMs() + lastsMs);
    // Mostly in time before the old key expires.
    const inMs = script.int(lastsMs === null ? script.pick(SPANS_MS) : 1.1 * lastsMs);
    if (lastsMs === null && script.chance(0.5)) continue;
    engine.plan(inMs, 'operator', `rolls the key of ${merchant} over`, () => {
      operator.rollOver(merchant, runtime.keys);
      return undefined;
    });
  }
  const spanMs = script.pick(SPANS_MS);
  const aftermathMs = script.int(script.pick(AFTERMATHS_MS));
  const count = script.between(MIN_PAYMENTS, script.chance(CROWDED) ? MAX_PAYMENTS : MIN_PAYMENTS);
  const plans = Array.from({ length: count }, (_, number) =>
    planPayment(script.fork(`payment ${number}`), number, merchants, spanMs),
  ).filter(({ number }) => !without.includes(number));
  const carriedOut = plans.map((plan) => carryOut(clientFor(world, runtime, plan), plan));
  Promise.all(carriedOut).then(() => {
    engine.plan(Math.max(aftermathMs, world.pspBackMs - engine.nowMs()), 'world', 'grows calm', () => {
      world.calm();
      runtime.calm();
      return undefined;
    });
  }, world.fail);
}

function clientFor(world: World, runtime: Runtime, { number, merchant }: PaymentPlan) {
  return createClient(world, {
    number,
    merchant_id: MERCHANTS[merchant] as string,
    servers: runtime.servers,
    keyring: runtime.keyring,
    onAsk: () => stir(world),
    random: world.random.fork(`client ${number}`),
  });
}

function describe(error: Error): { invariant: LifeFailure['invariant']; message: string } {
  if (error instanceof InvariantBroken) return { invariant: error.invariant, message: error.message };
  if (error instanceof Stuck) return { invariant: 'stuck', message: error.message };
  return { invariant: 'crash', message: error.stack ?? String(error) };
}
