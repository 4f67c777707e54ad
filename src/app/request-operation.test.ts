import { describe, expect, it } from 'vitest';
import { derivedRefundId } from '../domain/hashes.ts';
import type { Operation } from '../domain/payment.ts';
import { createWorld, MERCHANT, type World } from './app.fixture.ts';
import type { CaptureFields, OperationAnswer, RefundFields } from './request-operation.ts';

const ref = { ...MERCHANT, payment_id: 'p1' };

function asked<Fields>(fields: Fields, idempotencyKey?: string) {
  return { ref, fields, idempotencyKey, actor: 'key_2' };
}

/** The id of the operation, with `again` if it was a replay; a refusal's code otherwise. */
function outcomeOf(answer: OperationAnswer): string {
  if ('refused' in answer) return answer.refused;
  return answer.replayed ? `${answer.operation.id} again` : answer.operation.id;
}

async function authorized(): Promise<World> {
  const world = createWorld();
  await world.paid({ capture_method: 'manual' });
  return world;
}

async function completed(): Promise<World> {
  const world = createWorld();
  await world.paid();
  return world;
}

const refund = async (world: World, fields: RefundFields, key?: string) =>
  outcomeOf(await world.operations.refund(asked(fields, key)));
const capture = async (world: World, fields: CaptureFields, key?: string) =>
  outcomeOf(await world.operations.capture(asked(fields, key)));
const cancel = async (world: World, key?: string) => outcomeOf(await world.operations.cancel(asked({}, key)));

describe('asking for an operation', () => {
  it('adds it pending and dispatched in one write, and asks no PSP', async () => {
    const world = await authorized();
    const before = await world.get();
    const answer = await world.operations.capture(asked({ amount: 400 }));
    const payment = await world.get();
    expect(answer).toEqual({ payment, operation: payment.operations.at(-1), replayed: false });
    expect(payment).toMatchObject({
      version: before.version + 1,
      status: 'authorized',
      dispatch: 'capture.3',
    });
    expect(payment.operations.at(-1)).toMatchObject({ kind: 'capture', amount: 400, outcome: 'pending' });
    expect(payment.history.at(-1)).toMatchObject({ actor: 'key_2' });
    expect(await world.truth()).toHaveLength(1);
  });

  it('captures, cancels and refunds at the PSP', async () => {
    const captured = await authorized();
    await capture(captured, {});
    await captured.drain();
    expect(await captured.get()).toMatchObject({ status: 'completed', amount_captured: 1_000 });

    const canceled = await authorized();
    await canceled.operations.cancel(asked({ reason: 'out of stock' }));
    await canceled.drain();
    expect(await canceled.get()).toMatchObject({ status: 'canceled', cancellation_reason: 'out of stock' });

    const refunded = await completed();
    await refund(refunded, { amount: 300, reason: 'broken', refund_id: 'r1' });
    await refunded.drain();
    expect(await refunded.get()).toMatchObject({ amount_refunded: 300, amount_refundable: 700 });
    expect((await refunded.get()).operations.at(-1)).toMatchObject({ id: 'r1', reason: 'broken' });
  });

  it('takes null for an absent amount and reason', async () => {
    const world = await authorized();
    await capture(world, { amount: null });
    await world.drain();
    expect(await refund(world, { amount: null, reason: null, refund_id: null })).toMatch(/^re_[a-z0-9]{26}$/);
    expect((await world.get()).operations.at(-1)).toMatchObject({ amount: 1_000, reason: null });
  });

  it('does not find a payment that is not there, of another merchant, or of the other mode', async () => {
    const world = await completed();
    for (const other of [{ payment_id: 'p2' }, { merchant_id: 'm_2' }, { livemode: true }]) {
      const elsewhere = { ...asked({}), ref: { ...ref, ...other } };
      for (const ask of [world.operations.capture, world.operations.cancel, world.operations.refund]) {
        expect(await ask(elsewhere)).toEqual({ refused: 'not_found' });
      }
    }
  });

  it('says why the state of the payment refuses it, and writes nothing', async () => {
    const world = await completed();
    const before = await world.get();
    expect(await world.operations.capture(asked({}))).toEqual({
      refused: 'payment_not_capturable',
      detail: expect.stringContaining('completed'),
    });
    expect(await cancel(world)).toBe('payment_not_cancelable');
    expect(await refund(world, { amount: 1_001 })).toBe('refund_exceeds_captured');
    expect(await world.get()).toEqual(before);
  });
});

