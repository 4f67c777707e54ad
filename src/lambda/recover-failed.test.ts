import type { DynamoDBStreamEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { decodeStreamImage } from '../adapters/dynamodb/stream-image.ts';
import { aNewPayment } from '../domain/payment.fixture.ts';
import type { FailedBatch, FailedEvents } from '../ports/failed-events.ts';
import { UnavailableError } from '../ports/faults.ts';
import { streamEvent, unreadable, written } from './events.fixture.ts';
import { recordedLog } from './recorded.fixture.ts';
import { createRecoverFailed } from './recover-failed.ts';
import { failedFrom, readBatch } from './stream-batch.ts';

const EVENT = streamEvent([written(aNewPayment())]);
const ALWAYS = () => true;

function start(batches: Record<string, FailedBatch>) {
  const kept = new Map(Object.entries(batches));
  const failedEvents: FailedEvents = {
    list: async (limit) => [...kept.keys()].slice(0, limit),
    async read(id) {
      const batch = kept.get(id);
      if (!batch) throw new UnavailableError('The bucket is down.');
      return batch;
    },
    async remove(id) {
      kept.delete(id);
    },
    count: async () => kept.size,
  };
  const relayed: DynamoDBStreamEvent[] = [];
  const audited: DynamoDBStreamEvent[] = [];
  const broken = new Set<'relay' | 'audit'>();
  const reader =
    (name: 'relay' | 'audit', seen: DynamoDBStreamEvent[]) => async (event: DynamoDBStreamEvent) => {
      // As the real ones do with what is no event.
      const first = event.Records[0]?.dynamodb?.SequenceNumber ?? null;
      seen.push(event);
      return failedFrom(broken.has(name) ? first : null);
    };
  const logger = recordedLog();
  const recoverFailed = createRecoverFailed({
    failedEvents,
    readers: { 'payment-relay': reader('relay', relayed), 'payment-audit': reader('audit', audited) },
    logger,
  });
  return { kept, failedEvents, relayed, audited, broken, logger, recoverFailed };
}

const fromRelay: FailedBatch = { reader: 'payment-relay-dev123', event: EVENT };
const fromAudit: FailedBatch = { reader: 'payment-audit-dev123', event: EVENT };

describe('a failed batch', () => {
  it('is given to the reader that gave it up, and is gone when that one is done with it', async () => {
    const { kept, relayed, audited, logger, recoverFailed } = start({ a: fromRelay, b: fromAudit });
    expect(await recoverFailed(ALWAYS)).toBe(0);
    expect([relayed, audited, kept.size]).toEqual([[EVENT], [EVENT], 0]);
    expect(logger.lines).toEqual([
      'warn: a failed batch was recovered',
      'warn: a failed batch was recovered',
    ]);
  });

  it('stays, is counted and is tried again while its reader fails on it', async () => {
    const { kept, audited, broken, recoverFailed } = start({ a: fromAudit, b: fromRelay });
    broken.add('audit');
    expect(await recoverFailed(ALWAYS)).toBe(1);
    expect([...kept.keys()]).toEqual(['a']);
    broken.clear();
    expect(await recoverFailed(ALWAYS)).toBe(0);
    expect(audited).toHaveLength(2);
  });

  it.each<[string, FailedBatch, string]>([
    ['has a reader that is not known', { reader: 'somebody-else', event: EVENT }, 'has no reader here'],
    ['is no invocation record', { reader: '', event: undefined }, 'has no reader here'],
    ['holds no events', { reader: 'payment-audit-dev123', event: null }, 'cannot be recovered'],
  ])('stays, and keeps no other from being recovered, when it %s', async (_what, odd, complaint) => {
    const { kept, relayed, logger, recoverFailed } = start({ odd, b: fromRelay });
    expect(await recoverFailed(ALWAYS)).toBe(1);
    expect([[...kept.keys()], relayed]).toEqual([['odd'], [EVENT]]);
    expect(logger.lines[0]).toBe(`error: a failed batch ${complaint}`);
  });

  it('stays when it cannot be read, and keeps no other from being recovered', async () => {
    const { failedEvents, relayed, recoverFailed } = start({ b: fromRelay });
    const { list } = failedEvents;
    failedEvents.list = async (limit) => ['gone', ...(await list(limit))];
    expect(await recoverFailed(ALWAYS)).toBe(0);
    expect(relayed).toEqual([EVENT]);
  });

  it('comes again when it was dealt with and could not be removed', async () => {
    const { failedEvents, kept, relayed, recoverFailed } = start({ a: fromRelay });
    const { remove } = failedEvents;
    failedEvents.remove = async () => {
      failedEvents.remove = remove;
      throw new UnavailableError('The bucket is down.');
    };
    expect(await recoverFailed(ALWAYS)).toBe(1);
    expect(await recoverFailed(ALWAYS)).toBe(0);
    expect([relayed.length, kept.size]).toEqual([2, 0]);
  });

  it('waits for the next pass when the time is over', async () => {
    const { relayed, recoverFailed } = start({ a: fromRelay, b: fromRelay, c: fromRelay });
    expect(await recoverFailed(() => relayed.length < 2)).toBe(1);
    expect(relayed).toHaveLength(2);
  });
});

it('recovers what stands behind many that fail again and again', async () => {
  const odd: FailedBatch = { reader: 'somebody-else', event: EVENT };
  const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`odd-${index}`, odd]));
  const { relayed, recoverFailed } = start({ ...many, last: fromRelay });
  expect(await recoverFailed(ALWAYS)).toBe(50);
  expect(relayed).toEqual([EVENT]);
});

it.each([
  ['in its middle', 2],
  ['at its beginning', 0],
  ['at its end', 4],
])('deals with the others once, pass after pass, where one that cannot be read is %s', async (_where, at) => {
  const ids = ['a', 'b', 'c', 'd'];
  const changes = ids.map((payment_id) => written(aNewPayment({ payment_id })));
  changes.splice(at, 0, unreadable(aNewPayment({ payment_id: 'broken' })));
  const kept = new Map<string, FailedBatch>([
    ['one', { reader: 'payment-audit-x', event: streamEvent(changes) }],
  ]);
  const audited: string[] = [];
  const logger = recordedLog();
  const recoverFailed = createRecoverFailed({
    failedEvents: {
      list: async () => [...kept.keys()],
      read: async (id) => kept.get(id) as FailedBatch,
      remove: async (id) => void kept.delete(id),
      count: async () => kept.size,
    },
    readers: {
      async 'payment-audit'(event) {
        const { payments, unreadable: failed } = readBatch(event, decodeStreamImage, logger);
        audited.push(...payments.map(({ payment_id }) => payment_id));
        return failedFrom(failed);
      },
    },
    logger,
  });
  for (const _pass of [1, 2, 3]) expect(await recoverFailed(ALWAYS)).toBe(1);
  expect(audited).toEqual(ids);
});
