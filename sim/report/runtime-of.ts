import type { RuntimeName } from '../run-life.ts';

/** `mix`: by the seed, so that it is the same on every run. */
export type RuntimeChoice = RuntimeName | 'mix';

export const RUNTIME_CHOICES: readonly RuntimeChoice[] = ['mix', 'memory', 'sqlite', 'aws'];

/** Of so many seeds, one lives on SQLite and one on the models of AWS: both are slower, and the core is the same. */
const OUT_OF = 10n;
const ON_SQLITE = 3n;
const ON_AWS = 7n;

export function runtimeOf(seed: bigint, choice: RuntimeChoice): RuntimeName {
  if (choice !== 'mix') return choice;
  const place = seed % OUT_OF;
  if (place === ON_SQLITE) return 'sqlite';
  return place === ON_AWS ? 'aws' : 'memory';
}
