import { expect, it } from 'vitest';
import { decodeStreamImage } from '../adapters/dynamodb/stream-image.ts';
import { createRelayHandler } from '../app/relay.ts';
import { aNewPayment, answered, RESULTS } from '../domain/payment.fixture.ts';
import { UnavailableError } from '../ports/faults.ts';
import type { WorkItem } from '../ports/work-queue.ts';
import { aWorkItem, keyWritten, sequenceNumber, streamEvent, unreadable, written } from './events.fixture.ts';
import { recordedLog } from './recorded.fixture.ts';
import { createRelayBatch } from './relay-batch.ts';

const one = aNewPayment();
const two = aNewPayment({ payment_id: 'order-2' });
const completed = answered(one, RESULTS.succeeded);

function start() {
  const sent: WorkItem[] = [];
  const queue = {
    isDown: false,
    async send(items: readonly WorkItem[]) {
      if (queue.isDown) throw new UnavailableError('The queue is down.');
      sent.push(...items);
    },
  };
  const logger = recordedLog();
  const relay = { handle: createRelayHandler({ queue }) };
  return { queue, sent, logger, batch: createRelayBatch({ relay, decode: decodeStreamImage, logger }) };
}

it('sends what the changes dispatch, and nothing for those that dispatch nothing', async () => {
  const { sent, batch } = start();
  const event = streamEvent([written(one), written(two), written(completed, one), keyWritten()]);
  expect(await batch(event)).toEqual({ batchItemFailures: [] });
  expect(sent).toEqual([aWorkItem(), aWorkItem({ payment_id: 'order-2' })]);
});

it('asks for the batch again, from its first change on, when it could not be sent', async () => {
  const { queue, sent, batch, logger } = start();
  queue.isDown = true;
  const event = streamEvent([keyWritten(), written(one), written(two)]);
  expect(await batch(event)).toEqual({ batchItemFailures: [{ itemIdentifier: sequenceNumber(2) }] });
  expect(logger.lines).toEqual(['error: not relayed; it is tried again']);
  queue.isDown = false;
  expect(await batch(event)).toEqual({ batchItemFailures: [] });
  expect(sent).toHaveLength(2);
});

it('sends what comes before a change that cannot be read, and names that one', async () => {
  const { sent, batch } = start();
  const event = streamEvent([written(one), unreadable(completed), written(two)]);
  expect(await batch(event)).toEqual({ batchItemFailures: [{ itemIdentifier: sequenceNumber(2) }] });
  expect(sent).toEqual([aWorkItem()]);
});

it('fails as a whole on a change that cannot be read at the beginning, so that the batch is split', async () => {
  const { sent, batch } = start();
  await expect(batch(streamEvent([unreadable(completed), written(two)]))).rejects.toThrow(/to be split/);
  expect(sent).toEqual([]);
});
