import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { UnavailableError } from '../ports/faults.ts';
import { createWorld, deferred, MERCHANT, SECOND_MS, settled, type World } from './app.fixture.ts';
import { createAwaitOutcome } from './await-outcome.ts';
import { createScriptedPsp, FAILS, NO_ANSWER, type Reply } from './scripted-psp.fixture.ts';

const ref = { ...MERCHANT, payment_id: 'p1' };

function start(options: { reply?: Reply; maxWaiters?: number } = {}) {
  const psp = createScriptedPsp();
  if (options.reply) psp.will({ execute: [options.reply] });
  const world = createWorld({ connectors: (simulator) => (options.reply ? [psp] : [simulator]) });
  const { store, timers } = world;
  const outcome = createAwaitOutcome({ store, signal: store, timers, maxWaiters: options.maxWaiters ?? 10 });
  return { world, outcome };
}

/** What the wait answered, once it has; `waiting` before. */
function watch(wait: Promise<{ status: string } | null>) {
  const seen = { status: 'waiting' as string | null };
  void wait.then((payment) => {
    seen.status = payment?.status ?? null;
  });
  return async () => {
    await settled();
    return seen.status;
  };
}

function expectNothingLeft({ world, outcome }: { world: World; outcome: { waiting: number } }): void {
  expect([outcome.waiting, world.timers.pending()]).toEqual([0, 0]);
}

