import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type EmulatedQueues, type Fauxqs, startFauxqs } from '../../../test/emulators/fauxqs.ts';
import { describeWorkQueue } from '../../ports/work-queue.contract.ts';
import type { WorkItem, WorkQueue } from '../../ports/work-queue.ts';
import { memoryDeadLetters } from './dead-letters.fixture.ts';
import { createSqsClient } from './sqs-client.ts';
import { createSqsWorkQueue } from './sqs-work-queue.ts';

const visibilityTimeoutMs = 30_000;
const START_MS = Date.parse('2026-03-02T09:30:00.000Z');

let emulator: Fauxqs;
let client: SQSClient;
let nowMs = START_MS;

beforeAll(async () => {
  emulator = await startFauxqs();
  client = createSqsClient(emulator.settings);
});

beforeEach(() => {
  nowMs = START_MS;
  vi.useFakeTimers({ toFake: ['Date'], now: START_MS });
});

afterEach(() => {
  vi.useRealTimers();
});

afterAll(async () => {
  client.destroy();
  await emulator.stop();
});

async function advance(ms: number): Promise<void> {
  nowMs += ms;
  vi.setSystemTime(nowMs);
}

const clock = { now: () => nowMs };
const pacing = { timers: { sleep: async () => undefined }, ids: { random: () => 0.5 } };

function queueOn(queues: EmulatedQueues, errors: object[] = []): WorkQueue {
  const ignore = () => undefined;
  const logger = {
    debug: ignore,
    info: ignore,
    warn: ignore,
    error: (fields: object) => errors.push(fields),
  };
  return createSqsWorkQueue({ client, ...queues, ...pacing, deadLetters: memoryDeadLetters(clock), logger });
}

describeWorkQueue(
  'the SQS work queue',
  async () => {
    const queues = await emulator.createQueues({ visibilityTimeoutMs, maxReceives: 5 });
    return { queue: queueOn(queues), visibilityTimeoutMs, advance, close: async () => undefined };
  },
  { tellsAge: false },
);

describe('a message that Tollgate did not write', () => {
  const MAX_RECEIVES = 2;
  const item: WorkItem = {
    merchant_id: 'm_1',
    livemode: false,
    payment_id: 'p1',
    operation_id: 'charge.1',
    attempt: 0,
  };
  let queues: EmulatedQueues;
  let queue: WorkQueue;
  let errors: object[];

  beforeEach(async () => {
    errors = [];
    queues = await emulator.createQueues({ visibilityTimeoutMs, maxReceives: MAX_RECEIVES });
    queue = queueOn(queues, errors);
  });

  const write = (QueueUrl: string, MessageBody: string) =>
    client.send(new SendMessageCommand({ QueueUrl, MessageBody }));

  it.each([
    'hello',
    'null',
    '[]',
    '7',
    '{}',
    JSON.stringify({ ...item, attempt: -1 }),
    JSON.stringify({ ...item, livemode: 'true' }),
    JSON.stringify({ ...item, merchant_id: '' }),
    JSON.stringify({ ...item, operation_id: undefined }),
  ])('stops no other: %s', async (body) => {
    await write(queues.queueUrl, body);
    await queue.send([item]);
    const deliveries = await queue.receive(10);
    expect(deliveries.map((delivery) => delivery.item)).toEqual([item]);
    expect(errors).toEqual([{ message_id: expect.any(String) }]);
  });

  it('is left to the dead-letter queue, and blocks nothing there', async () => {
    await write(queues.queueUrl, 'hello');
    await queue.send([item]);
    for (let n = 0; n <= MAX_RECEIVES; n++) {
      await queue.receive(10);
      await advance(visibilityTimeoutMs);
    }
    expect(await queue.deadLetterCount()).toBe(2);
    expect((await queue.deadLetters(10)).map((letter) => letter.item)).toEqual([item]);
    // It is counted: somebody must look at it.
    expect(await queue.deadLetterCount()).toBe(2);
    await advance(visibilityTimeoutMs);
    expect(await queue.deadLetters(10)).toHaveLength(1);
  });

  it('stops the move of no dead letter, though it comes first and there are many', async () => {
    for (let n = 0; n < 25; n++) await write(queues.dlqUrl, `hand-made ${n}`);
    for (let n = 0; n < 30; n++)
      await write(queues.dlqUrl, JSON.stringify({ ...item, operation_id: `refund.${n}` }));
    expect(await queue.deadLetters(100)).toHaveLength(30);
    expect(errors).toHaveLength(25);
  });

  it('may have members that a later version adds', async () => {
    await write(queues.queueUrl, JSON.stringify({ ...item, later: 1 }));
    expect((await queue.receive(10)).map((delivery) => delivery.item)).toEqual([item]);
  });
});

it('keeps a dead letter on the list that a worker put back before the redrive was over', async () => {
  const queues = await emulator.createQueues({ visibilityTimeoutMs, maxReceives: 5 });
  const list = memoryDeadLetters(clock);
  const item: WorkItem = {
    merchant_id: 'm_1',
    livemode: false,
    payment_id: 'p1',
    operation_id: 'charge.1',
    attempt: 8,
  };
  const ignore = () => undefined;
  const queue = createSqsWorkQueue({
    client,
    ...queues,
    ...pacing,
    logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    deadLetters: {
      ...list,
      // Between the message and its removal from the list, the worker has failed with it again.
      async remove(letter) {
        await list.put(item, 'again');
        return list.remove(letter);
      },
    },
  });
  await queue.deadLetter(item, 'why');
  const [letter] = await queue.deadLetters(1);
  expect(await queue.redrive(letter?.id ?? '')).toBe(true);
  expect(await queue.deadLetters(10)).toHaveLength(1);
});
