import { describe, expect, it } from 'vitest';
import { atMost, enough, none, type Row, render, verdictOf } from './goals.ts';
import type { Summary } from './histogram.ts';
import { neighbourRows } from './neighbour-result.ts';
import { shedRows } from './shed-result.ts';
import { type SoakResult, soakRows } from './soak-result.ts';
import type { PhaseResult } from './traffic.ts';

const summary = (p99Ms: number): Summary => ({ count: 100, p50Ms: p99Ms / 4, p99Ms, maxMs: p99Ms });
const TOTALS = { accepted: 1, completed: 1, charged: 1, auditRecords: 2 };

function phase(name: string, startMs: number, given: Partial<PhaseResult> = {}): PhaseResult {
  return {
    name,
    startMs,
    seconds: 4,
    sent: 800,
    accepted: 800,
    refused: {},
    incomplete: 0,
    unanswered: 0,
    acceptedMs: summary(10),
    waitedMs: summary(50),
    refusedMs: summary(0),
    lagMs: summary(1),
    queued: 0,
    lastRefusedMs: null,
    ...given,
  };
}

/** Names of the rows whose goal is missed. */
const missed = (rows: readonly Row[]) => rows.filter(({ met }) => !met).map(({ what }) => what.trim());

describe('the result of an overload', () => {
  const overloaded = {
    sent: 4_800,
    accepted: 1_600,
    refused: { '503 overloaded': 3_200 },
    acceptedMs: summary(20),
    waitedMs: summary(100),
  };
  function rows(given: Partial<PhaseResult> = {}, after: Partial<PhaseResult> = {}, backlogAfter = 1) {
    const phases = [
      phase('unloaded', 0),
      phase('overloaded', 4_000, { ...overloaded, ...given }),
      phase('after', 8_000, after),
    ];
    const gauge = (atMs: number, completed: number, backlog: number) => ({
      atMs,
      completed,
      backlog,
      unfinished: 0,
    });
    const gauges = [
      gauge(100, 0, 1),
      gauge(4_000, 1_000, 16),
      gauge(7_000, 2_200, 16),
      gauge(8_100, 3_000, backlogAfter),
    ];
    return shedRows({ wanted: 1, capacity: 400, phases, gauges, drainedMs: 1, totals: TOTALS });
  }

  it('meets every goal when the excess is refused and the rest does not suffer', () => {
    expect(missed(rows())).toEqual([]);
    expect(rows().find(({ what }) => what.startsWith('completed in'))?.measured).toBe('1.00');
  });

  it('misses the goal that belongs to what is wrong', () => {
    expect(missed(rows({ refused: {}, accepted: 4_800 }))).toEqual(['refused with 503 overloaded']);
    expect(missed(rows({ acceptedMs: summary(31) }))).toEqual(['ratio']);
    expect(missed(rows({ waitedMs: summary(151) }))).toEqual(['ratio']);
    expect(missed(rows({ incomplete: 1 }))).toEqual(['without Retry-After']);
    expect(missed(rows({ accepted: 1_599, unanswered: 1 }))).toEqual(['refused otherwise, or not answered']);
    expect(missed(rows({}, { lastRefusedMs: 2_100 }))).toEqual(['last refusal after an overload']);
    expect(missed(rows({}, {}, 9))).toEqual(['backlog as before after an overload']);
  });

  it('is no result when the generator was late', () => {
    expect(missed(rows({ lagMs: summary(30) }))).toContain('rounds in which the generator kept up');
  });
});

describe('the result of a loud neighbour', () => {
  const limited = { sent: 4_800, accepted: 1_680, refused: { '429 rate_limited': 3_120 } };
  function rows(beside: Partial<PhaseResult> = {}, loud: Partial<PhaseResult> = {}, share = 0.2) {
    const quiet = [phase('alone', 0), phase('beside', 4_000, { acceptedMs: summary(20), ...beside })];
    const others = [
      phase('alone', 0, { sent: 0, accepted: 0 }),
      phase('beside', 4_000, { ...limited, ...loud }),
    ];
    return neighbourRows({
      wanted: 1,
      parsing: 6_000,
      share,
      limit: 400,
      burst: 80,
      quiet,
      loud: others,
      totals: TOTALS,
    });
  }

  it('meets every goal when one is limited and the other does not notice', () => {
    expect(missed(rows())).toEqual([]);
  });

  it('misses the goal that belongs to what is wrong', () => {
    expect(missed(rows({ acceptedMs: summary(31) }))).toEqual(['ratio']);
    expect(missed(rows({ accepted: 799 }))).toEqual(['refusals of the quiet one']);
    expect(missed(rows({}, { ...limited, accepted: 1_580, refused: { '429 rate_limited': 3_220 } }))).toEqual(
      ['let through, of what its limit allows'],
    );
    expect(missed(rows({}, { incomplete: 2 }))).toEqual(['without Retry-After, RateLimit, RateLimit-Policy']);
    expect(missed(rows({}, { refused: { '429 rate_limited': 3_119, '503 overloaded': 1 } }))).toEqual([
      'refused otherwise, or not answered',
    ]);
    expect(missed(rows({}, {}, 0.51))).toEqual(['both merchants together, of that']);
  });
});

