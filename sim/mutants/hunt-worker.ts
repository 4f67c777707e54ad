import type { LifeFailure } from '../run-life.ts';
import { MUTANTS } from './mutants.ts';
import { plant } from './plant.ts';

/** What became of one mutant. */
export interface Hunted {
  name: string;
  /** Lives until it was found, or all that were lived. */
  seeds: number;
  failure: LifeFailure | null;
}

/** A process for one mutant: plants it, and lives seeds from 1 on until an invariant breaks. */
const [name, limit] = process.argv.slice(2);
const mutant = MUTANTS.find((one) => one.name === name);
if (!mutant) throw new Error(`There is no mutant "${name}".`);
const isPlanted = plant(mutant);
// Only now, so that what it imports is loaded with the fault.
const { runChecked } = await import('../run-checked.ts');

const hunted: Hunted = { name: mutant.name, seeds: 0, failure: null };
while (hunted.failure === null && hunted.seeds < Number(limit)) {
  hunted.seeds += 1;
  const life = await runChecked(BigInt(hunted.seeds), mutant.runtime ?? 'memory');
  hunted.failure = life.failure;
  if (!isPlanted()) throw new Error(`Mutant "${mutant.name}": the simulation never loads ${mutant.file}.`);
}
process.send?.(hunted);
