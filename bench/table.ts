export interface Row {
  what: string;
  perSecond?: number;
  p50Ms?: number;
  p99Ms?: number;
  ratio?: number;
  goal?: string;
  note?: string;
}

const COLUMNS: readonly [string, (row: Row) => string][] = [
  ['', ({ what }) => what],
  [
    'per second',
    ({ perSecond }) => (perSecond === undefined ? '' : Math.round(perSecond).toLocaleString('en')),
  ],
  ['p50 ms', ({ p50Ms }) => p50Ms?.toFixed(1) ?? ''],
  ['p99 ms', ({ p99Ms }) => p99Ms?.toFixed(1) ?? ''],
  ['ratio', ({ ratio }) => ratio?.toFixed(2) ?? ''],
  ['goal', ({ goal }) => goal ?? ''],
  ['', ({ note }) => note ?? ''],
];

/** Aligned columns, figures to the right. */
export function renderTable(rows: readonly Row[]): string {
  const cells = [COLUMNS.map(([title]) => title), ...rows.map((row) => COLUMNS.map(([, show]) => show(row)))];
  const widths = COLUMNS.map((_, i) => Math.max(...cells.map((line) => (line[i] as string).length)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, i) =>
        i === 0 || i === 6 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number),
      )
      .join('  ');
  return `${cells.map((row) => line(row).trimEnd()).join('\n')}\n`;
}
