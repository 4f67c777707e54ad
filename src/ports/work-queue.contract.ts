import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Delivery, WorkItem, WorkQueue } from './work-queue.ts';

/** What an adapter opens for each test of the contract: an empty queue, and the hand on its clock. */
export interface WorkQueueHarness {
  queue: WorkQueue;
  /** How long a received message is hidden: whole seconds, at least two of them. */
  visibilityTimeoutMs: number;
  /** Lets time pass for the queue. */
  advance(ms: number): Promise<void>;
  close(): Promise<void>;
}

export interface WorkQueueAbilities {
  /** Whether it can tell how old its oldest message is. A queue service may only tell its own metrics. */
  tellsAge: boolean;
}

const WAIT = { timeout: 5_000, interval: 20 };

/** A queue may answer with nothing though it has messages: so many times is enough to call them lost. */
const MAX_EMPTY_RECEIVES = 20;

/** How often a message may come back unsettled before the queue must have put it aside. */
const MAX_RECEIVES = 30;

const item = (given: Partial<WorkItem> = {}): WorkItem => ({
  merchant_id: 'm_1',
  livemode: false,
  payment_id: 'p1',
  operation_id: 'charge.1',
  attempt: 0,
  ...given,
});

const itemsNamed = (...names: string[]) => names.map((operation_id) => item({ operation_id }));
const numbered = (size: number) => itemsNamed(...Array.from({ length: size }, (_, n) => `charge.${n}`));
const byName = (items: readonly WorkItem[]) =>
  items.toSorted((a, b) => (a.operation_id < b.operation_id ? -1 : 1));

/**
 * The suite of the work queue, which every adapter runs. It asks for at least once, in no order: copies of a message
 * are tolerated, and depths may take a moment to be right.
 * @param open opens an empty queue; called for each test
 */
export function describeWorkQueue(
  name: string,
  open: () => Promise<WorkQueueHarness>,
  { tellsAge }: WorkQueueAbilities = { tellsAge: true },
): void {
  describe(name, () => {
    let harness: WorkQueueHarness;
    beforeEach(async () => {
      harness = await open();
    });
    afterEach(() => harness.close());

    describe('sending and receiving', () => describeDelivery(() => harness));
    describe('visibility', () => describeVisibility(() => harness));
    describe('dead letters', () => describeDeadLetters(() => harness));
    describe('depth', () => describeDepth(() => harness));
    if (tellsAge) describe('age', () => describeAge(() => harness));
  });
}

/** Receives until each of `names` was delivered. Answers the last delivery of each, in the order of `names`. */
async function receiveAll(queue: WorkQueue, names: readonly string[], limit = 10): Promise<Delivery[]> {
  const got = new Map<string, Delivery>();
  let empty = 0;
  while (names.some((name) => !got.has(name))) {
    const deliveries = await queue.receive(limit);
    expect(deliveries.length).toBeLessThanOrEqual(limit);
    for (const delivery of deliveries) got.set(delivery.item.operation_id, delivery);
    empty = deliveries.length === 0 ? empty + 1 : 0;
    if (empty > MAX_EMPTY_RECEIVES) throw new Error(`Received ${[...got.keys()]} of ${names}, then nothing`);
  }
  expect([...got.keys()].sort()).toEqual([...names].sort());
  return names.map((name) => got.get(name) as Delivery);
}

async function receiveOne(queue: WorkQueue, name = 'charge.1'): Promise<Delivery> {
  return (await receiveAll(queue, [name]))[0] as Delivery;
}

async function expectNothing(queue: WorkQueue): Promise<void> {
  for (let n = 0; n < 3; n++) expect(await queue.receive(10)).toEqual([]);
}

const receipts = (deliveries: readonly Delivery[]) => deliveries.map(({ receipt }) => receipt);

