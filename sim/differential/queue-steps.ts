import type { Delivery, WorkItem } from '../../src/ports/work-queue.ts';
import type { Random } from '../engine/random.ts';
import { PARTITIONS } from './book.ts';
import type { Step } from './step.ts';
import type { Subject } from './subject.ts';

const SECOND_MS = 1_000;
const ALL = 1_000;

const itemName = ({ livemode, merchant_id, payment_id, operation_id }: WorkItem) =>
  [livemode, merchant_id, payment_id, operation_id].join('/');

function someItem(random: Random): WorkItem {
  return {
    ...random.pick(PARTITIONS),
    payment_id: `order${random.int(4)}`,
    operation_id: random.pick(['charge.1', 'refund-1']),
    // Tells messages apart that are about the same operation.
    attempt: random.int(1_000_000),
  };
}

const toldDelivery = ({ item, receiveCount }: Delivery) =>
  `${itemName(item)} ${item.attempt} ${receiveCount}`;

/** What each subject was given last, and did not acknowledge then. */
const unacknowledged = new WeakMap<Subject, readonly Delivery[]>();

/** Whatever a queue puts aside by itself it may do in its own words and when it is looked at. */
const BY_THE_QUEUE = /^received /;

async function letters({ queue }: Subject): Promise<unknown> {
  const found = await queue.deadLetters(ALL);
  return found
    .map(({ item, reason, at }) =>
      BY_THE_QUEUE.test(reason)
        ? `${itemName(item)} by the queue`
        : `${itemName(item)} ${item.attempt} ${reason} ${at}`,
    )
    .sort();
}

export function sendStep(random: Random): Step {
  const items = Array.from({ length: random.pick([0, 1, 2, 12]) }, () => someItem(random));
  const delayMs = random.pick([0, 0, 1, 30, 900]) * SECOND_MS;
  return {
    what: `send ${items.length} after ${delayMs}`,
    async run({ queue }) {
      await queue.send(items, delayMs);
      return queue.depth();
    },
  };
}

/** What was received, and acknowledged in part; then the dead letters, since the queue may have made some. */
export function receiveStep(random: Random): Step {
  // Of more than SQS gives in one request, how many are asked for at once is for the adapter to say.
  const limit = random.pick([1, 3, 10]);
  const keep = random.pick([0, 0.5, 1]);
  const kept = random.fork('kept');
  return {
    what: `receive ${limit}, acknowledge ${1 - keep} of them`,
    async run(subject) {
      const { queue } = subject;
      const chance = kept.fork('same for all');
      const deliveries = (await queue.receive(limit)).toSorted((a, b) =>
        toldDelivery(a) < toldDelivery(b) ? -1 : 1,
      );
      const done = deliveries.filter(() => !chance.chance(keep));
      unacknowledged.set(
        subject,
        deliveries.filter((delivery) => !done.includes(delivery)),
      );
      await queue.ack(done.map(({ receipt }) => receipt));
      // Again, and one that never was: both are passed over.
      await queue.ack([...done.map(({ receipt }) => receipt), '0.1']);
      return {
        got: deliveries.map(toldDelivery),
        letters: await letters(subject),
        depth: await queue.depth(),
      };
    },
  };
}

/** Whoever was slow: by now somebody else may have been given the message, and then this receipt is no longer good. */
export function lateStep(): Step {
  return {
    what: 'acknowledge late',
    async run(subject) {
      const late = unacknowledged.get(subject) ?? [];
      await subject.queue.ack(late.map(({ receipt }) => receipt));
      return { late: late.map(toldDelivery), depth: await subject.queue.depth() };
    },
  };
}

/** Takes what is there, and leaves it: what was given before, and comes now, makes the receipts of then stale. */
export function glanceStep(): Step {
  return {
    what: 'receive 10, and acknowledge nothing',
    run: async ({ queue }) => (await queue.receive(10)).map(toldDelivery).sort(),
  };
}

export function buryStep(random: Random): Step {
  const item = someItem(random);
  const reason = random.pick(['why', 'unclear – “unklar” 🤷']);
  return {
    what: `bury ${itemName(item)}`,
    async run(subject) {
      await subject.queue.deadLetter(item, reason);
      return { letters: await letters(subject), count: await subject.queue.deadLetterCount() };
    },
  };
}

export function exhumeStep(random: Random): Step {
  const item = someItem(random);
  const drop = random.chance(0.5);
  return {
    what: `${drop ? 'drop' : 'redrive'} ${itemName(item)}`,
    async run(subject) {
      const { queue } = subject;
      const listed = (await queue.deadLetters(ALL)).find(
        (letter) => itemName(letter.item) === itemName(item),
      );
      const id = listed?.id ?? 'none';
      if (drop) await queue.dropDeadLetters(item);
      const redriven = drop ? null : [await queue.redrive(id), await queue.redrive(id)];
      return { redriven, letters: await letters(subject), depth: await queue.depth() };
    },
  };
}
