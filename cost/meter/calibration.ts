import { hash } from 'node:crypto';

/**
 * What the calibration takes on the reference machine, in ms: processor times are given as if it had taken that long.
 * That machine is a virtual core of an Intel Xeon at 2.8 GHz with nothing else to do. One that is slower, or shares its
 * caches with a busy neighbour, is slow for both, though not quite alike: figures are best taken on a quiet machine.
 */
export const REFERENCE_MS = 20;

const ROUNDS = 2_000;

/** The kind of work that the functions do: JSON both ways, text, and hashes. */
const RECORD = {
  payment_id: 'o_0123456789abcdefgh',
  amount: 4_999,
  operations: Array.from({ length: 4 }, (_, n) => ({ id: `charge.${n}`, outcome: 'succeeded', attempts: n })),
  history: Array.from({ length: 8 }, (_, version) => ({
    version,
    at: '2026-03-02T09:00:00.000Z',
    actor: 'worker',
  })),
};

/** Does a fixed amount of work, and answers what of the processor it took, in ms. */
export function calibrate(): number {
  const before = process.cpuUsage();
  let text = JSON.stringify(RECORD);
  let digest = '';
  for (let round = 0; round < ROUNDS; round += 1) {
    digest = hash('sha256', digest + text, 'hex');
    text = JSON.stringify({ ...JSON.parse(text), digest });
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1_000;
}

export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('There is no median of nothing.');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}