function describeDelivery(use: () => WorkQueueHarness): void {
  it('has nothing to give when nothing was sent', async () => {
    const { queue } = use();
    await queue.send([]);
    await queue.ack([]);
    await expectNothing(queue);
  });

  it('delivers each item whole', async () => {
    const { queue } = use();
    const items = [
      item({ operation_id: 'a' }),
      item({ operation_id: 'b', livemode: true, attempt: 7 }),
      item({ operation_id: 'c', merchant_id: 'M-2_x', payment_id: 'P'.repeat(64), attempt: 1 }),
    ];
    await queue.send(items);
    const deliveries = await receiveAll(queue, ['a', 'b', 'c']);
    expect(deliveries.map((delivery) => delivery.item)).toEqual(items);
    expect(deliveries.map(({ receiveCount }) => receiveCount)).toEqual([1, 1, 1]);
  });

  it('delivers everything of a large send', async () => {
    const { queue } = use();
    const items = numbered(45);
    await queue.send(items);
    const deliveries = await receiveAll(
      queue,
      items.map(({ operation_id }) => operation_id),
    );
    expect(deliveries.map((delivery) => delivery.item)).toEqual(items);
  });

  it('delivers what was sent by many at once', async () => {
    const { queue } = use();
    const items = numbered(20);
    await Promise.all(items.map((one) => queue.send([one])));
    await receiveAll(
      queue,
      items.map(({ operation_id }) => operation_id),
    );
  });

  it.each([1, 3, 10])('gives at most %i messages to who asks for so many', async (limit) => {
    const { queue } = use();
    const items = numbered(12);
    await queue.send(items);
    await receiveAll(
      queue,
      items.map(({ operation_id }) => operation_id),
      limit,
    );
  });

  it('takes the same item twice', async () => {
    const { queue, visibilityTimeoutMs, advance } = use();
    await queue.send([item(), item()]);
    await queue.send([item()]);
    await receiveOne(queue);
    await advance(visibilityTimeoutMs);
    expect((await receiveOne(queue)).item).toEqual(item());
  });

  it('does not deliver again what was acknowledged', async () => {
    const { queue, visibilityTimeoutMs, advance } = use();
    await queue.send(itemsNamed('a', 'b', 'c'));
    const [a, b] = await receiveAll(queue, ['a', 'b', 'c']);
    await queue.ack(receipts([a as Delivery, b as Delivery]));
    await queue.ack(receipts([a as Delivery]));
    await advance(visibilityTimeoutMs);
    await receiveAll(queue, ['c']);
  });

  it('acknowledges many at once', async () => {
    const { queue, visibilityTimeoutMs, advance } = use();
    const items = numbered(25);
    await queue.send(items);
    await queue.ack(
      receipts(
        await receiveAll(
          queue,
          items.map(({ operation_id }) => operation_id),
        ),
      ),
    );
    await advance(visibilityTimeoutMs);
    await expectNothing(queue);
  });

  it('holds back what is sent with a delay, and only that', async () => {
    const { queue, advance } = use();
    await queue.send(itemsNamed('late'), 60_000);
    await queue.send(itemsNamed('latest'), 900_000);
    await queue.send(itemsNamed('now'));
    await queue.ack(receipts(await receiveAll(queue, ['now'])));
    await expectNothing(queue);
    await advance(30_000);
    await expectNothing(queue);
    await advance(30_000);
    const [late] = await receiveAll(queue, ['late']);
    expect(late?.receiveCount).toBe(1);
    await queue.ack(receipts([late as Delivery]));
    await advance(840_000);
    await receiveAll(queue, ['latest']);
  });
}

