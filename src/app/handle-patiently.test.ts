import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../adapters/memory/fake-clock.ts';
import { createFakeTimers } from '../adapters/memory/fake-timers.ts';
import { UnavailableError } from '../ports/faults.ts';
import type { Delivery } from '../ports/work-queue.ts';
import { settled } from './app.fixture.ts';
import { handlePatiently, MAX_TRIES, RETRY_PAUSE_MS } from './handle-patiently.ts';

const DELIVERY: Delivery = {
  receipt: '1.1',
  receiveCount: 1,
  item: { merchant_id: 'm_1', livemode: false, payment_id: 'p1', operation_id: 'charge.1', attempt: 0 },
};
const FULL = new UnavailableError('the disk is full');
const BUG = new TypeError('x is not a function');

/** @param failures what the first tries end with */
function start(failures: readonly Error[]) {
  const clock = createFakeClock(0);
  const timers = createFakeTimers(clock);
  const stopping = new AbortController();
  const received: number[] = [];
  const handle = async ({ receiveCount }: Delivery) => {
    received.push(receiveCount);
    const failure = failures[received.length - 1];
    if (failure) throw failure;
  };
  const state = { outcome: 'waiting' as unknown };
  const told: unknown[] = [];
  const patience = { timers, stopping: stopping.signal, onFault: (error: unknown) => void told.push(error) };
  handlePatiently({ handle }, DELIVERY, patience).then(
    () => {
      state.outcome = 'done';
    },
    (error: unknown) => {
      state.outcome = error;
    },
  );
  async function advance(ms: number): Promise<void> {
    await settled();
    clock.advance(ms);
    await settled();
  }
  return { timers, advance, stopping, received, told, state };
}

describe('a message that the store did not let be handled', () => {
  it('is tried again after a pause, as one that was received before', async () => {
    const { timers, advance, received, told, state } = start([FULL, FULL]);
    await advance(RETRY_PAUSE_MS - 1);
    expect(received).toEqual([1]);
    await advance(1);
    await advance(RETRY_PAUSE_MS);
    expect([received, state.outcome]).toEqual([[1, 2, 3], 'done']);
    expect(told).toEqual([FULL]);
    expect(timers.pending()).toBe(0);
  });

  it('is left to the queue after so many tries', async () => {
    const { advance, received, state } = start(Array.from({ length: MAX_TRIES + 1 }, () => FULL));
    for (let n = 0; n < MAX_TRIES + 1; n++) await advance(RETRY_PAUSE_MS);
    expect([received.length, state.outcome]).toEqual([MAX_TRIES, FULL]);
  });

  it('is left to the queue when the process stops', async () => {
    const { timers, advance, stopping, received, state } = start([FULL, FULL]);
    await advance(1);
    stopping.abort();
    await advance(1);
    expect([received, state.outcome]).toEqual([[1], FULL]);
    expect(timers.pending()).toBe(0);
  });
});

it('a fault of ours is not tried again', async () => {
  const { advance, received, state } = start([BUG]);
  await advance(RETRY_PAUSE_MS);
  expect([received, state.outcome]).toEqual([[1], BUG]);
});
