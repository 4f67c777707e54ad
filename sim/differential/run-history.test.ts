import { describe, expect, it } from 'vitest';
import type { FakeClock } from '../../src/adapters/memory/fake-clock.ts';
import { InvariantBroken } from '../observe/observation.ts';
import { runHistory } from './run-history.ts';
import { memorySubject, modelSubject, type Subject, sqliteSubject } from './subject.ts';

const STEPS = 200;
/** Until a difference is found, which mostly is in the first. */
const MOST_SEEDS = 20n;

describe('the same history on the memory, SQLite and DynamoDB stores (invariant 15)', () => {
  it.each([1n, 2n, 3n, 4n])('gives the same answers, seed %i', async (seed) => {
    await expect(runHistory({ seed, steps: STEPS })).resolves.toBeUndefined();
  });
});

type Change = (subject: Subject) => Partial<Subject>;

/** A memory store that is wrong in one thing. */
function wrong(change: Change) {
  return (clock: FakeClock): Subject => {
    const subject = memorySubject(clock);
    return { ...subject, ...change(subject), name: 'the wrong one' };
  };
}

const FAULTS: Readonly<Record<string, Change>> = {
  'takes a stale update': ({ store }) => ({
    store: { ...store, update: async (next) => (await store.update(next)) || next.version > 2 },
  }),
  'writes over what it refuses to create': ({ store }) => ({
    store: {
      ...store,
      async create(payment) {
        const answer = await store.create(payment);
        return answer.created ? answer : { created: false, existing: payment };
      },
    },
  }),
  'shows a payment to another merchant': ({ store }) => ({
    store: {
      ...store,
      get: async (ref) => (await store.get(ref)) ?? (await store.get({ ...ref, merchant_id: 'm_1' })),
    },
  }),
  'includes the bound of a list': ({ store }) => ({
    store: {
      ...store,
      list: async ({ created_after, ...query }) => {
        const justBefore = created_after && new Date(Date.parse(created_after) - 1).toISOString();
        return store.list({ ...query, created_after: justBefore });
      },
    },
  }),
  'finds due what will be in a minute': ({ store }) => ({
    store: { ...store, due: (beforeMs, cursor, limit) => store.due(beforeMs + 60_000, cursor, limit) },
  }),
  'moves both readers of the feed at once': ({ feed }) => ({
    feed: {
      ...feed,
      async commit(_consumer, position) {
        await feed.commit('relay', position);
        await feed.commit('audit', position);
      },
    },
  }),
  'forgets how often a message was received': ({ queue }) => ({
    queue: {
      ...queue,
      receive: async (limit) =>
        (await queue.receive(limit)).map((delivery) => ({ ...delivery, receiveCount: 1 })),
    },
  }),
  'delivers what was delayed at once': ({ queue }) => ({
    queue: { ...queue, send: (items) => queue.send(items) },
  }),
};

describe('a store that differs is found', () => {
  it.each(Object.entries(FAULTS))('which %s', async (_, change) => {
    const told = async () => {
      for (let seed = 1n; seed <= MOST_SEEDS; seed += 1n)
        await runHistory({ seed, steps: STEPS, open: [memorySubject, wrong(change)] });
    };
    const broken = await told().catch((error: unknown) => error);
    expect(broken).toBeInstanceOf(InvariantBroken);
    expect(String(broken)).toMatch(/seed \d+, step \d+: .*\n {2}memory: .*\n {2}the wrong one: /);
  });

  it('whichever of the three it is', async () => {
    const late = wrong(FAULTS['delivers what was delayed at once'] as Change);
    const run = runHistory({ seed: 1n, steps: STEPS, open: [sqliteSubject, modelSubject, late] });
    await expect(run).rejects.toThrow(/SQLite: .*\n {2}the wrong one: /);
  });
});
