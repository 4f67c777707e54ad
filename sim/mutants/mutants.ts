import { ADAPTER_MUTANTS } from './adapter-mutants.ts';
import { APP_MUTANTS } from './app-mutants.ts';
import { DOMAIN_MUTANTS } from './domain-mutants.ts';
import type { Mutant } from './mutant.ts';

/** Every fault that is planted; all must be found. */
export const MUTANTS: readonly Mutant[] = [...DOMAIN_MUTANTS, ...APP_MUTANTS, ...ADAPTER_MUTANTS];
