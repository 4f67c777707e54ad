/** From a value to a place on the page. */
export type Scale = (value: number) => number;

export function linear(from: number, to: number, start: number, end: number): Scale {
  return (value) => start + ((value - from) / (to - from)) * (end - start);
}

export function logarithmic(from: number, to: number, start: number, end: number): Scale {
  const scale = linear(Math.log10(from), Math.log10(to), start, end);
  return (value) => scale(Math.log10(value));
}

/** Round values from 0 up to the first that is not below the largest: about so many. */
export function ticks(largest: number, about: number): readonly number[] {
  const raw = largest / about;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 2.5, 5, 10].map((factor) => factor * power).find((size) => size >= raw) ?? raw;
  return Array.from({ length: Math.ceil(largest / step) + 1 }, (_, i) => i * step);
}

/** 1, 2 and 5 of each power of ten within two values. */
export function logTicks(from: number, to: number): readonly number[] {
  const found: number[] = [];
  for (let power = 10 ** Math.floor(Math.log10(from)); power <= to; power *= 10) {
    for (const factor of [1, 2, 5]) {
      const value = factor * power;
      if (value >= from && value <= to) found.push(value);
    }
  }
  return found;
}

/** Places that are at least so far apart, each as near as can be to where it was wanted, in the same order. */
export function apart(wanted: readonly number[], gap: number, end: number): readonly number[] {
  const order = wanted.map((at, i) => ({ at, i })).toSorted((a, b) => a.at - b.at);
  const placed: number[] = [];
  for (const { at } of order) placed.push(Math.max(at, (placed.at(-1) ?? Number.NEGATIVE_INFINITY) + gap));
  for (let i = placed.length - 1, limit = end; i >= 0; i -= 1, limit = (placed[i + 1] as number) - gap) {
    placed[i] = Math.min(placed[i] as number, limit);
  }
  const result: number[] = [];
  for (const [rank, { i }] of order.entries()) result[i] = placed[rank] as number;
  return result;
}
