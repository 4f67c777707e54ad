import type { Ids } from '../../ports/ids.ts';

/** Two ids, since one has only 120 random bits and this is all that protects the page. */
export function challengeToken(ids: Ids): string {
  return `${ids.next('chl')}${ids.next('').slice(1)}`;
}

/** Whether the storage need be asked about it at all. */
export function isChallengeToken(text: string): boolean {
  return /^chl_\w{24,100}$/.test(text);
}
