export interface Column {
  title: string;
  align?: 'right';
}

/** Aligned columns under their titles. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ title }, place) =>
    Math.max(title.length, ...rows.map((row) => (row[place] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, place) => {
        const width = widths[place] as number;
        return columns[place]?.align === 'right' ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ');
  const rule = widths.map((width) => '─'.repeat(width));
  return [line(columns.map(({ title }) => title)), line(rule), ...rows.map(line)]
    .map((text) => `  ${text}`.trimEnd())
    .join('\n')
    .concat('\n');
}

export function whole(count: number): string {
  return count.toLocaleString('en');
}

/** The value below which a share of the sorted values lies (nearest rank). */
export function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}
