import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, it } from 'vitest';
import { UnavailableError } from '../ports/faults.ts';
import { connectThreads, type Line } from './calls.ts';

const handlers = {
  double: (n: number) => n * 2,
  later: async (n: number) => {
    await new Promise<void>((resolve) => setImmediate(resolve));
    return [n];
  },
  fails: () => {
    throw new TypeError('a fault of ours');
  },
  unavailable: async () => {
    throw new UnavailableError('the disk is full');
  },
  nothing: () => undefined,
  never: () => new Promise<never>(() => undefined),
};
type Ours = typeof handlers;
const names = ['double', 'later', 'fails', 'unavailable', 'nothing', 'never'] as const;

const lines: Line<Ours>[] = [];
afterEach(() => {
  for (const line of lines.splice(0)) line.close();
});

function connected() {
  const { port1, port2 } = new MessageChannel();
  const batches: unknown[][] = [];
  port2.on('message', (batch: unknown[]) => batches.push(batch));
  const asker = connectThreads<Ours>(port1, { handlers: {}, names: [] }, names);
  const answerer = connectThreads<Ours>(port2, { handlers, names }, []);
  lines.push(asker, answerer);
  return { asker, answerer, batches };
}

describe('calls between threads', () => {
  it('are answered each with its own value, whatever the order in which they end', async () => {
    const { calls } = connected().asker;
    const all = [calls.later(1), calls.double(2), calls.nothing(), calls.later(3), calls.double(4)];
    expect(await Promise.all(all)).toEqual([[1], 4, undefined, [3], 8]);
  });

  it('of one turn go in one message', async () => {
    const { asker, batches } = connected();
    await Promise.all([1, 2, 3].map((n) => asker.calls.double(n)));
    expect(batches.map(({ length }) => length)).toEqual([3]);
    await asker.calls.double(4);
    expect(batches.map(({ length }) => length)).toEqual([3, 1]);
  });

  it('keep the kind of a fault: what is unavailable stays so, and a bug stays a bug with its stack', async () => {
    const { calls } = connected().asker;
    const unavailable = await calls.unavailable().catch((error: unknown) => error);
    expect(unavailable).toBeInstanceOf(UnavailableError);
    expect((unavailable as Error).message).toBe('the disk is full');
    const bug = (await calls.fails().catch((error: unknown) => error)) as Error;
    expect(bug).not.toBeInstanceOf(UnavailableError);
    expect([bug.message, bug.stack?.includes('calls.test.ts')]).toEqual(['a fault of ours', true]);
  });

  it('without an answer end when the line is closed, and so does whoever asks afterwards', async () => {
    const { asker } = connected();
    const waiting = asker.calls.never();
    await asker.calls.double(1);
    asker.close();
    await expect(waiting).rejects.toThrow(UnavailableError);
    await expect(asker.calls.double(1)).rejects.toThrow('has ended');
  });
});
