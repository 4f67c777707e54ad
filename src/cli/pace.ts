import { AUDIT } from '../app/audit.ts';
import { RELAY } from '../app/relay.ts';
import { type Opened, serverOf } from './open-folder.ts';

/**
 * What may wait before an import pauses: enough for a server to be busy with for about a second, and no more than
 * that is ahead of a customer who pays meanwhile.
 */
const MAX_WAITING_WORK = 2_000;
/** Two changes for each payment. */
const MAX_WAITING_AUDIT = 8_000;
const PAUSE_MS = 50;

/** Waits while the server has enough to do. Without one there is nobody to wait for. */
export function createPace({ folder, store, queue, timers }: Opened): () => Promise<void> {
  async function isBusy(): Promise<boolean> {
    if (store.lag(AUDIT) >= MAX_WAITING_AUDIT) return true;
    return store.lag(RELAY) + (await queue.depth()).waiting >= MAX_WAITING_WORK;
  }
  return async () => {
    while ((await isBusy()) && serverOf(folder) !== null) await timers.sleep(PAUSE_MS);
  };
}