describe('the result of a soak', () => {
  const IDLE = { residentBytes: 100e6, files: 20, sockets: 2, walBytes: 4e6, folderBytes: 10e6 };
  /** Four minutes, a quarter each; `grown` is what the last of them has on top. */
  function rows(grown: Partial<typeof IDLE & { backlog: number }> = {}, given: Partial<SoakResult> = {}) {
    const samples = [0, 1, 2, 3].map((minute) => ({
      ...{ ...IDLE, residentBytes: 200e6, walBytes: 16e6, backlog: 50, unfinished: 60 },
      ...(minute === 3 && grown),
      atMs: minute * 60_000 + 30_000,
    }));
    return soakRows({
      minutes: 4,
      startAtMs: 0,
      capacity: 20,
      rate: 800 / 60,
      phases: [0, 1, 2, 3].map((minute) => phase(String(minute + 1), minute * 60_000, { seconds: 60 })),
      samples,
      inside: [],
      heapAtHalf: 40e6,
      heapAtEnd: 41e6,
      before: IDLE,
      after: { ...IDLE, folderBytes: 20e6 },
      drainedMs: 5,
      totals: TOTALS,
      ...given,
    });
  }

  it('meets every goal when nothing grows but what is stored', () => {
    expect(missed(rows({ backlog: 20 }))).toEqual([]);
  });

  it('says nothing where a minute did not bring the load', () => {
    const least = (rate: number) =>
      verdictOf({ title: '', rows: rows({ backlog: 20 }, { rate }), findings: [] });
    expect([least(800 / 60), least(900 / 60)]).toEqual(['met', 'not valid']);
  });

  it('misses the goal that belongs to what grows', () => {
    const calm = { backlog: 20 };
    expect(missed(rows({ ...calm, residentBytes: 240e6 }))).toEqual(['last quarter']);
    expect(missed(rows(calm, { heapAtEnd: 50e6 }))).toEqual(['at the end']);
    expect(missed(rows({ ...calm, files: 22 }))).toEqual(['open files, second quarter and last']);
    expect(missed(rows({ ...calm, walBytes: 25e6 }))).toEqual(['write-ahead logs at most, last quarter']);
    expect(missed(rows({ backlog: 27 }))).toEqual(['backlog at most, last quarter']);
    expect(missed(rows(calm, { after: { ...IDLE, sockets: 4 } }))).toEqual([
      'handles of all kinds when the load has gone',
    ]);
  });
});

it('a result shows each figure beside its goal, and what was found', () => {
  const outcome = { title: 'OVERLOAD', rows: [none('lost', 1)], findings: ['Accepted and not there: p1'] };
  expect(render(outcome)).toBe(
    'OVERLOAD  measured  goal\nlost             1  none  MISSED\n  - Accepted and not there: p1\n',
  );
});

it('the verdict: a busy machine excuses a figure, and nothing that was lost or answered wrongly', () => {
  const [met, slow] = [atMost('ratio', 2, 3), atMost('ratio', 4, 3)];
  const [busy, wrong] = [enough('rounds', 1, 3), none('without Retry-After', 1)];
  const verdict = (rows: Row[], findings: string[] = []) => verdictOf({ title: '', rows, findings });
  expect(verdict([met, enough('rounds', 3, 3), none('lost', 0)])).toBe('met');
  expect(verdict([met, slow])).toBe('missed');
  expect(verdict([busy, slow])).toBe('not valid');
  expect(verdict([busy, wrong])).toBe('missed');
  expect(verdict([busy, met], ['Accepted and not there: p1'])).toBe('missed');
  expect(verdict([atMost('ratio', Number.NaN, 3)])).toBe('missed');
});
