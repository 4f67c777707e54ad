import { describe, expect, it } from 'vitest';
import { decodeStreamImage } from '../adapters/dynamodb/stream-image.ts';
import { aNewPayment, answered, RESULTS } from '../domain/payment.fixture.ts';
import {
  keyWritten,
  removedByTtl,
  sequenceNumber,
  streamEvent,
  unreadable,
  written,
} from './events.fixture.ts';
import { recordedLog } from './recorded.fixture.ts';
import { failedFrom, readBatch } from './stream-batch.ts';

const paid = aNewPayment();
const completed = answered(paid, RESULTS.succeeded);
const other = aNewPayment({ payment_id: 'order-2' });

function read(changes: Parameters<typeof streamEvent>[0]) {
  return readBatch(streamEvent(changes), decodeStreamImage, recordedLog());
}

describe('a batch of the stream', () => {
  it('gives the payments as they were after each change, in its order', () => {
    expect(read([written(paid), written(other), written(completed, paid)])).toEqual({
      payments: [paid, other, completed],
      first: sequenceNumber(1),
      last: sequenceNumber(3),
      unreadable: null,
    });
  });

  it('passes over API keys and deletions, of which one by TTL is no change', () => {
    expect(read([keyWritten(), removedByTtl(completed), written(paid), keyWritten()])).toEqual({
      payments: [paid],
      first: sequenceNumber(3),
      last: sequenceNumber(3),
      unreadable: null,
    });
    expect(read([removedByTtl(completed)])).toEqual({
      payments: [],
      first: null,
      last: '',
      unreadable: null,
    });
  });

  it('names the first change that cannot be read, and gives what comes before it and nothing after it', () => {
    expect(read([written(paid), written(other), unreadable(completed), written(completed, paid)])).toEqual({
      payments: [paid, other],
      first: sequenceNumber(1),
      last: sequenceNumber(2),
      unreadable: sequenceNumber(3),
    });
  });

  it('is to be split when its first record cannot be read, so that the others are not held up by it', () => {
    expect(() => read([unreadable(completed), written(paid)])).toThrow(
      /cannot be read; the batch is to be split/,
    );
  });

  it('names a change that cannot be read when it is alone, so that it alone is put aside', () => {
    expect(read([unreadable(completed)])).toMatchObject({ payments: [], unreadable: sequenceNumber(1) });
  });
});

it('an answer names one record to go on from, or none', () => {
  expect(failedFrom(null)).toEqual({ batchItemFailures: [] });
  expect(failedFrom('7')).toEqual({ batchItemFailures: [{ itemIdentifier: '7' }] });
});