describe('waiting for an outcome', () => {
  it.each<[string, Reply | undefined, string]>([
    ['has succeeded', undefined, 'completed'],
    ['has failed', FAILS, 'failed'],
  ])('ends as soon as the operation %s', async (_what, reply, status) => {
    const { world, outcome } = start({ ...(reply ? { reply } : {}) });
    await world.pay();
    const answer = watch(outcome.wait(ref, 'charge.1', 25));
    expect(await answer()).toBe('waiting');
    expect([outcome.waiting, world.timers.pending()]).toEqual([1, 1]);
    await world.drain();
    expect(await answer()).toBe(status);
    expectNothingLeft({ world, outcome });
  });

  it('ends as soon as the operation requires action', async () => {
    const { world, outcome } = start();
    await world.pay({ payment_method: 'pm_card_authenticationRequired' });
    const answer = watch(outcome.wait(ref, 'charge.1', 25));
    await world.drain();
    expect(await answer()).toBe('requires_action');
    expectNothingLeft({ world, outcome });
  });

  it('answers at once what is over already', async () => {
    const { world, outcome } = start();
    await world.paid();
    expect(await outcome.wait(ref, 'charge.1', 25)).toEqual(await world.get());
    expectNothingLeft({ world, outcome });
  });

  it('misses nothing that happens between the asking and the listening', async () => {
    const { world, outcome } = start();
    await world.pay();
    const { get } = world.store;
    world.store.get = async (asked) => {
      world.store.get = get;
      const before = await get(asked);
      await world.drain();
      return before;
    };
    expect(await outcome.wait(ref, 'charge.1', 25)).toMatchObject({ status: 'completed' });
    expectNothingLeft({ world, outcome });
  });

  it('ends when its time is over, with what is known then', async () => {
    const { world, outcome } = start({ reply: NO_ANSWER });
    await world.pay();
    const answer = watch(outcome.wait(ref, 'charge.1', 3));
    await world.relay.step();
    await world.worker.step();
    await world.advance(3 * SECOND_MS - 1);
    expect(await answer()).toBe('waiting');
    await world.advance(1);
    expect(await answer()).toBe('processing');
    expectNothingLeft({ world, outcome });
  });

  it('does not end because another operation, or another payment, is done', async () => {
    const { world, outcome } = start();
    await world.paid();
    await world.refund(100, 'r1');
    const answer = watch(outcome.wait(ref, 'r1', 25));
    await world.paid({ payment_id: 'p2' });
    // p2 was drained together with r1: what is asked about is over by now.
    expect(await answer()).toBe('completed');
    const other = watch(outcome.wait(ref, 'r2', 5));
    await world.refund(100, 'r3');
    await world.drain();
    await world.paid({ payment_id: 'p3' });
    expect(await other()).toBe('waiting');
    await world.advance(5 * SECOND_MS);
    expect(await other()).toBe('completed');
    expectNothingLeft({ world, outcome });
  });

  it('answers all who wait for one operation', async () => {
    const { world, outcome } = start();
    await world.pay();
    const answers = Array.from({ length: 5 }, () => watch(outcome.wait(ref, 'charge.1', 25)));
    await settled();
    expect(outcome.waiting).toBe(5);
    await world.drain();
    for (const answer of answers) expect(await answer()).toBe('completed');
    expectNothingLeft({ world, outcome });
  });

  it('answers null at once beyond the most that may wait, and lets others wait later', async () => {
    const { world, outcome } = start({ maxWaiters: 2 });
    await world.pay();
    const waits = [outcome.wait(ref, 'charge.1', 25), outcome.wait(ref, 'charge.1', 25)];
    expect(await outcome.wait(ref, 'charge.1', 25)).toBeNull();
    expect(outcome.waiting).toBe(2);
    await world.drain();
    expect(await Promise.all(waits)).toMatchObject([{ status: 'completed' }, { status: 'completed' }]);
    expect(await outcome.wait(ref, 'charge.1', 25)).toMatchObject({ status: 'completed' });
    expectNothingLeft({ world, outcome });
  });

  it('answers null for a payment that there is not', async () => {
    const { world, outcome } = start();
    expect(await outcome.wait(ref, 'charge.1', 25)).toBeNull();
    expectNothingLeft({ world, outcome });
  });

  it('leaves nobody waiting when the store fails', async () => {
    const { world, outcome } = start();
    await world.pay();
    world.store.get = async () => {
      throw new UnavailableError('The store is down.');
    };
    await expect(outcome.wait(ref, 'charge.1', 25)).rejects.toThrow('The store is down.');
    expectNothingLeft({ world, outcome });
  });

  it('is released with what is known, and does not begin any more, when the server stops', async () => {
    const { world, outcome } = start();
    await world.pay();
    const answer = watch(outcome.wait(ref, 'charge.1', 25));
    expect(await answer()).toBe('waiting');
    outcome.release();
    expect(await answer()).toBe('processing');
    expect(await outcome.wait(ref, 'charge.1', 25)).toMatchObject({ status: 'processing' });
    expectNothingLeft({ world, outcome });
  });

  it('leaves no listener on any signal behind', async () => {
    const { world, outcome } = start();
    const signals: AbortSignal[] = [];
    const { sleep } = world.timers;
    world.timers.sleep = (ms, signal) => {
      if (signal) signals.push(signal);
      return sleep(ms, signal);
    };
    await world.pay();
    const waits = Array.from({ length: 3 }, () => outcome.wait(ref, 'charge.1', 25));
    await settled();
    await world.drain();
    await Promise.all(waits);
    expect(signals.length).toBeGreaterThanOrEqual(3);
    for (const signal of signals) expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});

describe('waiting where no signal tells of changes that others make', () => {
  /** Looks at the payment, and what a wait says, in a process that hears of nothing. */
  function startDeaf({ pollMs = 100 } = {}) {
    const world = createWorld();
    const { store, timers } = world;
    const looks: number[] = [];
    const outcome = createAwaitOutcome({
      store: {
        ...store,
        get(asked) {
          looks.push(world.clock.now());
          return store.get(asked);
        },
      },
      signal: { onChange: () => () => undefined },
      timers,
      maxWaiters: 10,
      pollMs,
    });
    /** Moves the clock from pause to pause for so long. */
    async function pass(ms: number): Promise<void> {
      await settled();
      const endMs = world.clock.now() + ms;
      for (let next = timers.nextAtMs(); next !== null && next <= endMs; next = timers.nextAtMs()) {
        world.clock.set(next);
        await settled();
      }
      world.clock.set(endMs);
      await settled();
    }
    /** Pauses between the looks so far. */
    const pauses = () => looks.slice(1).map((at, index) => at - (looks[index] as number));
    return { world, outcome, looks, pauses, pass };
  }

  it('looks at once, and then after pauses that grow by half up to half a second', async () => {
    const { world, outcome, pauses, pass } = startDeaf();
    await world.pay();
    const answer = watch(outcome.wait(ref, 'charge.1', 3));
    await pass(2_999);
    expect(await answer()).toBe('waiting');
    await pass(1);
    expect(await answer()).toBe('processing');
    const [first, second, third, fourth, ...rest] = pauses();
    expect([first, second, third, fourth]).toEqual([100, 150, 225, 337.5]);
    expect(rest.slice(0, -1).every((pause) => pause === 500)).toBe(true);
    expect(pauses().reduce((sum, pause) => sum + pause, 0)).toBe(3_000);
    expectNothingLeft({ world, outcome });
  });

  it('ends at the look that finds the outcome', async () => {
    const { world, outcome, looks, pass } = startDeaf();
    await world.pay();
    const answer = watch(outcome.wait(ref, 'charge.1', 3));
    await pass(100);
    await world.drain();
    expect(await answer()).toBe('waiting');
    await pass(150);
    expect([await answer(), looks.length]).toEqual(['completed', 3]);
    expectNothingLeft({ world, outcome });
  });

  it('looks no more often than there is time for', async () => {
    const { world, outcome, looks, pass } = startDeaf({ pollMs: 5_000 });
    await world.pay();
    const answer = watch(outcome.wait(ref, 'charge.1', 1));
    await pass(1_000);
    expect([await answer(), looks.length]).toEqual(['processing', 2]);
    expectNothingLeft({ world, outcome });
  });

  it('is released at once, with one last look', async () => {
    const { world, outcome, looks } = startDeaf();
    await world.pay();
    const answer = watch(outcome.wait(ref, 'charge.1', 3));
    expect(await answer()).toBe('waiting');
    outcome.release();
    expect([await answer(), looks.length]).toEqual(['processing', 2]);
    expectNothingLeft({ world, outcome });
  });

  it('looks once more when it is told of the outcome during a look', async () => {
    const world = createWorld();
    const { timers } = world;
    let slow: Promise<void> | undefined;
    const store = {
      ...world.store,
      async get(asked: typeof ref) {
        const payment = await world.store.get(asked);
        await slow;
        return payment;
      },
    };
    const outcome = createAwaitOutcome({ store, signal: world.store, timers, maxWaiters: 10, pollMs: 100 });
    await world.pay();
    const answer = watch(outcome.wait(ref, 'charge.1', 3));
    await settled();
    const gate = deferred();
    slow = gate.promise;
    await world.advance(100);
    await world.drain();
    expect(await answer()).toBe('waiting');
    gate.resolve();
    expect(await answer()).toBe('completed');
    expectNothingLeft({ world, outcome });
  });

  it('leaves nobody waiting when a look fails', async () => {
    const { world, outcome, pass } = startDeaf();
    await world.pay();
    const wait = outcome.wait(ref, 'charge.1', 3);
    const failed = expect(wait).rejects.toThrow('The store is down.');
    await settled();
    world.store.get = async () => {
      throw new UnavailableError('The store is down.');
    };
    await pass(100);
    await failed;
    expectNothingLeft({ world, outcome });
  });
});
