const FIGURES = 3;

/** A number for a derivation, with three figures: `4.6`, `12.1 M`, `0.83`. */
export function figure(value: number): string {
  if (value === 0) return '0';
  for (const [size, unit] of [
    [1e9, ' G'],
    [1e6, ' M'],
    [1e4, ' k'],
  ] as const) {
    const scaled = value / (size === 1e4 ? 1e3 : size);
    if (Math.abs(value) >= size) return `${Number(scaled.toPrecision(FIGURES))}${unit}`;
  }
  return String(Number(value.toPrecision(FIGURES)));
}
