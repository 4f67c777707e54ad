import { PSP_TIMEOUT_MS } from './psp.ts';
import type { World } from './world.ts';

/** As the product sets it: longer than a worker can take. */
const VISIBILITY_MS = Math.max(60_000, 4 * PSP_TIMEOUT_MS);
/** A careless one: a second worker has the message while the first still works on it. */
const SHORTEST_MS = 200;
const SHORT_MS = 8_000;

/** How long a message is hidden from others, the same for all of a life. */
export function visibilityTimeoutOf({ faults }: World): number {
  if (!faults.strikes('visibilityTooShort')) return VISIBILITY_MS;
  return SHORTEST_MS + faults.chance('visibilityTooShort').int(SHORT_MS);
}
