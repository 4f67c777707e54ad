import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { toPaymentItem } from '../../src/adapters/dynamodb/payment-item.ts';
import { createFakeClock } from '../../src/adapters/memory/fake-clock.ts';
import { newPayment } from '../../src/ports/payment-store.fixture.ts';
import { createEngine } from '../engine/engine.ts';
import { createRandom } from '../engine/random.ts';
import { createTrace } from '../engine/trace.ts';
import { createDynamoModel } from '../models/dynamo-model.ts';
import { changesPayment } from '../models/dynamo-stream.ts';
import { createStreamPoller } from './aws-stream-poller.ts';
import { FAULT_KINDS, type FaultRates } from './faults.ts';
import { createWorld } from './world.ts';

const SURE = 1;

function open(
  handle: (names: readonly string[], event: DynamoDBStreamEvent) => DynamoDBBatchResponse | 'failed',
  given: Partial<FaultRates> = {},
) {
  const engine = createEngine(0, createTrace());
  const rates = Object.fromEntries(FAULT_KINDS.map((kind) => [kind, given[kind] ?? 0])) as FaultRates;
  const observer = { see: () => undefined };
  const world = createWorld({ engine, random: createRandom(1n), rates, met: {}, observer });
  const dynamo = createDynamoModel({ clock: createFakeClock(0), shards: 1 });
  const invoked: string[][] = [];
  const putAside: string[][] = [];
  let lost = 0;
  const poller = createStreamPoller(world, {
    reader: 'reader',
    stream: dynamo.stream,
    shard: 0,
    filter: changesPayment,
    batchSize: 4,
    windowMs: 10,
    async invoke(event) {
      invoked.push(namesOf(event));
      return handle(namesOf(event), event);
    },
    onLost: () => {
      lost += 1;
    },
    giveUp: (event) => void putAside.push(namesOf(event)),
  });
  return {
    invoked,
    putAside,
    poller,
    lost: () => lost,
    async write(...names: string[]) {
      for (const payment_id of names) dynamo.payments.put(toPaymentItem(newPayment({ payment_id }), 0));
      poller.wake();
      expect(await engine.run(10_000)).toBeNull();
    },
  };
}

function namesOf({ Records }: DynamoDBStreamEvent): string[] {
  return Records.map(({ dynamodb }) => dynamodb?.NewImage?.pk?.S?.split('#').at(-1) ?? '');
}

const done = (): DynamoDBBatchResponse => ({ batchItemFailures: [] });

describe('a poller of the stream', () => {
  it('gives every change once, in order, in batches, also what comes later', async () => {
    const { write, invoked, poller } = open(done);
    await write('a', 'b', 'c', 'd', 'e');
    await write('f');
    expect(invoked).toEqual([['a', 'b', 'c', 'd'], ['e'], ['f']]);
    expect(poller.lag).toBe(0);
  });

  it('goes on from the record that was told as failed', async () => {
    let tries = 0;
    const { write, invoked } = open((names, { Records }) => {
      tries += 1;
      const failed = Records[names.indexOf('c')]?.dynamodb?.SequenceNumber ?? '';
      return tries === 1 ? { batchItemFailures: [{ itemIdentifier: failed }] } : done();
    });
    await write('a', 'b', 'c', 'd');
    expect(invoked).toEqual([
      ['a', 'b', 'c', 'd'],
      ['c', 'd'],
    ]);
  });

  it('splits what throws until the record that does it is alone, and puts that one aside', async () => {
    const { write, invoked, putAside, poller } = open((names) => (names.includes('b') ? 'failed' : done()));
    await write('a', 'b', 'c', 'd');
    expect(putAside).toEqual([['b']]);
    expect(invoked.slice(0, 3)).toEqual([['a', 'b', 'c', 'd'], ['a', 'b'], ['a']]);
    expect(invoked.filter((names) => !names.includes('b'))).toEqual([['a'], ['c', 'd']]);
    expect(poller.lag).toBe(0);
  });

  it('puts a batch aside whole that is told as failed from its beginning again and again', async () => {
    const { write, putAside, invoked } = open((_names, { Records }) => ({
      batchItemFailures: [{ itemIdentifier: Records[0]?.dynamodb?.SequenceNumber ?? '' }],
    }));
    await write('a', 'b');
    expect(putAside).toEqual([['a', 'b']]);
    expect(invoked).toHaveLength(11);
  });

  it('may lose records for good, and says so', async () => {
    const { write, invoked, lost } = open(done, { streamRecordLost: SURE });
    await write('a', 'b');
    expect([invoked, lost()]).toEqual([[], 2]);
  });
});
