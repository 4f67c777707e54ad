import { livesOf, type Summary } from './summary.ts';

const COLUMNS = 3;

function number(value: number): string {
  return Math.round(value).toLocaleString('en');
}

const OTHER = 'other';

function groupOf(what: string): string {
  const end = what.indexOf(':');
  return end === -1 ? OTHER : what.slice(0, end);
}

/** What happened how often, in columns. */
function table(summary: Summary, group: string): string[] {
  const rows = Object.entries(summary.met)
    .filter(([what]) => groupOf(what) === group)
    .map(([what, count]) => [what.slice(what.indexOf(':') + 1), number(count)] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const width = Math.max(0, ...rows.map(([what]) => what.length));
  const digits = Math.max(0, ...rows.map(([, count]) => count.length));
  const cells = rows.map(([what, count]) => `${what.padEnd(width)} ${count.padStart(digits)}`);
  const lines: string[] = [];
  for (let n = 0; n < cells.length; n += COLUMNS) lines.push(`  ${cells.slice(n, n + COLUMNS).join('   ')}`);
  return lines;
}

/** @param wallMs time from the first life to the last, with all workers side by side */
export function renderSummary(summary: Summary, wallMs: number, jobs: number): string {
  const { lives, events, busyMs } = summary;
  const count = livesOf(summary);
  const groups = [...new Set(Object.keys(summary.met).map(groupOf))].sort();
  return [
    `${number(count)} lives (memory ${number(lives.memory)}, sqlite ${number(lives.sqlite)}, aws ${number(lives.aws)}), ` +
      `${number(events)} events, ${number(events / Math.max(1, count))} a life`,
    `${(wallMs / 1_000).toFixed(1)} s with ${jobs} ${jobs === 1 ? 'worker' : 'workers'}: ` +
      `${number(count / (Math.max(1, wallMs) / 1_000))} lives/s, ` +
      `${number(count / (Math.max(1, busyMs) / 1_000))} lives/s of a core’s time`,
    ...groups.flatMap((group) => [`${group}:`, ...table(summary, group)]),
    '',
  ].join('\n');
}