describe('asking again (invariant 3)', () => {
  it('replays the same key and request whatever the payment has become, with the operation as it is now', async () => {
    const world = await authorized();
    await capture(world, { amount: 400 }, 'k');
    await world.drain();
    await refund(world, { amount: 100 });
    const payment = await world.get();
    const operation = payment.operations[1] as Operation;
    expect(operation).toMatchObject({ outcome: 'succeeded' });
    expect(await world.operations.capture(asked({ amount: 400 }, 'k'))).toEqual({
      payment,
      operation,
      replayed: true,
    });
    expect(await world.get()).toEqual(payment);
  });

  it('refuses the same key with another request before it looks at the state', async () => {
    const world = await authorized();
    await capture(world, { amount: 400 }, 'k');
    await world.drain();
    expect(await capture(world, { amount: 401 }, 'k')).toBe('idempotency_mismatch');
    expect(await capture(world, {}, 'k')).toBe('idempotency_mismatch');
  });

  it('keeps the keys of the routes and of the payments apart', async () => {
    const world = await authorized();
    await capture(world, {}, 'k');
    await world.drain();
    expect(await refund(world, { amount: 1 }, 'k')).toBe(derivedRefundId(ref, 'k'));
    await world.paid({ payment_id: 'p2' });
    const other = { ...asked({ amount: 1 }, 'k'), ref: { ...ref, payment_id: 'p2' } };
    expect(await world.operations.refund(other)).toMatchObject({ replayed: false });
    expect(await cancel(world, 'k')).toBe('payment_not_cancelable');
  });

  it('replays the refund of a refund_id, and the refund of a key alone', async () => {
    const world = await completed();
    expect(await refund(world, { amount: 100, refund_id: 'r1' })).toBe('r1');
    expect(await refund(world, { amount: 100, refund_id: 'r1' })).toBe('r1 again');
    expect(await refund(world, { amount: 200, refund_id: 'r1' })).toBe('idempotency_mismatch');
    const id = derivedRefundId(ref, 'k');
    expect(await refund(world, { amount: 50 }, 'k')).toBe(id);
    expect(await refund(world, { amount: 50 }, 'k')).toBe(`${id} again`);
    expect(await refund(world, { amount: 60 }, 'k')).toBe('idempotency_mismatch');
    await world.drain();
    expect((await world.get()).amount_refunded).toBe(150);
  });

  it('takes the key for part of the request where a refund_id names the refund', async () => {
    const world = await completed();
    expect(await refund(world, { amount: 100, refund_id: 'r1' }, 'k')).toBe('r1');
    expect(await refund(world, { amount: 100, refund_id: 'r1' }, 'k')).toBe('r1 again');
    expect(await refund(world, { amount: 100, refund_id: 'r1' }, 'other')).toBe('idempotency_mismatch');
    expect(await refund(world, { amount: 100, refund_id: 'r1' })).toBe('idempotency_mismatch');
    expect(await refund(world, { amount: 100, refund_id: 'r2' }, 'k')).toBe('idempotency_mismatch');
  });

  it('makes a refund each of equal requests that name no key', async () => {
    const world = await completed();
    await refund(world, { amount: 100 });
    await refund(world, { amount: 100 });
    await world.drain();
    expect((await world.get()).amount_refunded).toBe(200);
  });

  it('stores nothing of a request that is refused, so that its key is free', async () => {
    const world = await completed();
    expect(await refund(world, { amount: 2_000, refund_id: 'r1' }, 'k')).toBe('refund_exceeds_captured');
    expect(await refund(world, { amount: 1_000, refund_id: 'r1' }, 'k')).toBe('r1');
  });
});

describe('asking at once', () => {
  it('lets exactly one of two refunds of 60 on 100 through (invariant 4)', async () => {
    const world = createWorld();
    await world.paid({ amount: 100 });
    const outcomes = await Promise.all([
      refund(world, { amount: 60, refund_id: 'r1' }),
      refund(world, { amount: 60, refund_id: 'r2' }),
    ]);
    expect(outcomes).toEqual(['r1', 'refund_exceeds_captured']);
    await world.drain();
    expect(await world.get()).toMatchObject({ amount_refunded: 60, amount_refundable: 40 });
  });

  it('lets exactly one of a capture and a cancel through', async () => {
    const world = await authorized();
    expect(await Promise.all([capture(world, {}), cancel(world)])).toEqual([
      'capture.3',
      'operation_in_progress',
    ]);
    await world.drain();
    expect((await world.truth()).map(({ kind }) => kind)).toEqual(['authorize', 'capture']);
  });

  it('makes one refund of fifty equal requests, with fifty equal answers', async () => {
    const world = await completed();
    const asks = Array.from({ length: 50 }, () => refund(world, { amount: 10 }, 'k'));
    const id = derivedRefundId(ref, 'k');
    const outcomes = await Promise.all(asks);
    expect(outcomes.filter((outcome) => outcome === id)).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === `${id} again`)).toHaveLength(49);
    await world.drain();
    expect((await world.get()).amount_refunded).toBe(10);
  });

  it('decides again after a write that the worker won', async () => {
    const world = await completed();
    await refund(world, { amount: 100, refund_id: 'r1' });
    const { update } = world.store;
    // The worker settles the first refund between the second one's read and its write.
    let beaten = false;
    world.store.update = async (next) => {
      if (!beaten) {
        beaten = true;
        await world.drain();
      }
      return update(next);
    };
    expect(await refund(world, { amount: 900, refund_id: 'r2' })).toBe('r2');
    world.store.update = update;
    await world.drain();
    expect(await world.get()).toMatchObject({ amount_refunded: 1_000, amount_refundable: 0 });
  });
});
