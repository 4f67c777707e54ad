import { table } from '../../src/cli/table.ts';

/** One line of a result. */
export interface Row {
  what: string;
  measured: string;
  /** What it must be; empty where it is only told. */
  goal: string;
  met: boolean;
  /** `certain`: holds for every request, however busy the machine was. `basis`: without it the other figures say nothing. */
  weight?: 'certain' | 'basis';
}

/** What a scenario has found. */
export interface Outcome {
  title: string;
  rows: readonly Row[];
  /** What is wrong beyond missed goals: lost, doubled, or not said as promised. */
  findings: readonly string[];
}

/** More tell nothing new. */
const SHOWN_FINDINGS = 20;

export function told(what: string, measured: string): Row {
  return { what, measured, goal: '', met: true };
}

export function atMost(what: string, value: number, limit: number, show = plain): Row {
  return { what, measured: show(value), goal: `≤ ${show(limit)}`, met: value <= limit };
}

export function atLeast(what: string, value: number, limit: number, show = plain): Row {
  return { what, measured: show(value), goal: `≥ ${show(limit)}`, met: value >= limit };
}

export function none(what: string, count: number): Row {
  return { what, measured: whole(count), goal: 'none', met: count === 0, weight: 'certain' };
}

export function within(what: string, value: number, middle: number, tolerance: number): Row {
  const goal = `${plain(middle)} ± ${plain(tolerance)}`;
  return { what, measured: plain(value), goal, met: Math.abs(value - middle) <= tolerance };
}

/** Fewer, and the other figures say nothing: the machine was too busy. */
export function enough(what: string, count: number, wanted: number): Row {
  return {
    what,
    measured: whole(count),
    goal: `≥ ${whole(wanted)}`,
    met: count >= wanted,
    weight: 'basis',
  };
}

export type Verdict = 'met' | 'missed' | 'not valid';

/** What was lost or answered wrongly is a miss on any machine; the rest only where the figures say something. */
export function verdictOf({ rows, findings }: Outcome): Verdict {
  const missed = rows.filter(({ met }) => !met);
  if (findings.length > 0 || missed.some(({ weight }) => weight === 'certain')) return 'missed';
  if (missed.some(({ weight }) => weight === 'basis')) return 'not valid';
  return missed.length > 0 ? 'missed' : 'met';
}

export function render(outcome: Outcome): string {
  const text = table(outcome.rows, [
    { title: outcome.title, of: ({ what }) => what },
    { title: 'measured', of: ({ measured }) => measured, right: true },
    { title: 'goal', of: ({ goal }) => goal, right: true },
    { title: '', of: ({ goal, met }) => (goal === '' ? '' : met ? 'ok' : 'MISSED') },
  ]);
  const shown = outcome.findings.slice(0, SHOWN_FINDINGS).map((finding) => `\n  - ${finding}`);
  const more = outcome.findings.length - shown.length;
  return `${text}${shown.join('')}${more > 0 ? `\n  … and ${more} more` : ''}\n`;
}

export function whole(value: number): string {
  return Math.round(value).toLocaleString('en');
}

/** Without a valid round there is no figure. */
function known(value: number, text: string): string {
  return Number.isNaN(value) ? 'unknown' : text;
}

export function plain(value: number): string {
  return known(value, value.toFixed(2));
}

export function percent(value: number): string {
  return known(value, `${(value * 100).toFixed(0)} %`);
}

export function milliseconds(value: number): string {
  return known(value, value === Number.POSITIVE_INFINITY ? 'never' : `${value.toFixed(1)} ms`);
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
