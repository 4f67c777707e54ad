import type { Step, Units } from '../meter/measured.ts';

/**
 * Units of one invocation with so many records, between the two steps that were metered; beyond the last one, on its
 * slope.
 * @throws RangeError without a step
 */
export function unitsAt(steps: readonly Step[], size: number): Units {
  const [first] = steps;
  if (!first) throw new RangeError('There is no step to read units from: run npm run cost:meter.');
  const above = steps.findIndex((step) => step.size >= size);
  if (steps.length === 1 || above === 0) return first.units;
  const high = above === -1 ? steps.length - 1 : above;
  const from = steps[high - 1] as Step;
  const to = steps[high] as Step;
  const part = (size - from.size) / (to.size - from.size);
  const names = new Set([...Object.keys(from.units), ...Object.keys(to.units)]);
  return Object.fromEntries(
    [...names].map((name) => {
      const low = from.units[name] ?? 0;
      return [name, Math.max(0, low + part * ((to.units[name] ?? 0) - low))];
    }),
  );
}

/** The same units, so many times. */
export function times(units: Units, factor: number): Units {
  return Object.fromEntries(Object.entries(units).map(([name, value]) => [name, value * factor]));
}

/** All units together. */
export function sum(all: readonly Units[]): Units {
  const total: Record<string, number> = {};
  for (const units of all) {
    for (const [name, value] of Object.entries(units)) total[name] = (total[name] ?? 0) + value;
  }
  return total;
}
