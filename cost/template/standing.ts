import type { Component, Usage } from '../bill/usage.ts';
import { HOURS_PER_MONTH } from '../model/stated.ts';

interface Standing {
  readonly component: Component;
  readonly what: string;
  readonly price: string;
  readonly count: number;
  /** Added to the derivation. */
  readonly note?: string;
  /** `template` unless it is said otherwise. */
  readonly basis?: Usage['basis'];
}

/** So many things that are there all month, and are paid by the hour; nothing if there are none. */
export function byTheHour({ count, note, basis = 'template', ...usage }: Standing): Usage[] {
  if (count === 0) return [];
  const derivation = `${count} × ${HOURS_PER_MONTH} hours${note ? `, ${note}` : ''}`;
  return [{ ...usage, quantity: count * HOURS_PER_MONTH, basis, derivation }];
}

/** So many things that are paid by the month; nothing if there are none. */
export function byTheMonth({ count, note, basis = 'template', ...usage }: Standing): Usage[] {
  if (count === 0) return [];
  return [{ ...usage, quantity: count, basis, derivation: note ?? `${count} in the template` }];
}
