import type { Backlog } from '../app/backlog.ts';
import type { WorkQueue } from '../ports/work-queue.ts';

/**
 * The backlog as the authorizer found it, told with each request: a request for a payment then asks the queue nothing.
 * A function answers one request at a time, so what was last told is about the request in hand. It is up to a minute
 * old, the time for which the gateway remembers an authorizer's answer.
 */
export interface ToldBacklog extends Backlog {
  tell(overloaded: boolean): void;
}

export function createToldBacklog(queue: Pick<WorkQueue, 'depth'>, limit: number): ToldBacklog {
  let overloaded = false;
  return {
    limit,
    tell(told) {
      overloaded = told;
    },
    admit: async () => !overloaded,
    waiting: async () => (await queue.depth()).waiting,
  };
}
