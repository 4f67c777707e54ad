import { expect, it } from 'vitest';
import {
  createRig,
  firstRequest,
  PATIENT,
  reportOf,
  type StorageOpener,
  settled,
} from './simulator.fixture.ts';

const UNKNOWN = { name: 'PspError', outcome: 'unknown' };
const SUCCEEDED = { outcome: 'succeeded' };

/** Asks, gives up before there is an answer, and tells what was thrown. */
export async function giveUp(ask: (signal: AbortSignal) => Promise<unknown>): Promise<unknown> {
  const patience = new AbortController();
  let done = false;
  const outcome = ask(patience.signal).then(
    () => 'answered',
    (error: unknown) => error,
  );
  void outcome.then(() => {
    done = true;
  });
  await settled();
  expect(done).toBe(false);
  patience.abort();
  return outcome;
}

/** What the tokens that keep an answer back do, over any storage. */
export function describeSilence(makeOpener: () => StorageOpener): void {
  it('pm_sim_timeout: the charge happens, and the answer never comes', async () => {
    const { simulator } = createRig({ openStorage: makeOpener() });
    const request = firstRequest({ payment_method: 'pm_sim_timeout' });
    expect(await giveUp((signal) => simulator.execute(request, signal))).toMatchObject(UNKNOWN);
    const found = await simulator.lookup(request, PATIENT);
    expect(found).toMatchObject(SUCCEEDED);
    expect(await simulator.execute(request, PATIENT)).toEqual(found);
    expect(await reportOf(simulator)).toHaveLength(1);
  });

  it('pm_sim_timeout_lost: neither happens the first time, and asking again succeeds', async () => {
    const { simulator } = createRig({ openStorage: makeOpener() });
    const request = firstRequest({ payment_method: 'pm_sim_timeout_lost' });
    expect(await giveUp((signal) => simulator.execute(request, signal))).toMatchObject(UNKNOWN);
    expect(await simulator.lookup(request, PATIENT)).toBeNull();
    expect(await reportOf(simulator)).toEqual([]);
    expect(await simulator.execute(request, PATIENT)).toMatchObject(SUCCEEDED);
  });

  it('pm_sim_unavailable_N: fails so often, counted for each key, and then succeeds', async () => {
    const { simulator } = createRig({ openStorage: makeOpener() });
    const [one, other] = [2, 1].map((n) => firstRequest({ payment_method: `pm_sim_unavailable_${n}` }));
    const unavailable = { name: 'PspError', outcome: 'not_executed', retryable: true };
    for (const request of [one, one, other]) {
      await expect(simulator.execute(request!, PATIENT)).rejects.toMatchObject(unavailable);
      expect(await simulator.lookup(request!, PATIENT)).toBeNull();
    }
    expect(await simulator.execute(one!, PATIENT)).toMatchObject(SUCCEEDED);
    expect(await simulator.execute(other!, PATIENT)).toMatchObject(SUCCEEDED);
    expect(await reportOf(simulator)).toHaveLength(2);
  });
}
