import type { Ids } from '../../ports/ids.ts';

/** Two ids, since one has only 120 random bits and this is all that protects the page. */
export function challengeToken(ids: Ids): string {
  return `${ids.next('chl')}${ids.next('').slice(1)}`;
}
