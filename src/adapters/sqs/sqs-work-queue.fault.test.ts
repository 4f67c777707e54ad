import { type BatchResultErrorEntry, type SQSClient, SQSServiceException } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Fauxqs, startFauxqs } from '../../../test/emulators/fauxqs.ts';
import { UnavailableError } from '../../ports/faults.ts';
import type { WorkItem, WorkQueue } from '../../ports/work-queue.ts';
import { memoryDeadLetters } from './dead-letters.fixture.ts';
import { createSqsClient } from './sqs-client.ts';
import { createSqsWorkQueue, type SqsWorkQueueDeps } from './sqs-work-queue.ts';

interface Call {
  name: string;
  input: {
    Entries?: { Id: string; DelaySeconds?: number }[];
    MaxNumberOfMessages?: number;
    WaitTimeSeconds?: number;
  };
}
/** Answers in the place of SQS, or lets a call pass with its input as it is then. */
type Intercept = (call: Call, nth: number) => { output: object } | undefined;

const items: WorkItem[] = Array.from({ length: 64 }, (_, n) => ({
  merchant_id: 'm_1',
  livemode: false,
  payment_id: 'p1',
  operation_id: `refund.${n}`,
  attempt: 0,
}));

describe('the SQS work queue when SQS fails', () => {
  let emulator: Fauxqs;
  let client: SQSClient;
  let deps: SqsWorkQueueDeps;
  let queue: WorkQueue;
  let calls: Call[];
  let pausesMs: number[];
  let intercept: Intercept;

  beforeAll(async () => {
    emulator = await startFauxqs();
  });

  afterAll(() => emulator.stop());

  beforeEach(async () => {
    calls = [];
    pausesMs = [];
    intercept = () => undefined;
    client = createSqsClient(emulator.settings);
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const call = { name: context.commandName as string, input: args.input as Call['input'] };
        calls.push(structuredClone(call));
        const instead = intercept(call, calls.length);
        if (instead) return { response: {}, output: { $metadata: {}, ...instead.output } } as never;
        return next(args);
      },
      { step: 'initialize' },
    );
    const queues = await emulator.createQueues({ visibilityTimeoutMs: 30_000, maxReceives: 5 });
    const ignore = () => undefined;
    deps = {
      client,
      ...queues,
      timers: { sleep: async (ms) => void pausesMs.push(ms) },
      ids: { random: () => 0.5 },
      deadLetters: memoryDeadLetters({ now: () => 0 }),
      logger: { debug: ignore, info: ignore, warn: ignore, error: ignore },
    };
    queue = createSqsWorkQueue(deps);
    return () => client.destroy();
  });

  const fails = (given: Partial<BatchResultErrorEntry>, ids: readonly string[] = ['0']) => ({
    output: {
      Failed: ids.map((Id) => ({ Id, SenderFault: false, Code: 'InternalError', ...given })),
    },
  });

  const answers = (name: string, status: number) => () => {
    throw new SQSServiceException({
      name,
      $fault: 'client',
      message: 'injected',
      $metadata: { httpStatusCode: status },
    });
  };

  it('gives again what a request did not take, and only that', async () => {
    intercept = ({ input }, nth) => {
      if (nth > 1) return undefined;
      // Two of ten are left out; the others are sent for good by the calls that follow.
      const ids = input.Entries?.map(({ Id }) => Id) ?? [];
      return fails({ Code: 'ThrottlingException', SenderFault: true }, ids.slice(3, 5));
    };
    await queue.send(items.slice(0, 10));
    expect(calls.map(({ input }) => input.Entries?.length)).toEqual([10, 2]);
    expect(pausesMs).toEqual([50]);
    const got = await queue.receive(10);
    expect(got.map(({ item }) => item.operation_id).sort()).toEqual(['refund.3', 'refund.4']);
  });

  it('gives up after a bounded number of rounds with growing pauses', async () => {
    intercept = () => fails({});
    await expect(queue.send(items.slice(0, 1))).rejects.toThrow(UnavailableError);
    expect(calls).toHaveLength(5);
    expect(pausesMs).toEqual([50, 100, 200, 400]);
  });

  it('does not repeat what SQS calls wrong', async () => {
    intercept = () => fails({ SenderFault: true, Code: 'InvalidMessageContents', Message: 'no' });
    const sent = queue.send(items.slice(0, 1));
    await expect(sent).rejects.toThrow('sender is at fault: InvalidMessageContents: no');
    await expect(sent).rejects.not.toThrow(UnavailableError);
    expect(calls).toHaveLength(1);
  });

  it.each([
    { SenderFault: true, Code: 'ReceiptHandleIsInvalid' },
    { SenderFault: true, Code: 'InvalidParameterValue', Message: 'Reason: The receipt handle has expired.' },
  ])('ignores receipts that are no longer good: $Code', async (failure) => {
    intercept = () => fails(failure);
    await queue.ack(['stale']);
    expect(calls).toHaveLength(1);
  });

  it('does not ignore anything else that an acknowledgement meets', async () => {
    intercept = () => fails({ Code: 'ServiceUnavailable' });
    await expect(queue.ack(['good'])).rejects.toThrow(UnavailableError);
    intercept = () => fails({ SenderFault: true, Code: 'InvalidParameterValue', Message: 'no' });
    await expect(queue.ack(['good'])).rejects.toThrow('sender is at fault');
  });

  it.each([
    ['ServiceUnavailable', 503],
    ['ThrottlingException', 400],
    ['RequestThrottled', 403],
    ['KmsThrottled', 400],
    ['AccessDeniedException', 400],
    ['QueueDoesNotExist', 400],
  ])('is unavailable when SQS answers %s', async (name, status) => {
    intercept = answers(name, status);
    for (const asked of [
      () => queue.send(items.slice(0, 1)),
      () => queue.receive(1),
      () => queue.ack(['r']),
      () => queue.depth(),
      () => queue.deadLetters(1),
      () => queue.deadLetterCount(),
    ])
      await expect(asked()).rejects.toThrow(UnavailableError);
  });

  it('is unavailable when nobody answers', async () => {
    const nowhere = createSqsClient({
      ...emulator.settings,
      endpoint: 'http://127.0.0.1:1',
      maxAttempts: 1,
    });
    const lost = createSqsWorkQueue({ ...deps, client: nowhere });
    await expect(lost.receive(1)).rejects.toThrow(UnavailableError);
    await expect(lost.send(items.slice(0, 1))).rejects.toThrow(/^Work could not be sent to the queue/);
    nowhere.destroy();
  });

  it('does not call a bug unavailable', async () => {
    intercept = answers('InvalidParameterValue', 400);
    await expect(queue.receive(1)).rejects.toThrow(SQSServiceException);
  });

  it.each([900_001, -1, Number.NaN, Number.POSITIVE_INFINITY])(
    'refuses a delay of %s ms, and sends nothing',
    async (delayMs) => {
      await expect(queue.send(items, delayMs)).rejects.toThrow(RangeError);
      expect(calls).toEqual([]);
    },
  );

  it('never sends earlier than it was asked to, though SQS counts in seconds', async () => {
    for (const delayMs of [0, 1, 1_000, 1_001, 900_000]) await queue.send(items.slice(0, 1), delayMs);
    const delays = calls.map(({ input }) => input.Entries?.[0]?.DelaySeconds);
    expect(delays).toEqual([undefined, 1, 1, 2, 900]);
  });

  it('asks an idle queue once, whatever the limit', async () => {
    expect(await queue.receive(64)).toEqual([]);
    expect(calls).toHaveLength(1);
  });

  it('fills a large limit with requests of ten at the most', async () => {
    await queue.send(items);
    calls.length = 0;
    expect(await queue.receive(64)).toHaveLength(64);
    expect(calls.map(({ input }) => input.MaxNumberOfMessages)).toEqual([10, 10, 10, 10, 10, 10, 4]);
  });

  it('hands on what it received though another request failed', async () => {
    await queue.send(items.slice(0, 20));
    calls.length = 0;
    intercept = (_, nth) => (nth === 2 ? answers('InternalError', 500)() : undefined);
    expect(await queue.receive(30)).toHaveLength(20);
  });

  it('leaves in the dead-letter queue what the list did not take', async () => {
    const { queueUrl, dlqUrl, deadLetters } = deps;
    await createSqsWorkQueue({ ...deps, queueUrl: dlqUrl }).send(items.slice(0, 2));
    let broken = true;
    const list: SqsWorkQueueDeps['deadLetters'] = {
      ...deadLetters,
      async put(item, reason) {
        if (broken && item.operation_id === 'refund.1') throw new UnavailableError('injected');
        await deadLetters.put(item, reason);
      },
    };
    const drained = createSqsWorkQueue({ ...deps, queueUrl, deadLetters: list });
    await expect(drained.deadLetters(10)).rejects.toThrow('injected');
    expect(calls.map(({ name }) => name)).not.toContain('DeleteMessageBatchCommand');
    broken = false;
    // The list has one, and both are still in flight in the dead-letter queue.
    expect(await drained.deadLetterCount()).toBeGreaterThanOrEqual(2);
  });

  it('waits for a first message if told so, and for no further ones', async () => {
    const patient = createSqsWorkQueue({ ...deps, waitSeconds: 20 });
    const handle = vi.spyOn(client.config.requestHandler, 'handle');
    const waiting = patient.receive(64);
    await queue.send(items.slice(0, 3));
    expect((await waiting).length).toBeGreaterThan(0);
    // The SDK's own time-out must not end the wait.
    expect(handle.mock.calls[0]?.[1]).toMatchObject({ requestTimeout: 23_000 });
    const received = calls.filter(({ name }) => name === 'ReceiveMessageCommand');
    expect(received.map(({ input }) => input.WaitTimeSeconds)).toEqual([20]);
  });

  it('does not wait for more when it has some', async () => {
    await queue.send(items.slice(0, 10));
    calls.length = 0;
    const patient = createSqsWorkQueue({ ...deps, waitSeconds: 20 });
    expect(await patient.receive(25)).toHaveLength(10);
    expect(calls.map(({ input }) => input.WaitTimeSeconds)).toEqual([20, 0, 0]);
  });
});
