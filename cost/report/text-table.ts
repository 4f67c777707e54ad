import { table } from '../../src/cli/table.ts';

/** A table as values, for the terminal and for the page. */
export interface TextTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Columns from this one on stand at the right; by default all but the first. */
  readonly rightFrom?: number;
}

export function renderText({ head, rows, rightFrom = 1 }: TextTable): string {
  return table(
    rows,
    head.map((title, at) => ({ title, of: (row) => row[at] ?? '', right: at >= rightFrom })),
  );
}

export function renderMarkdown({ head, rows, rightFrom = 1 }: TextTable): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escaped).join(' | ')} |`;
  const rule = head.map((_, at) => (at >= rightFrom ? '---:' : '---'));
  return [line(head), `|${rule.join('|')}|`, ...rows.map(line)].join('\n');
}

function escaped(cell: string): string {
  return cell.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
