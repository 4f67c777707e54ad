import { AUDIT } from '../app/audit.ts';
import { RELAY } from '../app/relay.ts';
import { type Opened, serverOf } from './open-folder.ts';
import type { Parts } from './open-parts.ts';

/**
 * What may wait before an import pauses: enough for a server to be busy with for about a second, and no more than
 * that is ahead of a customer who pays meanwhile.
 */
const MAX_WAITING_WORK = 2_000;
/** Two changes for each payment. */
const MAX_WAITING_AUDIT = 8_000;
const PAUSE_MS = 50;

/** Whether a server has enough to do with what it was given. Without one there is nobody to wait for. */
export async function folderIsBusy({ folder, store, queue }: Opened): Promise<boolean> {
  const waiting = async () => store.lag(RELAY) + (await queue.depth()).waiting;
  const busy = store.lag(AUDIT) >= MAX_WAITING_AUDIT || (await waiting()) >= MAX_WAITING_WORK;
  return busy && serverOf(folder) !== null;
}

/** Waits while whoever carries out the payments has enough to do. */
export function createPace({ isBusy, timers }: Pick<Parts, 'isBusy' | 'timers'>): () => Promise<void> {
  return async () => {
    while (await isBusy()) await timers.sleep(PAUSE_MS);
  };
}
