import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { mutate } from './mutant.ts';
import { MUTANTS } from './mutants.ts';
import { ROOT } from './plant.ts';

describe('the mutants', () => {
  it.each(MUTANTS)('$name can be planted in the source as it is', (mutant) => {
    const source = readFileSync(join(ROOT, mutant.file), 'utf8');
    expect(mutate(source, mutant)).not.toBe(source);
  });

  it('are at least twenty, each with a name of its own', () => {
    expect(MUTANTS.length).toBeGreaterThanOrEqual(20);
    expect(new Set(MUTANTS.map(({ name }) => name)).size).toBe(MUTANTS.length);
  });

  it('say so when the source has moved on', () => {
    const mutant = { name: 'm', file: 'f.ts', find: 'here', replace: 'there', why: '' };
    expect(() => mutate('nothing', mutant)).toThrow('"m": its text stands 0 times in f.ts, not once');
    expect(() => mutate('here and here', mutant)).toThrow('stands 2 times');
  });
});
