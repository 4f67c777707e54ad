import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../adapters/memory/fake-clock.ts';
import { deferred } from './app.fixture.ts';
import { createReadiness, type Probe } from './readiness.ts';

function start(
  probes: Record<string, Probe> = { store: async () => undefined, queue: async () => undefined },
) {
  const clock = createFakeClock();
  const load = { waiting: 0, measured: 0 };
  const backlog = {
    limit: 10,
    admit: async () => true,
    async waiting() {
      load.measured++;
      if (load.waiting < 0) throw new Error('The feed is gone.');
      return load.waiting;
    },
  };
  return { clock, load, check: createReadiness({ probes, backlog, clock }) };
}

const ok = { ok: true };
const broken: Probe = async () => {
  throw new Error('The disk is full.');
};

describe('readiness', () => {
  it('is given where every part answers and the backlog is below its limit', async () => {
    const { check, load } = start();
    load.waiting = 9;
    expect(await check()).toEqual({ ready: true, checks: { store: ok, queue: ok, backlog: ok } });
  });

  it('names each part that does not work, and why', async () => {
    const { check, load } = start({ store: broken, queue: () => Promise.reject('no error at all') });
    expect(await check()).toEqual({
      ready: false,
      checks: {
        store: { ok: false, detail: 'The disk is full.' },
        queue: { ok: false, detail: 'no error at all' },
      },
    });
    expect(load.measured).toBe(0);
  });

  it('is not given at the limit of the backlog', async () => {
    const { check, load } = start();
    load.waiting = 10;
    expect(await check()).toMatchObject({
      ready: false,
      checks: { backlog: { ok: false, detail: '10 operations are waiting; the limit is 10' } },
    });
  });

  it('is not given, and no fault, where the backlog cannot be measured', async () => {
    const { check, load } = start();
    load.waiting = -1;
    expect(await check()).toMatchObject({
      ready: false,
      checks: { backlog: { ok: false, detail: 'The feed is gone.' } },
    });
  });

  it('is asked for once a second, however many ask, and again when the clock was set back', async () => {
    let probed = 0;
    const gate = deferred();
    const { check, clock } = start({
      store: () => {
        probed++;
        return gate.promise;
      },
    });
    const asked = [check(), check(), check()];
    gate.resolve();
    await Promise.all(asked);
    clock.advance(999);
    await check();
    expect(probed).toBe(1);
    clock.advance(1);
    await check();
    expect(probed).toBe(2);
    clock.advance(-1);
    await check();
    expect(probed).toBe(3);
  });

  it('comes back when the part does', async () => {
    let up = false;
    const { check, clock } = start({ store: async () => (up ? undefined : broken()) });
    expect(await check()).toMatchObject({ ready: false });
    up = true;
    clock.advance(1_000);
    expect(await check()).toMatchObject({ ready: true });
  });
});
