import type { Metered } from './measure.ts';
import type { Step } from './measured.ts';

/** A figure that is not what it was. */
export interface Difference {
  /** `worker, 10 at a time: sqs.SendMessageBatch`. */
  readonly figure: string;
  readonly before: number | string | null;
  readonly after: number | string | null;
}

/**
 * Shares by which bytes may differ from run to run: hashes and ids of chance compress differently, and by another
 * version of zlib; the head of a request names the machine and the runtime, and a lag that is logged has a digit more
 * or less. All other counts are exact.
 */
const TOLERANCES: Readonly<Record<string, number>> = {
  's3.put_bytes': 0.02,
  'nat.bytes': 0.05,
  'logs.bytes': 0.01,
  itemBytes: 0.02,
};

/** Counts that differ. Processor times are not counts: they differ on every run. */
export function differences(before: Metered, after: Metered): Difference[] {
  const [was, is] = [figuresOf(before), figuresOf(after)];
  return [...new Set([...was.keys(), ...is.keys()])].flatMap((figure) => {
    const [a, b] = [was.get(figure) ?? null, is.get(figure) ?? null];
    return isSame(figure, a, b) ? [] : [{ figure, before: a, after: b }];
  });
}

function isSame(figure: string, before: number | string | null, after: number | string | null): boolean {
  if (before === after) return true;
  if (typeof before !== 'number' || typeof after !== 'number') return false;
  const tolerance = TOLERANCES[figure.slice(figure.lastIndexOf(' ') + 1)] ?? 0;
  return Math.abs(after - before) <= tolerance * before;
}

function figuresOf(measured: Metered): Map<string, number | string> {
  const figures = new Map<string, number | string>([
    ['SHA-256 of the mix', measured.mix],
    ['payments', measured.payments],
    ['custom metrics', measured.customMetrics],
  ]);
  const add = (what: string, values: Readonly<Record<string, number>>) => {
    for (const [name, value] of Object.entries(values))
      if (name !== 'cpu_ms') figures.set(`${what}: ${name}`, value);
  };
  for (const [kind, units] of Object.entries(measured.requests)) add(kind, units);
  add('requests for each payment', measured.requestsPerPayment);
  add('for each payment', measured.perPayment);
  const ladders: Readonly<Record<string, readonly Step[]>> = {
    relay: measured.relay,
    worker: measured.worker,
    audit: measured.audit,
  };
  for (const [name, steps] of Object.entries(ladders))
    for (const { size, units } of steps) add(`${name}, ${size} at a time`, units);
  for (const { size, units } of measured.sweep) add(`sweep, ${size} open`, units);
  add('authorizer', measured.authorizer);
  add('stored', measured.stored);
  return figures;
}
