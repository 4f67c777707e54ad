import { median } from './calibration.ts';
import type { Step, Units } from './measured.ts';
import type { Sample } from './play/play-round.ts';

/** Six decimals: sums of the same numbers in another order are the same figure. */
const DECIMALS = 6;

function rounded(value: number): number {
  return Number(value.toFixed(DECIMALS));
}

/** With names in order, so that the same figures are the same text. */
function inOrder(units: Readonly<Record<string, number>>): Units {
  const entries = Object.entries(units).map(([name, value]) => [name, rounded(value)] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function total(samples: readonly Sample[]): Record<string, number> {
  const units: Record<string, number> = {};
  for (const sample of samples)
    for (const [name, count] of Object.entries(sample.units)) units[name] = (units[name] ?? 0) + count;
  return units;
}

/** Mean of one invocation. */
export function meanUnits(samples: readonly Sample[]): Units {
  return inOrder(times(total(samples), 1 / samples.length));
}

function times(units: Readonly<Record<string, number>>, factor: number): Record<string, number> {
  return Object.fromEntries(Object.entries(units).map(([name, value]) => [name, value * factor]));
}

/** What an invocation does once, however many messages it has. */
const ONCE = /^(?:wait\.|psp\.timeouts$)/;

/**
 * An invocation with so many messages, of samples in which the last batches may be smaller. What each message costs is
 * counted over all of them, so that a payment costs the same whatever the batch; waits are those of the whole batches.
 */
export function stepOfMessages(size: number, samples: readonly Sample[]): Step {
  const whole = samples.filter((sample) => sample.size === size);
  const messages = samples.reduce((sum, sample) => sum + sample.size, 0);
  const once = Object.entries(meanUnits(whole.length > 0 ? whole : samples)).filter(([name]) =>
    ONCE.test(name),
  );
  const each = Object.entries(times(total(samples), size / messages)).filter(([name]) => !ONCE.test(name));
  return { size, units: inOrder(Object.fromEntries([...once, ...each])) };
}

/** An invocation with so many records: the mean of batches that are all of this size. */
export function stepOfBatches(size: number, samples: readonly Sample[]): Step {
  return { size, units: meanUnits(samples) };
}

/** Of so many groups of invocations the mean is taken, and of the means the median: a pause of the machine is in one. */
const GROUPS = 5;

/** Processor time of a typical invocation, in ms; of a few invocations it is the median. */
export function typicalCpuMs(samples: readonly Sample[]): number {
  const values = samples.map(({ units }) => units.cpu_ms ?? 0);
  const perGroup = Math.max(1, Math.floor(values.length / GROUPS));
  const means: number[] = [];
  for (let at = 0; at + perGroup <= values.length; at += perGroup) {
    const group = values.slice(at, at + perGroup);
    means.push(group.reduce((sum, value) => sum + value, 0) / perGroup);
  }
  return Number(median(means).toFixed(3));
}

/** Counts of one run with the processor time of another. */
export function withCpu(units: Units, samples: readonly Sample[] | undefined): Units {
  return samples === undefined || samples.length === 0 ? units : { cpu_ms: typicalCpuMs(samples), ...units };
}

/** Records in batches of the same size: what is left at the end is left out, and too few are taken again. */
export function batchesOf<T>(records: readonly T[], size: number): T[][] {
  if (records.length === 0) throw new RangeError('There are no records to make batches of.');
  const filled = Array.from(
    { length: Math.max(size, records.length) },
    (_, at) => records[at % records.length] as T,
  );
  const batches: T[][] = [];
  for (let at = 0; at + size <= filled.length; at += size) batches.push(filled.slice(at, at + size));
  return batches;
}
