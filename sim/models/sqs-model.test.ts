import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../src/adapters/memory/fake-clock.ts';
import { memoryDeadLetters } from '../../src/adapters/sqs/dead-letters.fixture.ts';
import { createSqsWorkQueue } from '../../src/adapters/sqs/sqs-work-queue.ts';
import { recordedLog } from '../../src/lambda/recorded.fixture.ts';
import { UnavailableError } from '../../src/ports/faults.ts';
import { describeWorkQueue } from '../../src/ports/work-queue.contract.ts';
import type { WorkItem } from '../../src/ports/work-queue.ts';
import { noAnswer, type Wire } from './service-call.ts';
import { createSqsModel, QUEUES, type SqsModelOptions } from './sqs-model.ts';
import { ORDERLY } from './sqs-queue.ts';

const VISIBILITY_MS = 30_000;

function open(options: Partial<SqsModelOptions> = {}) {
  const clock = createFakeClock();
  const model = createSqsModel({ clock, visibilityTimeoutMs: VISIBILITY_MS, ...options });
  const queueOver = (wire?: Wire) =>
    createSqsWorkQueue({
      client: model.client(wire),
      queueUrl: QUEUES.work,
      dlqUrl: QUEUES.dead,
      deadLetters: memoryDeadLetters(clock),
      logger: recordedLog(),
      timers: { sleep: async () => undefined },
      ids: { random: () => 0.5 },
    });
  return { clock, model, queueOver, queue: queueOver() };
}

describeWorkQueue(
  'the SQS work queue on the model',
  async () => {
    const { clock, queue } = open();
    const advance = async (ms: number) => clock.advance(ms);
    return { queue, visibilityTimeoutMs: VISIBILITY_MS, advance, close: async () => undefined };
  },
  { tellsAge: false },
);

const items = (count: number): WorkItem[] =>
  Array.from({ length: count }, (_, n) => ({
    merchant_id: 'm_1',
    livemode: false,
    payment_id: `p-${n}`,
    operation_id: 'charge.1',
    attempt: 0,
  }));

describe('the model of a standard queue', () => {
  it('may give a message twice, each time with a receipt of which only the last one counts', async () => {
    const twice = [true, false];
    const { clock, model, queue } = open({
      behaviour: { ...ORDERLY, givesTwice: () => twice.shift() ?? false },
    });
    await queue.send(items(1));
    const [first] = await queue.receive(1);
    const [second] = await queue.receive(1);
    expect([first?.receiveCount, second?.receiveCount]).toEqual([1, 2]);
    await queue.ack([first?.receipt as string]);
    expect(model.work.all()).toHaveLength(1);
    await queue.ack([second?.receipt as string]);
    clock.advance(VISIBILITY_MS);
    expect(await queue.receive(1)).toEqual([]);
  });

  it('gives in any order, and less than there is', async () => {
    const { queue } = open({ behaviour: { ...ORDERLY, pick: (visible) => visible - 1, found: () => 2 } });
    await queue.send(items(4));
    const names = async () => (await queue.receive(10)).map(({ item }) => item.payment_id);
    expect([await names(), await names()]).toEqual([
      ['p-3', 'p-2'],
      ['p-1', 'p-0'],
    ]);
  });

  it('may forget a delete, and then gives the message again', async () => {
    const { clock, queue } = open({ behaviour: { ...ORDERLY, forgetsDelete: () => true } });
    await queue.send(items(1));
    const [first] = await queue.receive(1);
    await queue.ack([first?.receipt as string]);
    clock.advance(VISIBILITY_MS);
    expect(await queue.receive(1)).toMatchObject([{ receiveCount: 2 }]);
  });

  it('takes a part of a batch, of which the adapter sends the rest again', async () => {
    const refuses = [false, true, false, true, true];
    const { model, queue } = open({ refusesEntry: () => refuses.shift() ?? false });
    await queue.send(items(3));
    expect(model.work.all().map(({ body }) => JSON.parse(body).payment_id)).toEqual(['p-0', 'p-2', 'p-1']);
    const never = open({ refusesEntry: () => true });
    await expect(never.queue.send(items(1))).rejects.toThrow(UnavailableError);
  });

  it('has sent a message more than once where answers were lost', async () => {
    const { model, queueOver } = open();
    const queue = queueOver(async ({ effect }) => {
      effect();
      throw noAnswer();
    });
    await expect(queue.send(items(1))).rejects.toThrow(UnavailableError);
    expect(model.work.all()).toHaveLength(3);
  });

  it('forgets a message after four days, and one that it put aside after fourteen', async () => {
    const { clock, model, queue } = open({ maxReceives: 1 });
    await queue.send(items(2));
    await queue.receive(1);
    clock.advance(VISIBILITY_MS);
    const [other] = await queue.receive(2);
    expect([other?.receiveCount, await queue.deadLetterCount()]).toEqual([1, 1]);
    clock.advance(4 * 24 * 3_600_000);
    expect(await queue.receive(2)).toEqual([]);
    expect(model.work.all()).toEqual([]);
    expect(await queue.deadLetterCount()).toBe(1);
    clock.advance(10 * 24 * 3_600_000);
    expect(await queue.deadLetterCount()).toBe(0);
  });
});
