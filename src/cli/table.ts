export interface Column<Row> {
  title: string;
  of: (row: Row) => string;
  /** Numbers and money stand at the right. */
  right?: boolean;
}

/** Control characters of what merchants wrote must not reach a terminal. */
const CONTROL = /\p{Cc}/gu;

function plain(text: string): string {
  return text.replace(CONTROL, ' ');
}

/** Aligned columns under their titles, without trailing spaces. */
export function table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ of }) => plain(of(row)))),
  ];
  const widths = columns.map((_, at) => Math.max(...cells.map((line) => (line[at] as string).length)));
  const align = (text: string, at: number) =>
    columns[at]?.right ? text.padStart(widths[at] as number) : text.padEnd(widths[at] as number);
  return cells.map((line) => line.map(align).join('  ').trimEnd()).join('\n');
}

/** Names and values, one pair a line; pairs without a value are left out. */
export function pairs(entries: readonly (readonly [name: string, value: string | null])[]): string {
  const known = entries.filter((entry): entry is readonly [string, string] => entry[1] !== null);
  const width = Math.max(...known.map(([name]) => name.length));
  return known.map(([name, value]) => `${name.padEnd(width)}  ${plain(value)}`.trimEnd()).join('\n');
}
