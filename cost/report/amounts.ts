const SCALES = [
  [1e9, 'billion'],
  [1e6, 'million'],
  [1e3, 'thousand'],
] as const;

/** A number of payments for a person: `100 thousand`, `2.5 million`, `1 billion`; what is not round stays in digits. */
export function volumeName(payments: number): string {
  for (const [size, name] of SCALES) {
    const scaled = payments / size;
    if (scaled >= 1 && Number.isInteger(scaled * 10)) return `${grouped(scaled, 1)} ${name}`;
  }
  return grouped(payments, 0);
}

/** US dollars of a table whose largest figure is given: cents where they can be seen beside it. */
export function usdIn(largestUsd: number): (usd: number) => string {
  const digits = largestUsd < 1_000 ? 2 : 0;
  return (usd) => grouped(usd, digits, digits);
}

/** US dollars alone: `$12.30`, `$1,234`. */
export function usd(amount: number): string {
  return `$${usdIn(Math.abs(amount))(amount)}`;
}

/** A share: `0.71` is `71 %`. */
export function percent(share: number, digits = 0): string {
  return `${grouped(share * 100, digits)} %`;
}

/** A ratio, as goals are given: `0.69`. */
export function ratio(value: number): string {
  return value.toFixed(2);
}

/** A quantity of a bill's line. */
export function quantity(value: number): string {
  if (value >= 1_000) return grouped(value, 0);
  return String(Number(value.toPrecision(3)));
}

function grouped(value: number, most: number, least = 0): string {
  const text = value.toLocaleString('en-US', { maximumFractionDigits: most, minimumFractionDigits: least });
  // Rounded to nothing it has no sign.
  return /^-[0.]+$/.test(text) ? text.slice(1) : text;
}
