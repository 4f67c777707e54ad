import { describe, expect, it } from 'vitest';
import { aNextAction, anOperation, aPayment } from '../domain/payment.fixture.ts';
import { UnavailableError } from '../ports/faults.ts';
import { createWorld, MERCHANT } from './app.fixture.ts';
import { createScriptedPsp, NO_ANSWER, SUCCEEDS } from './scripted-psp.fixture.ts';

const ref = { ...MERCHANT, payment_id: 'p1' };
const item = { ...ref, operation_id: 'charge.1', attempt: 0 };
const asSucceeded = { as: 'succeeded', reason: 'It stands on the statement.' } as const;
const asFailed = { as: 'failed', reason: 'The PSP says no.' } as const;

/** A charge that nobody answered for, on the list of dead letters. */
async function unknown() {
  const psp = createScriptedPsp();
  psp.will({ execute: [NO_ANSWER], lookup: [NO_ANSWER] });
  const world = createWorld({ connectors: () => [psp] });
  await world.paid();
  await world.queue.deadLetter(item, 'unknown');
  return { psp, world };
}

describe('resolving an operation', () => {
  it.each([
    [asSucceeded, { status: 'completed', amount_captured: 1_000, failure: null }],
    [asFailed, { status: 'failed', failure: { code: 'resolved_as_failed' } }],
  ])('settles it as the person says, with the reason in the history: $as', async (given, expected) => {
    const { world } = await unknown();
    const answer = await world.resolve(ref, 'charge.1', given);
    const payment = await world.get();
    expect(answer).toEqual({ ok: true, payment });
    expect(payment).toMatchObject(expected);
    expect(payment.history.at(-1)).toMatchObject({
      kind: 'resolve',
      actor: 'operator',
      reason: given.reason,
    });
    expect(await world.queue.deadLetterCount()).toBe(0);
  });

  it('leaves other dead letters where they are', async () => {
    const { world } = await unknown();
    await world.queue.deadLetter({ ...item, operation_id: 'r1' }, 'unknown');
    await world.queue.deadLetter({ ...item, merchant_id: 'm_2' }, 'unknown');
    await world.resolve(ref, 'charge.1', asFailed);
    expect(await world.queue.deadLetterCount()).toBe(2);
  });

  it.each([
    ['a payment that there is not', { payment_id: 'p9' }, 'charge.1', 'no payment p9'],
    ["another merchant's payment", { merchant_id: 'm_2' }, 'charge.1', 'no payment p1 of merchant m_2'],
    ['an operation that there is not', {}, 'r9', 'has no operation "r9"'],
  ])('refuses %s, and says why', async (_what, other, operationId, detail) => {
    const { world } = await unknown();
    expect(await world.resolve({ ...ref, ...other }, operationId, asFailed)).toEqual({
      ok: false,
      detail: expect.stringContaining(detail),
    });
    expect(await world.queue.deadLetterCount()).toBe(1);
    expect((await world.get()).version).toBe(2);
  });

  it('happens once: what is settled is not settled again, and not the other way round', async () => {
    const { world } = await unknown();
    await world.resolve(ref, 'charge.1', asSucceeded);
    const before = await world.get();
    expect(await world.resolve(ref, 'charge.1', asFailed)).toMatchObject({ ok: false });
    expect(await world.get()).toEqual(before);
  });

  it('gives way to the PSP where its answer was faster', async () => {
    const { psp, world } = await unknown();
    const { update } = world.store;
    world.store.update = async (next) => {
      world.store.update = update;
      psp.will({ lookup: [SUCCEEDS] });
      await world.queue.send([item]);
      await world.worker.step();
      return update(next);
    };
    expect(await world.resolve(ref, 'charge.1', asFailed)).toMatchObject({ ok: false });
    expect(await world.get()).toMatchObject({ status: 'completed' });
    expect(await world.queue.deadLetterCount()).toBe(0);
  });

  it('leaves a hold on the list that cannot have succeeded again, and takes it off when it is released', async () => {
    const world = createWorld();
    const hold = anOperation({ kind: 'authorize', dead_lettered_at: '2026-01-01T00:00:00.000Z' });
    await world.store.create(
      aPayment({ ...ref, operations: [hold], authorization_expires_at: hold.settled_at }),
    );
    await world.queue.deadLetter({ ...item, operation_id: hold.id }, 'expired');
    expect(await world.resolve(ref, hold.id, asSucceeded)).toMatchObject({ ok: false });
    expect(await world.queue.deadLetterCount()).toBe(1);
    expect(await world.resolve(ref, hold.id, asFailed)).toMatchObject({ ok: true });
    expect(await world.queue.deadLetterCount()).toBe(0);
  });

  it.each([
    ['charge.1', { ok: false }],
    ['cancel.3', { ok: true }],
  ])(
    'leaves nothing on the list of a challenge that a cancel has ended: %s',
    async (operationId, expected) => {
      const world = createWorld();
      const outcome = operationId === 'cancel.3' ? 'unknown' : 'succeeded';
      const dead_lettered_at = '2026-01-01T00:00:00.000Z';
      const challenge = anOperation({
        outcome: 'requires_action',
        next_action: aNextAction(),
        dead_lettered_at,
      });
      await world.store.create(
        aPayment({
          ...ref,
          operations: [challenge, anOperation({ id: 'cancel.3', kind: 'cancel', outcome })],
        }),
      );
      for (const operation_id of ['charge.1', operationId])
        await world.queue.deadLetter({ ...item, operation_id }, 'unsettled');
      expect(
        await world.resolve(ref, operationId, operationId === 'cancel.3' ? asSucceeded : asFailed),
      ).toMatchObject(expected);
      expect(await world.queue.deadLetterCount()).toBe(0);
    },
  );

  it('takes the dead letter off the list when it is asked again after a crash in between', async () => {
    const { world } = await unknown();
    const { dropDeadLetters } = world.queue;
    world.queue.dropDeadLetters = async () => {
      throw new UnavailableError('killed');
    };
    await expect(world.resolve(ref, 'charge.1', asFailed)).rejects.toThrow('killed');
    world.queue.dropDeadLetters = dropDeadLetters;
    expect(await world.resolve(ref, 'charge.1', asFailed)).toMatchObject({ ok: false });
    expect(await world.queue.deadLetterCount()).toBe(0);
  });
});
