import type { Payment } from '../../src/domain/payment.ts';
import type { ChangePage } from '../../src/ports/change-feed.ts';
import type { Random } from '../engine/random.ts';
import type { Step } from './step.ts';
import { versionName } from './store-steps.ts';
import { CONSUMERS, type Subject } from './subject.ts';

const MAX_PAGES = 2_000;

/** What a reader gets until there is nothing more: of each payment in its order, payments by their names. */
export function drainStep(random: Random): Step {
  const consumer = random.pick(CONSUMERS);
  const limit = random.pick([1, 3, 50]);
  const only = random.chance(0.3) ? 'dispatched' : undefined;
  return {
    what: `feed of ${consumer} to its end, by ${limit}${only ? `, ${only}` : ''}`,
    async run({ feed }) {
      const byPayment = new Map<string, Payment[]>();
      for (let page = 0; page < MAX_PAGES; page += 1) {
        const { changes, position } = await feed.read(consumer, limit, only);
        if (changes.length > limit) return `a page of ${changes.length}`;
        for (const { payment } of changes) {
          const name = versionName({ ...payment, version: 0 });
          byPayment.set(name, [...(byPayment.get(name) ?? []), payment]);
        }
        await feed.commit(consumer, position);
        if (changes.length === 0)
          return { lag: feed.lag(consumer), changes: [...byPayment].sort(([a], [b]) => (a < b ? -1 : 1)) };
      }
      return `more than ${MAX_PAGES} pages`;
    },
  };
}

/** What is not committed comes again, the same; a reader that goes on behind it gets none of it again. */
export function repeatStep(random: Random): Step {
  const consumer = random.pick(CONSUMERS);
  const limit = random.between(1, 5);
  const names = ({ changes }: ChangePage) => changes.map(({ payment }) => versionName(payment));
  return {
    what: `feed of ${consumer}, ${limit} of it twice`,
    // Of several payments, which ones come first is for the feed to say.
    needsOrder: true,
    async run({ feed }: Subject) {
      const first = names(await feed.read(consumer, limit));
      const again = await feed.read(consumer, limit);
      await feed.commit(consumer, again.position);
      const next = names(await feed.read(consumer, limit));
      return {
        found: first.length,
        isTheSame: first.join() === names(again).join(),
        isBehind: next.every((name) => !first.includes(name)),
      };
    },
  };
}
