import { GetItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDynamoClient } from '../../src/adapters/dynamodb/dynamo-client.ts';
import { javaMissing } from '../../test/emulators/dynamodb-local.ts';
import { parseMix, readMix } from '../mix/mix.ts';
import { type MeteredCloud, startMeteredCloud } from './cloud/metered-cloud.ts';
import { createCountingMeter, type Meter } from './invocation.ts';
import { type Metered, meter } from './measure.ts';
import { type Cast, prepare } from './play/cast.ts';
import { planLives } from './play/lives.ts';
import { type PlayDeps, playRound } from './play/play-round.ts';

/** One of each life but the plain ones: few, since each costs the engine of DynamoDB a dozen writes. */
const mix = parseMix({
  ...readMix(),
  payments: 20,
  lives: { completed: 0.7, declined: 0.05, challenged: 0.05, captured: 0.1, canceled: 0.05, unknown: 0.05 },
  refundedShare: 0.05,
  replayedShare: 0.05,
});
const PLAIN_SEED = 500;
const PLANTED_SEED = 501;

describe.skipIf(javaMissing)('the meter', () => {
  let cloud: MeteredCloud;
  let cast: Cast;
  let deps: PlayDeps;
  let counting: Meter;

  beforeAll(async () => {
    cloud = await startMeteredCloud({ PSP_TIMEOUT_MS: '2500' });
    cast = await prepare(cloud, mix);
    ({ deps } = cast);
    counting = createCountingMeter({ cloud, mix, metrics: new Set() });
  }, 90_000);
  afterAll(async () => {
    deps.sources.close();
    await cloud.stop();
  });

  const plain = (seed: number) =>
    planLives(mix, seed)
      .filter(({ name, refundId, replayed }) => name === 'completed' && refundId === null && !replayed)
      .slice(0, 4)
      .map((life) => ({ ...life, reads: 1 }));

  it('finds five write units in a plain payment, one call to create it, and one to read it', async () => {
    const played = await playRound(deps, {
      meter: counting,
      lives: plain(PLAIN_SEED),
      workerBatch: 1,
      lists: 0,
    });
    const { create, get } = played.requests;
    expect([create.length, get.length, played.worker.length]).toEqual([4, 4, 4]);
    for (const { units } of create) {
      expect(units).toMatchObject({
        'calls.dynamodb.PutItem': 1,
        'dynamodb.write.payments': 1,
        'dynamodb.write.payments/status-index': 1,
        'wait.dynamodb': 1,
      });
      expect(units).not.toHaveProperty('calls.dynamodb.GetItem');
    }
    for (const { units } of played.worker) {
      expect(units).toMatchObject({
        'dynamodb.write.payments': 1,
        'dynamodb.write.payments/status-index': 2,
        'dynamodb.read.payments': 1,
        'wait.dynamodb': 2,
        'wait.psp': 1,
      });
    }
    for (const { units } of get) {
      expect(units).toMatchObject({ 'calls.dynamodb.GetItem': 1, 'dynamodb.read.payments': 1 });
    }
  });

  it('sees a call that somebody adds, under its own unit', async () => {
    const { api } = deps.functions;
    const client = createDynamoClient();
    const Key = { pk: { S: 'audit' }, sk: { S: 'head' } };
    const functions = {
      ...deps.functions,
      api: async (event: Parameters<typeof api>[0]) => {
        await client.send(new GetItemCommand({ TableName: cloud.tables.control, Key }));
        return api(event);
      },
    };
    const played = await playRound(
      { ...deps, functions },
      { meter: counting, lives: plain(PLANTED_SEED), workerBatch: 4, lists: 0 },
    );
    client.destroy();
    expect(played.worker.map(({ size }) => size)).toEqual([4]);
    for (const { units } of played.requests.create) {
      expect(units).toMatchObject({
        'calls.dynamodb.GetItem': 1,
        // Eventually consistent.
        'dynamodb.read.control': 0.5,
        'dynamodb.write.payments': 1,
        'wait.dynamodb': 2,
      });
    }
  });

  it('meters a whole mix: every life, every function, and each payment at the same price in every batch', {
    timeout: 60_000,
  }, async () => {
    const rungs = { relay: [1, 10], worker: [1, 10], audit: [1, 20], sweep: [0, 10] };
    const metered: Metered = await meter({ cloud, cast, mix, withProcessor: false, rungs });
    expect(metered.payments).toBe(40);
    expect(metered.requestsPerPayment).toMatchObject({
      create: 1,
      replay: 0.05,
      get: 0.2,
      list: mix.listsPerPayment,
      capture: 0.1,
      cancel: 0.05,
      refund: 0.05,
      callback: 0.05,
    });
    // Each payment's own, a capture, a cancel, a refund; and a look-up of what was not answered.
    expect(metered.perPayment.relay).toBe(1.2);
    expect(metered.perPayment.worker).toBe(1.25);
    const [one, ten] = metered.worker;
    expect(ten?.units['dynamodb.write.payments']).toBeCloseTo(
      10 * (one?.units['dynamodb.write.payments'] ?? 0),
      4,
    );
    expect(one?.units['psp.timeouts']).toBe(0.04);
    expect(metered.relay.map(({ units }) => units['sqs.SendMessageBatch'])).toEqual([1, 1]);
    expect(metered.audit[1]?.units).toMatchObject({
      's3.PutObject': 1,
      'dynamodb.write.control': 1,
      'wait.s3': 1,
      'wait.dynamodb': 1,
    });
    expect(metered.requests.replay).toMatchObject({ 'dynamodb.write.payments': 1, 'wait.dynamodb': 1 });
    expect(metered.sweep[1]?.units['logs.lines']).toBe(3);
    expect(metered.authorizer).toMatchObject({ 'dynamodb.read.payments': 1, 'sqs.GetQueueAttributes': 1 });
    expect(metered.customMetrics).toBe(11);
  });
});