function describeVisibility(use: () => WorkQueueHarness): void {
  it('hides what was received until its time is over', async () => {
    const { queue, visibilityTimeoutMs, advance } = use();
    await queue.send([item()]);
    await receiveOne(queue);
    await expectNothing(queue);
    await advance(visibilityTimeoutMs / 2);
    await expectNothing(queue);
  });

  it('delivers again what was not acknowledged in time, and counts', async () => {
    const { queue, visibilityTimeoutMs, advance } = use();
    await queue.send([item({ attempt: 3 })]);
    const first = await receiveOne(queue);
    await advance(visibilityTimeoutMs);
    const second = await receiveOne(queue);
    expect([first.receiveCount, second.receiveCount]).toEqual([1, 2]);
    expect(second.item).toEqual(item({ attempt: 3 }));
    expect(second.receipt).not.toBe(first.receipt);
    await advance(visibilityTimeoutMs);
    expect((await receiveOne(queue)).receiveCount).toBe(3);
  });

  it('hides each delivery for its own time', async () => {
    const { queue, visibilityTimeoutMs, advance } = use();
    await queue.send(itemsNamed('a'));
    await receiveAll(queue, ['a']);
    await advance(visibilityTimeoutMs / 2);
    await queue.send(itemsNamed('b'));
    await receiveAll(queue, ['b']);
    await advance(visibilityTimeoutMs / 2);
    await receiveAll(queue, ['a']);
    await expectNothing(queue);
  });

  it('ignores a receipt of an earlier delivery', async () => {
    const { queue, visibilityTimeoutMs, advance } = use();
    await queue.send([item()]);
    const stale = await receiveOne(queue);
    await advance(visibilityTimeoutMs);
    const good = await receiveOne(queue);
    await queue.ack([stale.receipt]);
    await advance(visibilityTimeoutMs);
    const last = await receiveOne(queue);
    expect(last.receiveCount).toBe(3);
    await queue.ack([stale.receipt, good.receipt, last.receipt]);
    await advance(visibilityTimeoutMs);
    await expectNothing(queue);
  });

  it('puts aside what comes back again and again, since its readers die of it', async () => {
    const { queue, visibilityTimeoutMs, advance } = use();
    await queue.send([item({ attempt: 2 })]);
    let received = 0;
    for (let n = 0; n < MAX_RECEIVES; n++) {
      received += (await queue.receive(10)).length;
      await advance(visibilityTimeoutMs);
    }
    expect(received).toBeGreaterThan(2);
    await expectNothing(queue);
    const letters = async () => (await queue.deadLetters(10)).map((letter) => letter.item);
    await expect.poll(letters, WAIT).toEqual([item({ attempt: 2 })]);
  });
}

