import { InvalidArgumentError } from 'commander';

/** When a key ends: at a time (epoch ms), or so long after it was made. */
export type Expiry = { atMs: number } | { afterMs: number };

const SECOND_MS = 1_000;
const UNITS_MS: Readonly<Record<string, number>> = {
  s: SECOND_MS,
  m: 60 * SECOND_MS,
  h: 3_600 * SECOND_MS,
  d: 86_400 * SECOND_MS,
  w: 7 * 86_400 * SECOND_MS,
};

const DURATION = /^(\d{1,6})([smhdw])$/;
/** RFC 3339: full-date, perhaps with the rest of a date-time. */
const TIME = /^(\d{4}-\d\d-\d\d)(?:[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d))?$/;

/** A date alone is its first moment in UTC. */
export function parseExpiry(text: string): Expiry {
  const [, count, unit] = DURATION.exec(text) ?? [];
  if (count !== undefined && unit !== undefined)
    return { afterMs: Number(count) * (UNITS_MS[unit] as number) };
  const date = TIME.exec(text)?.[1];
  const atMs = date !== undefined && exists(date) ? Date.parse(text.toUpperCase()) : Number.NaN;
  if (Number.isNaN(atMs)) {
    throw new InvalidArgumentError(
      'Give a date or time such as 2027-01-31 or 2027-01-31T12:00:00Z, or a duration such as 90d or 12h.',
    );
  }
  return { atMs };
}

/** Date.parse takes 30 February for a day in March. */
function exists(date: string): boolean {
  const time = Date.parse(date);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(date);
}
