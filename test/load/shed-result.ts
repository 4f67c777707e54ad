import type { Totals } from './compare-books.ts';
import {
  atLeast,
  atMost,
  enough,
  milliseconds,
  none,
  percent,
  plain,
  type Row,
  told,
  whole,
} from './goals.ts';
import { median } from './histogram.ts';
import type { Gauges } from './load-server.ts';
import { isValid, type PhaseResult, refusedAs } from './traffic.ts';

const MAX_RATIO = 3;
const MAX_RECOVERY_MS = 2_000;
/** Shedding must not cost what it protects: the PSP is kept busy. */
const MIN_GOODPUT = 0.9;
/** Of three times the capacity two thirds are too many; some come in a moment in which there is room. */
const MIN_SHED = 0.5;
/** A disk that takes its time may fill so small a backlog for a moment. */
const MAX_SHED_UNLOADED = 0.01;
const OVERLOADED = '503 overloaded';

export interface ShedRound {
  unloaded: PhaseResult;
  overloaded: PhaseResult;
  after: PhaseResult;
  phases: readonly PhaseResult[];
}

/** Those that were carried out to their end. */
export function roundsOf(phases: readonly PhaseResult[]): ShedRound[] {
  const named = (name: string) => phases.filter((phase) => phase.name === name);
  const [allUnloaded, allOverloaded] = [named('unloaded'), named('overloaded')];
  return named('after').flatMap((after, at) => {
    const [unloaded, overloaded] = [allUnloaded[at], allOverloaded[at]];
    if (!unloaded || !overloaded) return [];
    return [{ unloaded, overloaded, after, phases: [unloaded, overloaded, after] }];
  });
}

export function shedRows({
  wanted,
  capacity,
  phases,
  gauges,
  drainedMs,
  totals,
}: {
  /** Rounds. */
  wanted: number;
  /** Payments per second. */
  capacity: number;
  phases: readonly PhaseResult[];
  gauges: readonly Gauges[];
  drainedMs: number;
  totals: Totals;
}): Row[] {
  const all = roundsOf(phases);
  const rounds = all.filter((round) => round.phases.every(isValid));
  const of = (figure: (round: ShedRound) => number) => median(rounds.map(figure));
  const most = (figure: (round: ShedRound) => number) =>
    rounds.length === 0 ? Number.NaN : Math.max(...rounds.map(figure));
  const sum = (figure: (phase: PhaseResult) => number) =>
    phases.reduce((total, phase) => total + figure(phase), 0);
  const shedOf = (phase: PhaseResult) => refusedAs(OVERLOADED, phase);
  const { accepted, completed, charged } = totals;
  return [
    enough('rounds in which the generator kept up', rounds.length, wanted),
    told('capacity, limited by the PSP', `${whole(capacity)}/s`),
    told(
      'sent in an overload',
      `${plain(of(({ overloaded: o }) => o.sent / o.seconds / capacity))} × capacity`,
    ),
    atLeast(
      '  refused with 503 overloaded',
      of(({ overloaded: o }) => shedOf(o) / o.sent),
      MIN_SHED,
      percent,
    ),
    none(
      '    without Retry-After',
      sum(({ incomplete }) => incomplete),
    ),
    none(
      '  refused otherwise, or not answered',
      sum((phase) => phase.sent - phase.accepted - shedOf(phase)),
    ),
    atMost(
      'refused when unloaded',
      of(({ unloaded }) => shedOf(unloaded) / unloaded.sent),
      MAX_SHED_UNLOADED,
      percent,
    ),
    atLeast(
      'completed in an overload, of capacity',
      of(({ overloaded }) => goodput(overloaded, gauges) / capacity),
      MIN_GOODPUT,
    ),
    told('p99 until accepted, unloaded', milliseconds(of(({ unloaded: u }) => u.acceptedMs.p99Ms))),
    told('  overloaded', milliseconds(of(({ overloaded: o }) => o.acceptedMs.p99Ms))),
    atMost(
      '  ratio',
      of((r) => r.overloaded.acceptedMs.p99Ms / r.unloaded.acceptedMs.p99Ms),
      MAX_RATIO,
    ),
    told('p99 until completed, unloaded', milliseconds(of(({ unloaded: u }) => u.waitedMs.p99Ms))),
    told('  overloaded', milliseconds(of(({ overloaded: o }) => o.waitedMs.p99Ms))),
    atMost(
      '  ratio',
      of((r) => r.overloaded.waitedMs.p99Ms / r.unloaded.waitedMs.p99Ms),
      MAX_RATIO,
    ),
    told('p99 until refused', milliseconds(of(({ overloaded: o }) => o.refusedMs.p99Ms))),
    atMost(
      'last refusal after an overload',
      most(({ after }) => after.lastRefusedMs ?? 0),
      MAX_RECOVERY_MS,
      milliseconds,
    ),
    atMost(
      'backlog as before after an overload',
      most((round) => calmAfterMs(round, gauges)),
      MAX_RECOVERY_MS,
      milliseconds,
    ),
    told('everything settled and audited after the end', milliseconds(drainedMs)),
    told('accepted, completed, charged', [accepted, completed, charged].map(whole).join(', ')),
  ];
}

function during({ startMs, seconds }: PhaseResult, gauges: readonly Gauges[]): Gauges[] {
  return gauges.filter(({ atMs }) => atMs >= startMs && atMs < startMs + seconds * 1_000);
}

/** Payments completed per second between the first and the last look of a phase. */
function goodput(phase: PhaseResult, gauges: readonly Gauges[]): number {
  const looks = during(phase, gauges);
  const [first, last] = [looks[0], looks.at(-1)];
  if (!first || !last || last.atMs === first.atMs) return 0;
  return ((last.completed - first.completed) * 1_000) / (last.atMs - first.atMs);
}

/** How long after its overload the backlog was again what it was at most before; far too long if it never was. */
function calmAfterMs({ unloaded, after }: ShedRound, gauges: readonly Gauges[]): number {
  const usual = Math.max(0, ...during(unloaded, gauges).map(({ backlog }) => backlog));
  const calm = during(after, gauges).find(({ backlog }) => backlog <= usual);
  return calm ? calm.atMs - after.startMs : Number.POSITIVE_INFINITY;
}
