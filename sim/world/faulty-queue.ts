import { UnavailableError } from '../../src/ports/faults.ts';
import type { WorkItem, WorkQueue } from '../../src/ports/work-queue.ts';
import type { Fate, Machine } from '../engine/machine.ts';
import type { Durable } from './durable.ts';
import { writeFault } from './faulty-store.ts';
import type { World } from './world.ts';

/** A message that is late is so by at most this, in ms. */
const LATE_MS = 30_000;
const MAX_DELAY_MS = 900_000;

const BROKEN = new UnavailableError('Simulated: the queue did not take it.');
const ANSWER_LOST = new UnavailableError('Simulated: the answer of the queue was lost.');

/** Told whenever there may be other messages than before. */
export type QueueWatch = () => void;

/** The work queue as a machine meets it: losing, repeating, delaying and reordering what it was given. */
export function createFaultyQueue(
  world: World,
  machine: Machine,
  { queue, truth }: Pick<Durable, 'queue' | 'truth'>,
  watch: QueueWatch,
): WorkQueue {
  const { faults } = world;
  const count = () => {
    const { waiting, delayed, inFlight } = truth.queue();
    return waiting + delayed + inFlight;
  };

  function fault(isRead = false): Fate['fails'] {
    if (!faults.strikes('queueFails')) return isRead ? undefined : writeFault(world);
    return faults.chance('queueFails').chance(0.5)
      ? { when: 'before', error: BROKEN }
      : { when: 'after', error: ANSWER_LOST };
  }

  async function put(item: WorkItem, delayMs: number): Promise<void> {
    world.see({ kind: 'sent', item });
    if (faults.strikes('messageLost')) return;
    const lateMs = faults.strikes('messageDelayed') ? faults.chance('messageDelayed').int(LATE_MS) : 0;
    const afterMs = Math.min(MAX_DELAY_MS, delayMs + lateMs);
    await queue.send([item], afterMs);
    if (!faults.strikes('messageRepeated')) return;
    const againMs = Math.min(MAX_DELAY_MS, delayMs + faults.chance('messageRepeated').int(LATE_MS));
    await queue.send([item], againMs);
  }

  /** What each receipt was given for. */
  const taken = new Map<string, WorkItem>();

  /** A receipt that is no longer good takes nothing out. */
  async function ack(receipts: readonly string[]): Promise<void> {
    for (const receipt of receipts) {
      const before = count();
      await queue.ack([receipt]);
      const item = taken.get(receipt);
      if (item && count() < before) world.see({ kind: 'acked', item });
    }
    watch();
  }

  return {
    send(items, delayMs = 0) {
      if (items.length === 0) return Promise.resolve();
      const inPart = faults.strikes('sendFailsInPart');
      const accepted = inPart ? items.slice(0, faults.chance('sendFailsInPart').int(items.length)) : items;
      const fails = inPart ? { when: 'after' as const, error: BROKEN } : fault();
      const names = items.map(({ payment_id, operation_id }) => `${payment_id}/${operation_id}`);
      return machine.io(
        `send ${names.join()}${delayMs > 0 ? ` +${delayMs}` : ''}`,
        world.fate(machine, fails),
        () => Promise.all(accepted.map((item) => put(item, delayMs))).then(watch),
      );
    },

    receive: (limit) =>
      machine.io(
        'receive',
        world.fate(machine, fault()),
        () =>
          queue.receive(limit).then((deliveries) => {
            for (const { item, receiveCount, receipt } of deliveries) {
              taken.set(receipt, item);
              world.see({ kind: 'received', item, receiveCount });
            }
            if (deliveries.length > 0) watch();
            return deliveries;
          }),
        (deliveries) =>
          deliveries
            .map(({ item, receiveCount }) => `${item.payment_id}/${item.operation_id}*${receiveCount}`)
            .join(),
      ),

    ack: (receipts) =>
      machine.io(`ack ${receipts.join()}`, world.fate(machine, fault()), () => ack(receipts)),

    deadLetter: (item, reason) =>
      machine.io(`bury ${item.payment_id}/${item.operation_id}`, world.fate(machine, fault()), () => {
        world.see({ kind: 'buried', item });
        world.count('deadLetter');
        return queue.deadLetter(item, reason);
      }),

    deadLetters: (limit) =>
      machine.io('dead letters', world.fate(machine, fault(true)), () => queue.deadLetters(limit)),

    redrive: (id) =>
      machine.io(`redrive ${id}`, world.fate(machine, fault()), () =>
        queue.redrive(id).then((isSent) => {
          watch();
          return isSent;
        }),
      ),

    dropDeadLetters: (item) =>
      machine.io(`unlist ${item.payment_id}/${item.operation_id}`, world.fate(machine, fault()), () =>
        queue.dropDeadLetters(item),
      ),

    depth: () => machine.io('depth', world.fate(machine, fault(true)), () => queue.depth()),
    deadLetterCount: () =>
      machine.io('count letters', world.fate(machine, fault()), () => queue.deadLetterCount()),
    oldestAgeMs: () => machine.io('oldest', world.fate(machine, fault()), () => queue.oldestAgeMs()),
  };
}
