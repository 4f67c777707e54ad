import type { Payment, PaymentRef } from '../../src/domain/payment.ts';
import type { ChangeFeed } from '../../src/ports/change-feed.ts';
import { UnavailableError } from '../../src/ports/faults.ts';
import type { Created, DuePage, ListQuery, PaymentStore } from '../../src/ports/payment-store.ts';
import type { Fate, Machine } from '../engine/machine.ts';
import type { Ledger } from './ledger.ts';
import { struck, type World } from './world.ts';

/** Made once: an exception with its stack costs more than all of the step that it ends. */
const NOT_WRITTEN = new UnavailableError('Simulated: the write failed.');
const ANSWER_LOST = new UnavailableError('Simulated: the answer to the write was lost.');
const NOT_READ = new UnavailableError('Simulated: the read failed.');
const THROTTLED = new UnavailableError('Simulated: throttled.');
export const DISK_FULL = new UnavailableError('Simulated: there is no space left.');

/** Of a page, so many may be too new for the index. */
const MISSING_AT_MOST = 20;

/** What makes a write fail, if anything does. */
export function writeFault(world: World): Fate['fails'] {
  if (world.diskIsFull) return { when: 'before', error: DISK_FULL };
  switch (struck(world.faults, ['throttled', 'writeFailsBefore', 'writeFailsAfter'])) {
    case 'throttled':
      return { when: 'before', error: THROTTLED };
    case 'writeFailsBefore':
      return { when: 'before', error: NOT_WRITTEN };
    case 'writeFailsAfter':
      return { when: 'after', error: ANSWER_LOST };
    default:
      return undefined;
  }
}

function readFault(world: World): Fate['fails'] {
  const kind = struck(world.faults, ['throttled', 'readFails']);
  if (kind === null) return undefined;
  return { when: 'before', error: kind === 'throttled' ? THROTTLED : NOT_READ };
}

function tell({ payment_id, version }: Pick<Payment, 'payment_id' | 'version'>): string {
  return `${payment_id} v${version}`;
}

/** The payment store as a machine meets it: slow, and failing before or after its effect. */
export function createFaultyStore(
  world: World,
  machine: Machine,
  store: PaymentStore,
  ledger: Ledger,
): PaymentStore {
  /** An index that lags behind: of what was written last, some is as it was before, or is not there yet. */
  function stale(payments: Payment[], fits: (payment: Payment) => boolean): Payment[] {
    const chance = world.faults.chance('staleList');
    return payments.flatMap((payment) => {
      if (chance.chance(0.5)) return [payment];
      const before = ledger.before(payment);
      if (before === null) return payment.version === 1 ? [] : [payment];
      return fits(before) ? [before] : [payment];
    });
  }

  async function list(query: ListQuery): Promise<Payment[]> {
    if (!world.faults.strikes('staleList')) return store.list(query);
    // What is missing leaves its place to the next.
    const page = await store.list({ ...query, limit: query.limit + MISSING_AT_MOST });
    const { status } = query;
    return stale(page, (before) => status === undefined || before.status === status).slice(0, query.limit);
  }

  async function due(beforeMs: number, cursor: string | null, limit: number): Promise<DuePage> {
    const page = await store.due(beforeMs, cursor, limit);
    if (!world.faults.strikes('staleList')) return page;
    return { ...page, payments: stale(page.payments, () => true) };
  }

  return {
    create: (payment) =>
      machine.io<Created>(
        `create ${tell(payment)}`,
        world.fate(machine, writeFault(world)),
        () =>
          store.create(payment).then((answer) => {
            if (answer.created) ledger.write(payment);
            else world.see({ kind: 'refused_write', payment, stored: answer.existing });
            return answer;
          }),
        (answer) => (answer.created ? 'written' : `there is v${answer.existing.version}`),
      ),

    get: (ref: PaymentRef) =>
      machine.io(
        `get ${ref.payment_id}`,
        world.fate(machine, readFault(world)),
        () => store.get(ref),
        (payment) => (payment ? `v${payment.version} ${payment.status}` : 'none'),
      ),

    update: (next) =>
      machine.io(
        `update ${tell(next)} ${next.status}`,
        world.fate(machine, writeFault(world)),
        () =>
          store.update(next).then((isWritten) => {
            if (isWritten) ledger.write(next);
            else world.see({ kind: 'refused_write', payment: next, stored: ledger.get(next) });
            return isWritten;
          }),
        (isWritten) => (isWritten ? 'written' : 'refused'),
      ),

    list: (query) =>
      machine.io(
        'list',
        world.fate(machine, readFault(world)),
        () => list(query),
        (page) => page.map(tell).join(),
      ),

    due: (beforeMs, cursor, limit) =>
      machine.io(
        'due',
        world.fate(machine, readFault(world)),
        () => due(beforeMs, cursor, limit),
        ({ payments }) => payments.map(tell).join(),
      ),
  };
}

/** The change feed as a machine meets it. */
export function createFaultyFeed(world: World, machine: Machine, feed: ChangeFeed): ChangeFeed {
  return {
    read: (consumer, limit, only) =>
      machine.io(
        `read ${consumer}`,
        world.fate(machine, readFault(world)),
        () =>
          feed.read(consumer, limit, only).then((page) => {
            if (page.changes.length > 0)
              world.see({ kind: 'fed', consumer, payments: page.changes.map(({ payment }) => payment) });
            return page;
          }),
        ({ changes }) => changes.map(({ payment }) => tell(payment)).join(),
      ),
    commit: (consumer, position) =>
      machine.io(
        `commit ${consumer} ${position}`,
        world.fate(machine, world.faults.strikes('feedFails') ? feedFault(world) : writeFault(world)),
        () => feed.commit(consumer, position),
      ),
    lag: (consumer) => feed.lag(consumer),
  };
}

function feedFault(world: World): Fate['fails'] {
  return world.faults.chance('feedFails').chance(0.5)
    ? { when: 'before', error: NOT_WRITTEN }
    : { when: 'after', error: ANSWER_LOST };
}
