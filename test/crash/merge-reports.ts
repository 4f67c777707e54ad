import type { CrashReport } from './crash-loop.ts';

const MOST_OF: readonly (keyof CrashReport)[] = ['slowestReadyMs', 'drainSeconds'];

/** The reports of several folders as one: sums, and of times the longest. */
export function mergeReports(reports: readonly CrashReport[]): CrashReport {
  const [first, ...others] = reports;
  if (!first) throw new Error('There is no report to merge.');
  return others.reduce(merged, first);
}

function merged(one: CrashReport, other: CrashReport): CrashReport {
  const entries = Object.entries(one).map(([name, value]) => {
    const field = name as keyof CrashReport;
    const added = other[field];
    if (typeof value === 'number' && typeof added === 'number') {
      return [name, MOST_OF.includes(field) ? Math.max(value, added) : value + added];
    }
    if (Array.isArray(value)) return [name, [...value, ...(added as readonly string[])]];
    return [name, sums(value as Record<string, number>, added as Record<string, number>)];
  });
  return Object.fromEntries(entries) as CrashReport;
}

function sums(one: Record<string, number>, other: Record<string, number>): Record<string, number> {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return Object.fromEntries([...names].map((name) => [name, (one[name] ?? 0) + (other[name] ?? 0)]));
}