function describeDeadLetters(use: () => WorkQueueHarness): void {
  const listed = async (limit = 100) =>
    byName((await use().queue.deadLetters(limit)).map((letter) => letter.item));

  it('lists them with their reason and time', async () => {
    const { queue } = use();
    expect(await queue.deadLetters(10)).toEqual([]);
    expect(await queue.deadLetterCount()).toBe(0);
    await queue.deadLetter(item({ attempt: 8, livemode: true }), 'not settled for 7 days – "unklar" 🤷');
    const [letter, ...others] = await queue.deadLetters(10);
    expect(others).toEqual([]);
    expect(letter?.item).toEqual(item({ attempt: 8, livemode: true }));
    expect(letter?.reason).toBe('not settled for 7 days – "unklar" 🤷');
    expect(letter?.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(await queue.deadLetterCount()).toBe(1);
    await expectNothing(queue);
  });

  it('has one for each operation, the first, however often it is told', async () => {
    const { queue } = use();
    // Each differs from the first in one part of what names an operation.
    const items = [
      item(),
      item({ operation_id: 'refund-1' }),
      item({ payment_id: 'p2' }),
      item({ merchant_id: 'm_2' }),
      item({ livemode: true }),
    ];
    for (const one of items) await queue.deadLetter(one, 'first');
    for (const one of items) await queue.deadLetter({ ...one, attempt: 9 }, 'again');
    expect(await queue.deadLetterCount()).toBe(items.length);
    const letters = await queue.deadLetters(10);
    expect(letters.map(({ reason }) => reason)).toEqual(items.map(() => 'first'));
    expect(letters.map((letter) => letter.item.attempt)).toEqual(items.map(() => 0));
    expect(new Set(letters.map(({ id }) => id)).size).toBe(items.length);
  });

  it('lists no more than the limit', async () => {
    const { queue } = use();
    for (const one of numbered(5)) await queue.deadLetter(one, 'why');
    expect(await queue.deadLetters(3)).toHaveLength(3);
    expect(await listed()).toEqual(numbered(5));
  });

  it('sends one to the queue again, once', async () => {
    const { queue } = use();
    await queue.deadLetter(item({ attempt: 4 }), 'why');
    await queue.deadLetter(item({ operation_id: 'other' }), 'why');
    const letter = (await queue.deadLetters(10)).find((one) => one.item.operation_id === 'charge.1');
    expect(await queue.redrive(letter?.id as string)).toBe(true);
    expect(await queue.redrive(letter?.id as string)).toBe(false);
    expect(await listed()).toEqual(itemsNamed('other'));
    const delivery = await receiveOne(queue);
    expect(delivery.item).toEqual(item({ attempt: 4 }));
    expect(delivery.receiveCount).toBe(1);
    await queue.ack([delivery.receipt]);
    await expectNothing(queue);
  });

  it.each(['', '0', '999999', 'no-such-letter', '-1', '1e9'])(
    'knows no dead letter named "%s"',
    async (id) => {
      const { queue } = use();
      await queue.deadLetter(item(), 'why');
      expect(await queue.redrive(id)).toBe(false);
      expect(await queue.deadLetterCount()).toBe(1);
    },
  );

  it('takes an operation back that was redriven and failed again', async () => {
    const { queue } = use();
    await queue.deadLetter(item(), 'first');
    await queue.redrive((await queue.deadLetters(1))[0]?.id as string);
    await queue.deadLetter(item(), 'second');
    expect((await queue.deadLetters(10)).map(({ reason }) => reason)).toEqual(['second']);
  });

  it('drops what stands there for one operation, and nothing else', async () => {
    const { queue } = use();
    const others = [
      item({ operation_id: 'a', payment_id: 'p2' }),
      item({ operation_id: 'b' }),
      item({ operation_id: 'c', merchant_id: 'm_2' }),
      item({ operation_id: 'd', livemode: true }),
    ];
    await queue.deadLetter(item(), 'why');
    for (const one of others) await queue.deadLetter(one, 'why');
    // What was put there with another count of attempts is the same operation.
    await queue.dropDeadLetters(item({ attempt: 5 }));
    expect(await listed()).toEqual(others);
    for (const one of others) await queue.dropDeadLetters({ ...one, payment_id: 'p9' });
    await queue.dropDeadLetters(item());
    expect(await listed()).toEqual(others);
    await expectNothing(queue);
  });
}

function describeDepth(use: () => WorkQueueHarness): void {
  async function expectDepth(waiting: number, delayed: number, inFlight: number): Promise<void> {
    await expect.poll(() => use().queue.depth(), WAIT).toEqual({ waiting, delayed, inFlight });
  }

  it('counts what waits, what is delayed and what is in flight', async () => {
    const { queue, visibilityTimeoutMs, advance } = use();
    await expectDepth(0, 0, 0);
    await queue.send(itemsNamed('a', 'b', 'c'));
    await queue.send(itemsNamed('late'), 600_000);
    await expectDepth(3, 1, 0);
    const [first] = await queue.receive(1);
    await expectDepth(2, 1, 1);
    await queue.ack([(first as Delivery).receipt]);
    await expectDepth(2, 1, 0);
    await queue.receive(1);
    await advance(visibilityTimeoutMs);
    await expectDepth(2, 1, 0);
    await advance(600_000);
    await expectDepth(3, 0, 0);
  });

  it('does not count dead letters, until they are redriven', async () => {
    const { queue } = use();
    await queue.deadLetter(item(), 'why');
    await expectDepth(0, 0, 0);
    await queue.redrive((await queue.deadLetters(1))[0]?.id as string);
    await expectDepth(1, 0, 0);
  });
}

function describeAge(use: () => WorkQueueHarness): void {
  it('is that of the oldest message which waits', async () => {
    const { queue, advance } = use();
    expect(await queue.oldestAgeMs()).toBe(0);
    await queue.send(itemsNamed('late'), 600_000);
    await advance(1_000);
    expect(await queue.oldestAgeMs()).toBe(0);
    await queue.send(itemsNamed('old'));
    await advance(4_000);
    await queue.send(itemsNamed('young'));
    await advance(3_000);
    expect(await queue.oldestAgeMs()).toBeGreaterThanOrEqual(7_000);
    const deliveries = await receiveAll(queue, ['old', 'young']);
    expect(await queue.oldestAgeMs()).toBe(0);
    await queue.ack(receipts(deliveries));
    expect(await queue.oldestAgeMs()).toBe(0);
  });
}
