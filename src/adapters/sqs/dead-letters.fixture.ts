import { timestamp } from '../../domain/payment.ts';
import type { Clock } from '../../ports/clock.ts';
import type { DeadLetterList, ListedLetter } from '../../ports/dead-letter-list.ts';
import type { WorkItem } from '../../ports/work-queue.ts';

/** A list of dead letters in memory, in the order in which they were put there. */
export function memoryDeadLetters(clock: Clock): DeadLetterList {
  const letters = new Map<string, ListedLetter>();
  const idOf = ({ livemode, merchant_id, payment_id, operation_id }: WorkItem) =>
    [livemode ? 'live' : 'test', merchant_id, payment_id, operation_id].join('#');
  return {
    async put(item, reason) {
      const id = idOf(item);
      const there = letters.get(id);
      const made = { id, item: { ...item }, reason, at: timestamp(clock.now()), puts: 1 };
      letters.set(id, there ? { ...there, puts: there.puts + 1 } : made);
    },
    list: async (limit) => structuredClone([...letters.values()].slice(0, limit)),
    get: async (id) => letters.get(id) ?? null,
    remove: async ({ id, puts }) => letters.get(id)?.puts === puts && letters.delete(id),
    async drop(item) {
      letters.delete(idOf(item));
    },
    count: async () => letters.size,
  };
}
