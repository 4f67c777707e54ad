import type { Totals } from './compare-books.ts';
import {
  atMost,
  enough,
  milliseconds,
  none,
  percent,
  plain,
  type Row,
  told,
  whole,
  within,
} from './goals.ts';
import { median } from './histogram.ts';
import { hadConnections, isValid, type PhaseResult, refusedAs } from './traffic.ts';

const MAX_SHARE = 0.5;
const MAX_RATIO = 3;
/** Of what the limit lets through, by which it may be more or less: the edges of the phases are not the server's. */
const TOLERANCE = 0.05;
const LIMITED = '429 rate_limited';

export interface Pair {
  /** The quiet merchant. */
  alone: PhaseResult;
  beside: PhaseResult;
  loud: PhaseResult;
}

/**
 * Whether the round tells something. A loud one that is late sends in bursts, which is only harder on the other; but it
 * must have sent.
 */
export function isValidPair({ alone, beside, loud }: Pair): boolean {
  return isValid(alone) && isValid(beside) && hadConnections(loud);
}

/** The rounds that both generators have carried out. */
export function pairs(quiet: readonly PhaseResult[], loud: readonly PhaseResult[]): Pair[] {
  const all = quiet.filter(({ name }) => name === 'alone');
  return all.flatMap((alone) => {
    const beside = quiet.find(({ name, startMs }) => name === 'beside' && startMs > alone.startMs);
    const other = beside && loud.find(({ startMs }) => startMs === beside.startMs);
    return beside && other ? [{ alone, beside, loud: other }] : [];
  });
}

export function neighbourRows({
  wanted,
  parsing,
  share,
  limit,
  burst,
  quiet,
  loud,
  totals,
}: {
  /** Rounds. */
  wanted: number;
  /** Requests per second. */
  parsing: number;
  /** Of that, what both merchants send. */
  share: number;
  limit: number;
  burst: number;
  quiet: readonly PhaseResult[];
  loud: readonly PhaseResult[];
  totals: Totals;
}): Row[] {
  const rounds = pairs(quiet, loud).filter(isValidPair);
  const of = (figure: (round: Pair) => number) => median(rounds.map(figure));
  const sum = (phases: readonly PhaseResult[], figure: (phase: PhaseResult) => number) =>
    phases.reduce((total, phase) => total + figure(phase), 0);
  // A bucket that has rested is full: that is what the burst is for.
  const allowed = ({ seconds }: PhaseResult) => burst + limit * seconds;
  const { accepted, completed, charged } = totals;
  return [
    enough('rounds in which the generators kept up', rounds.length, wanted),
    told('requests read and refused with 429, at most', `${whole(parsing)}/s`),
    atMost('both merchants together, of that', share, MAX_SHARE, percent),
    told('limit of each merchant', `${whole(limit)}/s`),
    told('sent by the loud one', `${plain(of(({ loud: l }) => l.sent / l.seconds / limit))} × its limit`),
    within(
      '  let through, of what its limit allows',
      of(({ loud: l }) => l.accepted / allowed(l)),
      1,
      TOLERANCE,
    ),
    told('  refused with 429 rate_limited', percent(of(({ loud: l }) => refusedAs(LIMITED, l) / l.sent))),
    none(
      '    without Retry-After, RateLimit, RateLimit-Policy',
      sum(loud, ({ incomplete }) => incomplete),
    ),
    none(
      '  refused otherwise, or not answered',
      sum(loud, (phase) => phase.sent - phase.accepted - refusedAs(LIMITED, phase)),
    ),
    none(
      'refusals of the quiet one',
      sum(quiet, (phase) => phase.sent - phase.accepted),
    ),
    told('its p50, alone', milliseconds(of(({ alone }) => alone.acceptedMs.p50Ms))),
    told('  beside the loud one', milliseconds(of(({ beside }) => beside.acceptedMs.p50Ms))),
    told('its p99, alone', milliseconds(of(({ alone }) => alone.acceptedMs.p99Ms))),
    told('  beside the loud one', milliseconds(of(({ beside }) => beside.acceptedMs.p99Ms))),
    atMost(
      '  ratio',
      of((r) => r.beside.acceptedMs.p99Ms / r.alone.acceptedMs.p99Ms),
      MAX_RATIO,
    ),
    told('accepted, completed, charged', [accepted, completed, charged].map(whole).join(', ')),
  ];
}
