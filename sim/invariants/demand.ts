import { InvariantBroken } from '../observe/observation.ts';

/** For checks whose message would cost more than the check: the condition first, and words only where it fails. */
export function demand(invariant: number, condition: boolean, words: () => string): void {
  if (!condition) throw new InvariantBroken(invariant, words());
}
