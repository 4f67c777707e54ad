import { expect, it } from 'vitest';
import { readMessage } from '../adapters/sqs/work-message.ts';
import { deferred, settled } from '../app/app.fixture.ts';
import type { Delivery } from '../ports/work-queue.ts';
import { aWorkItem, sqsEvent } from './events.fixture.ts';
import { recordedLog } from './recorded.fixture.ts';
import { createWorkBatch } from './work-batch.ts';

function start(handle: (delivery: Delivery) => Promise<void> = async () => undefined) {
  const handled: Delivery[] = [];
  const logger = recordedLog();
  const worker = {
    async handle(delivery: Delivery) {
      handled.push(delivery);
      await handle(delivery);
    },
  };
  return { handled, logger, batch: createWorkBatch({ worker, parse: readMessage, logger }) };
}

const TEN = Array.from({ length: 10 }, (_, index) => aWorkItem({ payment_id: `order-${index}` }));

it('hands every message to the worker, with its receipt and how often it was received', async () => {
  const { handled, batch } = start();
  const event = sqsEvent([aWorkItem(), { body: JSON.stringify(aWorkItem({ attempt: 2 })), received: 3 }]);
  expect(await batch(event)).toEqual({ batchItemFailures: [] });
  expect(handled).toEqual([
    { receipt: event.Records[0]?.receiptHandle, item: aWorkItem(), receiveCount: 1 },
    { receipt: event.Records[1]?.receiptHandle, item: aWorkItem({ attempt: 2 }), receiveCount: 3 },
  ]);
});

it('reports of ten messages the one that the worker failed on, and no other', async () => {
  const { handled, batch, logger } = start(async ({ item }) => {
    if (item.payment_id === 'order-3') throw new Error('The store is down.');
  });
  const event = sqsEvent(TEN);
  expect(await batch(event)).toEqual({
    batchItemFailures: [{ itemIdentifier: event.Records[3]?.messageId }],
  });
  expect(handled).toHaveLength(10);
  expect(logger.lines).toEqual(['warn: work will be tried again']);
});

it.each([
  ['is no JSON', 'ping'],
  ['is empty', ''],
  ['is of somebody else', '{"Records":[]}'],
])(
  'reports a message that %s, which the worker never sees, so that SQS puts it aside in the end',
  async (_what, body) => {
    const { handled, batch } = start();
    const event = sqsEvent([aWorkItem(), body, aWorkItem({ payment_id: 'order-2' })]);
    expect(await batch(event)).toEqual({
      batchItemFailures: [{ itemIdentifier: event.Records[1]?.messageId }],
    });
    expect(handled.map(({ item }) => item.payment_id)).toEqual(['order-1', 'order-2']);
  },
);

it('sees to the messages of a batch side by side', async () => {
  const gate = deferred();
  const { handled, batch } = start(() => gate.promise);
  const answer = batch(sqsEvent(TEN));
  await settled();
  expect(handled).toHaveLength(10);
  gate.resolve();
  expect(await answer).toEqual({ batchItemFailures: [] });
});

it('reports all of them when nothing can be done', async () => {
  const { batch } = start(() => Promise.reject(new Error('The store is down.')));
  expect((await batch(sqsEvent(TEN))).batchItemFailures).toHaveLength(10);
});
