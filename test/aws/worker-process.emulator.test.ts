import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleFleet } from '../../infra/bundles.ts';
import { createLineLogger } from '../../src/adapters/lines/line-logger.ts';
import { createSystemClock } from '../../src/adapters/system/system-clock.ts';
import { runIn } from '../../src/cli/cli.fixture.ts';
import type { WorkQueue } from '../../src/ports/work-queue.ts';
import { awsBase, awsQueue, awsStore } from '../../src/wiring-aws/parts.ts';
import { javaMissing } from '../emulators/dynamodb-local.ts';
import { type InstanceMetadataStandIn, startInstanceMetadata } from '../emulators/instance-metadata.ts';
import { type Program, startProgram, until } from './child-process.fixture.ts';
import { type Cloud, startCloud } from './cloud.fixture.ts';

const CLI = 'src/entrypoints/cli.ts';
/** More than SQS gives in one answer. */
const AT_ONCE = 12;

describe.skipIf(javaMissing)('the worker as a process', () => {
  let cloud: Cloud;
  let queue: WorkQueue;
  let store: ReturnType<typeof awsStore>['store'];
  let metadata: InstanceMetadataStandIn;
  const accepted: string[] = [];
  let settledByFirst = 0;

  beforeAll(async () => {
    metadata = await startInstanceMetadata();
    // Work that takes a while: told to stop, a worker has some in hand.
    cloud = await startCloud({
      LOG_LEVEL: 'info',
      SIMULATOR_LATENCY_MS: '1500',
      HEALTH_PORT: '0',
      AWS_EC2_METADATA_DISABLED: 'true',
    });
    const base = awsBase(cloud.config, createLineLogger('silent', createSystemClock()));
    const parts = awsStore(base);
    store = parts.store;
    queue = awsQueue(base, parts);
  }, 90_000);

  afterAll(async () => {
    await Promise.all([cloud.stop(), metadata.stop()]);
  });

  /** Accepts payments, and dispatches them as the relay does. */
  async function dispatch(prefix: string, count: number): Promise<void> {
    const ids = Array.from({ length: count }, (_, n) => `${prefix}-${n}`);
    const rows = ids.map((payment_id) => JSON.stringify({ payment_id, amount: 5 })).join('\n');
    expect(await runIn(process.env, ['payments', 'create', '--json'], rows)).toMatchObject({ exit: 0 });
    await queue.send(
      ids.map((payment_id) => ({
        merchant_id: 'demo',
        livemode: false,
        payment_id,
        operation_id: 'charge.1',
        attempt: 0,
      })),
    );
    accepted.push(...ids);
  }

  /** A port of the process on this machine, once it has said that it takes work. */
  async function healthOf(worker: Program): Promise<() => Promise<{ status: number; in_hand: number }>> {
    const port = await until('health check', worker, async () => {
      return /"health_port":(\d+)/.exec(worker.said())?.[1] ?? null;
    });
    return async () => {
      const response = await fetch(`http://127.0.0.1:${port}`);
      const { in_hand } = (await response.json()) as { in_hand: number };
      return { status: response.status, in_hand };
    };
  }

  async function untilInHand(worker: Program, health: () => Promise<{ in_hand: number }>): Promise<void> {
    await until('work in hand', worker, async () => ((await health()).in_hand > 0 ? true : null));
  }

  /** What it took is settled and acknowledged, what it did not take is there for others, and nothing is between. */
  async function expectNothingLost(): Promise<number> {
    const payments = await Promise.all(
      accepted.map((payment_id) => store.get({ merchant_id: 'demo', livemode: false, payment_id })),
    );
    const settled = payments.filter((payment) => payment?.status === 'completed').length;
    const depth = await queue.depth();
    expect({ ...depth, all: settled + depth.waiting }).toEqual({
      waiting: depth.waiting,
      delayed: 0,
      inFlight: 0,
      all: accepted.length,
    });
    return settled;
  }

  it('finishes what it has in hand when it is told to stop, and exits with 0', {
    timeout: 60_000,
  }, async () => {
    await dispatch('term', AT_ONCE);
    const worker = startProgram([CLI, 'worker']);
    const health = await healthOf(worker);
    await untilInHand(worker, health);
    expect((await health()).status).toBe(200);
    worker.signal('SIGTERM');
    await until('draining', worker, async () => (worker.said().includes('draining') ? true : null));
    // It may be waiting for messages just then. What that brings it must not drop, nor may it be hidden from others.
    await dispatch('late', 1);
    expect(await worker.exited).toBe(0);
    expect(worker.said()).toMatch(/"reason":"SIGTERM".*\n(.*\n)*.*"msg":"drained"/);
    settledByFirst = await expectNothingLost();
    expect(settledByFirst).toBeGreaterThan(0);
  });

  it('does the same, as the fleet’s bundle, when its instance is about to be taken away', {
    timeout: 60_000,
  }, async () => {
    const file = join(bundleFleet(), 'tollgate-worker.mjs');
    const worker = startProgram([file], {
      AWS_EC2_METADATA_DISABLED: 'false',
      AWS_EC2_METADATA_SERVICE_ENDPOINT: metadata.endpoint,
    });
    const health = await healthOf(worker);
    await until('look at the metadata', worker, async () => (metadata.looks > 0 ? true : null));
    await dispatch('spot', AT_ONCE);
    await untilInHand(worker, health);
    metadata.interrupt();
    await until('draining', worker, async () => (worker.said().includes('draining') ? true : null));
    await dispatch('later', 1);
    expect(await worker.exited).toBe(0);
    expect(worker.said()).toMatch(/"reason":"spot interruption: .*terminate/);
    expect(await expectNothingLost()).toBeGreaterThan(settledByFirst);
  });

  it('does not start without its settings, and says which', async () => {
    const worker = startProgram([CLI, 'worker'], { TABLE_NAME: '' });
    expect(await worker.exited).toBe(2);
    expect(worker.said()).toMatch(/^Which deployment .*TABLE_NAME.*--environment dev123.*\n$/);
  });

  it('does not start where nothing is reached, and says so without a stack trace', async () => {
    const nowhere = { AWS_ENDPOINT_URL_SECRETS_MANAGER: 'http://127.0.0.1:1' };
    const file = join(bundleFleet(), 'tollgate-worker.mjs');
    for (const worker of [startProgram([CLI, 'worker'], nowhere), startProgram([file], nowhere)]) {
      expect(await worker.exited).toBe(4);
      expect(worker.said()).toMatch(/^The secret could not be read.*ECONNREFUSED.*\n$/);
    }
  });
});
