import type { RuntimeName } from '../run-life.ts';

/** A fault that is planted in the core, to see that the simulation finds it. */
export interface Mutant {
  name: string;
  /** From the root. */
  file: string;
  /** Stands exactly once in the file. */
  find: string;
  replace: string;
  /** What goes wrong with it, in plain words. */
  why: string;
  /** Where it can be seen; memory by default. */
  runtime?: RuntimeName;
}

/** @throws Error if the text to be replaced is not there exactly once: the source has moved on, and the mutant has not. */
export function mutate(source: string, { name, file, find, replace }: Mutant): string {
  const found = source.split(find).length - 1;
  if (found !== 1)
    throw new Error(
      `Mutant "${name}": its text stands ${found} times in ${file}, not once. Bring it up to date.`,
    );
  return source.replace(find, () => replace);
}
