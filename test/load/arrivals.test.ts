import { describe, expect, it } from 'vitest';
import { createSeededIds } from '../../src/adapters/memory/seeded-ids.ts';
import { sendArrivals } from './arrivals.ts';

const SECOND = { startMs: 5_000, seconds: 10, ratePerSecond: 100 };

/** A clock that only moves when somebody sleeps; each sleep takes longer than asked for by what `late` says. */
function clockWith(late: (nowMs: number) => number) {
  let nowMs = SECOND.startMs;
  let turns = 0;
  return {
    now: () => nowMs,
    async sleep(ms: number) {
      if (ms === 0) turns++;
      else nowMs += Math.max(0.01, ms + late(nowMs));
    },
    turns: () => turns,
  };
}

async function arrivals(late: (nowMs: number) => number = () => 0, given = SECOND) {
  const clock = clockWith(late);
  const random = createSeededIds(7).random;
  const due: number[] = [];
  const sentAt: number[] = [];
  await sendArrivals(given, { ...clock, random }, (dueMs) => {
    due.push(dueMs);
    sentAt.push(clock.now());
  });
  return { due, sentAt, turns: clock.turns() };
}

describe('open-loop arrivals', () => {
  it('come at the rate that was asked for, at random moments within the phase, in order', async () => {
    const { due } = await arrivals();
    expect(due.length).toBeGreaterThan(900);
    expect(due.length).toBeLessThan(1_100);
    expect(due).toEqual(due.toSorted((a, b) => a - b));
    expect(due[0]).toBeGreaterThan(5_000);
    expect(due.at(-1)).toBeLessThan(15_000);
    const gaps = due.slice(1).map((dueMs, at) => dueMs - (due[at] as number));
    const short = gaps.filter((gap) => gap < 10).length / gaps.length;
    // Of a Poisson process 1 - 1/e of the gaps are shorter than the mean.
    expect(short).toBeGreaterThan(0.58);
    expect(short).toBeLessThan(0.68);
  });

  it('are due at the same moments however late the sender is: a stall delays and drops none', async () => {
    const calm = await arrivals();
    const stalled = await arrivals((nowMs) => (nowMs > 8_000 && nowMs < 8_100 ? 2_000 : 0));
    expect(stalled.due).toEqual(calm.due);
    const lateBy = stalled.due.map((dueMs, at) => (stalled.sentAt[at] as number) - dueMs);
    expect(Math.max(...lateBy)).toBeGreaterThan(1_800);
    expect(lateBy.filter((ms) => ms > 100).length).toBeGreaterThan(150);
  });

  it('are never sent before they are due, even by a timer that fires early', async () => {
    const { due, sentAt } = await arrivals(() => -0.4);
    expect(due.every((dueMs, at) => (sentAt[at] as number) >= dueMs)).toBe(true);
  });

  it('let answers be read between them when the sender is far behind', async () => {
    const { turns } = await arrivals((nowMs) => (nowMs < 5_100 ? 9_000 : 0));
    expect(turns).toBeGreaterThan(10);
  });

  it('are none at a rate of 0', async () => {
    expect((await arrivals(() => 0, { ...SECOND, ratePerSecond: 0 })).due).toEqual([]);
  });
});
