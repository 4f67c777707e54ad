import { PACK_NAMES, TEMPLATE_VALIDATION } from './packs.ts';
import { readValidationReport, type ValidationReport } from './validation-report.ts';

/** How often each rule is acknowledged, findings in brackets left out: the figures that a test pins. */
export function acknowledgedByRule(report: ValidationReport): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { rule } of report.acknowledged) {
    const name = rule.replace(/\[.*$/s, '');
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** A table of the findings by pack, and a line for each that is open. */
export function findingsTable(reports: readonly ValidationReport[]): string {
  const open = reports.flatMap((report) => report.open);
  const acknowledged = reports.flatMap((report) => report.acknowledged);
  const packs = new Set<string>([...PACK_NAMES, TEMPLATE_VALIDATION]);
  for (const finding of [...open, ...acknowledged]) packs.add(finding.pack);
  const of = (pack: string, found: readonly { readonly pack: string }[]) =>
    String(found.filter((finding) => finding.pack === pack).length);
  const rows = [
    ['pack', 'open', 'acknowledged'],
    ...[...packs].map((pack) => [pack, of(pack, open), of(pack, acknowledged)]),
    ['total', String(open.length), String(acknowledged.length)],
  ];
  const lines = open.map(
    ({ rule, path, severity, description }) =>
      `${severity} ${rule} at ${path || '(the whole run)'}: ${description}`,
  );
  return [...aligned(rows), ...(lines.length > 0 ? ['', ...lines] : [])].join('\n');
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map(([name = '', ...figures]) =>
    [
      name.padEnd(widths[0] ?? 0),
      ...figures.map((figure, index) => figure.padStart(widths[index + 1] ?? 0)),
    ].join('  '),
  );
}

/** `node infra/nag/findings-table.ts [output folder …]` fails where anything is open. */
if (import.meta.main) {
  const folders = process.argv.slice(2);
  const reports = (folders.length > 0 ? folders : ['cdk.out']).map(readValidationReport);
  console.log(findingsTable(reports));
  if (reports.some((report) => report.open.length > 0)) process.exitCode = 1;
}
