import { createInvariants } from './invariants/invariants.ts';
import { type Life, type LifeOptions, type RuntimeName, runLife } from './run-life.ts';

/** One life with every invariant checked. */
export function runChecked(
  seed: bigint,
  runtime: RuntimeName,
  options: Omit<LifeOptions, 'runtime' | 'observe'> = {},
): Promise<Life> {
  return runLife(seed, { ...options, runtime, observe: (truth) => createInvariants({ truth, runtime }) });
}
